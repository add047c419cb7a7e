//! One message of the bounce mailbox, opened.

use mail_parser::{Message, MessageParser, MessagePart, MimeHeaders, PartType};

use crate::mail::relaxed;

/// The bytes of a message that are looked at: what comes behind is the copy of ours.
pub const LARGEST: usize = 256 * 1024;
/// Parts that are looked at, and how deep messages lie in messages.
const MOST_PARTS: usize = 50;
const DEEPEST: usize = 8;
/// What the names of mail servers hold.
const SENDERS: [&str; 6] = [
    "mailer-daemon",
    "mail delivery",
    "postmaster",
    "mail-daemon",
    "mailerdaemon",
    "mail administrator",
];
/// What the subjects of their notices hold.
const SUBJECTS: [&str; 16] = [
    "undeliver",
    "returned mail",
    "failure notice",
    "delivery fail",
    "failed delivery",
    "mail delivery",
    "delivery status",
    "delivery notification",
    "delivery problem",
    "delivery error",
    "delivery report",
    "could not be delivered",
    "not delivered",
    "mail error",
    "error delivering",
    "non remis",
];

/// A message as the readers of this room see it.
pub struct Returned {
    /// All of it, with CRLF at the end of each line.
    pub all: String,
    pub subject: String,
    /// What a person would read first.
    pub text: String,
    /// The parts with delivery reports (RFC 3464, RFC 6533).
    pub reports: Vec<String>,
    /// The parts with complaints (RFC 5965).
    pub complaints: Vec<String>,
    /// Names in lower case, values on one line.
    header: Vec<(String, String)>,
}

impl Returned {
    /// Opens `bytes`, or as much of them as is looked at. Nothing where there is no header.
    pub fn open(bytes: &[u8]) -> Option<Self> {
        let all = with_crlf(&bytes[..bytes.len().min(LARGEST)]);
        let message = MessageParser::default().parse(all.as_bytes())?;
        let text = message.body_text(0).map(|text| text.into_owned());
        let mut returned = Self {
            subject: one_line(message.subject().unwrap_or_default()),
            text: text.unwrap_or_default(),
            header: header(&all),
            reports: vec![],
            complaints: vec![],
            all: String::new(),
        };
        // What a person sends on is not theirs to report.
        let reports = returned.is_report() || returned.is_from_a_server();
        let depth = if reports { DEEPEST } else { 0 };
        returned.reports = parts(
            &message,
            &["delivery-status", "global-delivery-status"],
            depth,
        );
        returned.complaints = parts(&message, &["feedback-report"], depth);
        drop(message);
        returned.all = all;
        Some(returned)
    }

    /// Every value of the field `name`, which is in lower case.
    pub fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        let fields = self.header.iter().filter(move |(known, _)| known == name);
        fields.map(|(_, value)| value.as_str())
    }

    /// The first value of the field `name`; empty where there is none.
    pub fn value(&self, name: &str) -> &str {
        self.values(name).next().unwrap_or_default()
    }

    /// Whether its sender or its subject is that of a mail server.
    pub fn is_from_a_server(&self) -> bool {
        let from = self.value("from").to_lowercase();
        let subject = self.subject.to_lowercase();
        let has = |text: &str, words: &[&str]| words.iter().any(|word| text.contains(word));
        has(&from, &SENDERS) || has(&subject, &SUBJECTS)
    }

    /// Whether it says of itself to be a report.
    pub fn is_report(&self) -> bool {
        self.value("content-type")
            .to_ascii_lowercase()
            .starts_with("multipart/report")
    }
}

/// Line breaks of every kind as CRLF, what is no UTF-8 replaced.
fn with_crlf(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim_start_matches('\u{feff}');
    // A line of an mbox file before the header.
    let text = match text.strip_prefix("From ") {
        Some(rest) => rest.split_once(['\n', '\r']).map_or("", |(_, rest)| rest),
        None => text,
    };
    text.replace("\r\n", "\n")
        .replace('\r', "\n")
        .replace('\n', "\r\n")
}

fn header(all: &str) -> Vec<(String, String)> {
    let end = all.find("\r\n\r\n").map_or(all.len(), |at| at + 2);
    let fields = relaxed::fields(&all[..end]);
    fields
        .map(|(name, value)| (name.trim().to_ascii_lowercase(), one_line(value)))
        .collect()
}

fn one_line(value: &str) -> String {
    value.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The text of each part of the type `message/<kind>`, one of `kinds`, in the
/// message and in those that lie in it, as deep as that.
fn parts(message: &Message<'_>, kinds: &[&str], depth: usize) -> Vec<String> {
    let mut found = vec![];
    collect(message, kinds, depth, &mut found);
    found
}

fn collect(message: &Message<'_>, kinds: &[&str], deeper: usize, found: &mut Vec<String>) {
    let is_wanted = |part: &MessagePart<'_>| {
        part.content_type().is_some_and(|kind| {
            let subtype = kind.subtype().unwrap_or_default();
            kind.ctype().eq_ignore_ascii_case("message")
                && kinds
                    .iter()
                    .any(|known| subtype.eq_ignore_ascii_case(known))
        })
    };
    for part in message.parts.iter().take(MOST_PARTS) {
        if found.len() >= MOST_PARTS {
            return;
        }
        if is_wanted(part) {
            found.push(content(part));
        } else if let PartType::Message(inner) = &part.body
            && deeper > 0
        {
            collect(inner, kinds, deeper - 1, found);
        }
    }
}

fn content(part: &MessagePart<'_>) -> String {
    match &part.body {
        PartType::Text(text) | PartType::Html(text) => text.to_string(),
        PartType::Binary(bytes) | PartType::InlineBinary(bytes) => {
            String::from_utf8_lossy(bytes).into_owned()
        }
        PartType::Message(message) => String::from_utf8_lossy(message.raw_message()).into_owned(),
        PartType::Multipart(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The parser asserted what this one does not keep to: a message inside a part
    /// ends with the boundary of the parts around it.
    #[test]
    fn a_complaint_whose_parts_are_torn_is_read_as_far_as_it_goes() {
        let torn = "From: fbl@example.net\nContent-Type: multipart/report; \
            report-type=feedback-report; boundary=\"b\"\n\n--b\nContent-Type: message/feedback-report\n\n\
            Feedback-Type: abuse\n\n--b\nContent-Type: message/rfc822\nb\nSubject: x\n\n--b\n\
            Content-Type: message/rfc822\n\nReturn-Path: <bounce@example.org>\n\n--b--\n";
        let returned = Returned::open(torn.as_bytes()).expect("it has a header");
        assert_eq!(returned.complaints.len(), 1, "{:?}", returned.complaints);
    }
}
