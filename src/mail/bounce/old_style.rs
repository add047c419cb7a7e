//! Bounces of servers that write no report: words, an address and a code.

use super::report::Recipient;
use super::returned::Returned;
use super::status::Status;
use crate::address::EmailAddress;

/// Where the copy of what was sent begins.
const COPIES: [&str; 19] = [
    "message headers follow",
    "original message:",
    "returned message ---",
    "copy of the message",
    "copy of your message",
    "original message follows",
    "original message header",
    "original message headers",
    "unsent message follows",
    "message header follows",
    "returned message follows",
    "undelivered message follows",
    "your original message",
    "text of your message",
    "--- original message",
    "message text follows",
    "your message was:",
    "returned content",
    "bounced e-mail",
];

/// Words of servers, and the status that they mean.
const WORDS: [(&str, &str); 30] = [
    ("user unknown", "5.1.1"),
    ("unknown user", "5.1.1"),
    ("no such user", "5.1.1"),
    ("no such address", "5.1.1"),
    ("no such recipient", "5.1.1"),
    ("unknown recipient", "5.1.1"),
    ("recipient unknown", "5.1.1"),
    ("unknown address", "5.1.1"),
    ("unknown local-part", "5.1.1"),
    ("user not found", "5.1.1"),
    ("no mailbox here by that name", "5.1.1"),
    ("mailbox does not exist", "5.1.1"),
    ("does not exist", "5.1.1"),
    ("doesn't exist", "5.1.1"),
    ("invalid recipient", "5.1.1"),
    ("not listed in", "5.1.1"),
    ("name is not recognized", "5.1.1"),
    ("no valid recipients", "5.1.1"),
    ("invalid user address", "5.1.1"),
    ("user doesn't have a", "5.1.1"),
    ("exceeded the local limit", "5.2.2"),
    ("size limit exceeded", "5.3.4"),
    ("host unknown", "5.1.2"),
    ("unknown host", "5.1.2"),
    ("unrouteable mail domain", "5.1.2"),
    ("mailbox full", "5.2.2"),
    ("mailbox is full", "5.2.2"),
    ("over quota", "5.2.2"),
    ("quota exceeded", "5.2.2"),
    ("exceeded storage", "5.2.2"),
];

/// Words of servers that say that something came back, and not why.
const UNDELIVERED: [&str; 12] = [
    "not delivered",
    "not be delivered",
    "undeliver",
    "unable to deliver",
    "unable to be delivered",
    "did not reach",
    "was rejected",
    "been rejected",
    "delivery problems",
    "delivery errors",
    "delivery failed",
    "failure reasons",
];

/// The recipient whom a bounce without a report is about. Nothing where `mail`
/// does not come from a mail server, or holds neither a code nor words that are
/// known: a letter of a person is never taken for one, and what calls itself an
/// answer needs a code.
pub fn recipient(mail: &Returned) -> Option<Recipient> {
    let failed = mail.value("x-failed-recipients");
    if failed.is_empty() && !mail.is_from_a_server() {
        return None;
    }
    let notice = notice(&mail.text);
    let answers = mail.value("auto-submitted").starts_with("auto-replied");
    let status = status(notice, answers);
    let lower = notice.to_lowercase();
    let undelivered = !answers && UNDELIVERED.iter().any(|words| lower.contains(words));
    if status.is_none() && failed.is_empty() && !undelivered {
        return None;
    }
    let address = if failed.is_empty() {
        first_address(mail, notice)?
    } else {
        failed.split([',', ' ']).next()?.to_owned()
    };
    Some(Recipient {
        diagnostic: line_with_status(notice),
        action: "failed".to_owned(),
        status,
        address,
    })
}

/// The words of the server, without the copy of the message.
fn notice(text: &str) -> &str {
    let mut begin = 0;
    for line in text.split_inclusive('\n') {
        let lower = line.to_lowercase();
        let is_header = ["received:", "return-path:"]
            .iter()
            .any(|name| lower.starts_with(name));
        if begin > 0 && (is_header || COPIES.iter().any(|copy| lower.contains(copy))) {
            break;
        }
        begin += line.len();
    }
    &text[..begin]
}

/// A code that says what is wrong, else words that do, else any code. Words alone
/// do not count where a code is needed.
fn status(notice: &str, needs_code: bool) -> Option<Status> {
    let coded = Status::find(notice);
    if coded.is_some_and(Status::is_specific) {
        return coded;
    }
    known_words(notice)
        .filter(|_| coded.is_some() || !needs_code)
        .or(coded)
}

fn known_words(notice: &str) -> Option<Status> {
    let lower = notice.to_lowercase();
    let known = WORDS.iter().find(|(words, _)| lower.contains(words));
    known.and_then(|(_, status)| status.parse().ok())
}

fn line_with_status(notice: &str) -> String {
    let mut lines = notice.lines().map(str::trim);
    let line = lines.find(|line| Status::find(line).is_some());
    line.unwrap_or_default().chars().take(300).collect()
}

/// The first address that is not the sender's or the reader's of this very mail.
fn first_address(mail: &Returned, notice: &str) -> Option<String> {
    let own: Vec<String> = ["to", "from", "cc", "reply-to", "delivered-to"]
        .iter()
        .flat_map(|name| mail.values(name))
        .map(str::to_lowercase)
        .collect();
    let part_of_address =
        |c: char| c.is_ascii_alphanumeric() || "@.!#$%&'*+-/=?^_`{|}~".contains(c);
    let words = notice.split(|c| !part_of_address(c));
    let addresses = words.filter_map(|word| {
        let word = word.trim_matches(['.', '\'', '=', '-', '/']);
        word.contains('@').then_some(())?;
        word.parse::<EmailAddress>().ok()
    });
    let is_other = |address: &EmailAddress| {
        let address = address.as_str().to_lowercase();
        !own.iter().any(|known| known.contains(&address))
            && !address.starts_with("postmaster@")
            && !address.starts_with("mailer-daemon@")
    };
    let mut others = addresses.filter(is_other);
    others.next().map(|address| address.to_string())
}
