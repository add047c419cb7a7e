//! A notice as a message (RFC 5322), signed where issues are.

use aws_lc_rs::digest::{SHA256, digest};
use lettre::message::Mailboxes;
use lettre::message::header::{self, Headers};

use crate::address::{EmailAddress, Mailbox};
use crate::mail::dkim::{Signed, Signer};
use crate::mail::head::{folded_names, lettre_mailbox, relaxed_in_order};
use crate::mail::message::{MessageError, Parcel, check_single};
use crate::mail::{quoted_printable, relaxed};
use crate::store::ledger::Claim;
use crate::store::notices::NoticeBody;

/// Prints notices: of one the same bytes, however often.
pub struct NoticePress {
    pub from: Mailbox,
    pub reply_to: Option<Mailbox>,
    /// Where messages come back to that could not be delivered.
    pub bounces: Option<EmailAddress>,
    pub signer: Option<Signer>,
}

/// In the order in which they are signed.
const NAMES: [&str; 11] = [
    "From",
    "Reply-To",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "MIME-Version",
    "Content-Type",
    "Auto-Submitted",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
];

impl NoticePress {
    /// The message of `body` to the reader of `claim`.
    ///
    /// # Errors
    ///
    /// Where what was frozen makes no lawful message.
    pub fn print(&self, body: &NoticeBody, claim: &Claim) -> Result<Parcel, MessageError> {
        let reader = &claim.reader;
        let to: EmailAddress = reader.rcpt.parse()?;
        // `=_` is in no quoted-printable text (RFC 2045 §6.7).
        let boundary = blake3::hash(reader.message_id.as_bytes()).to_hex();
        let boundary = format!("=_{}", &boundary[..24]);
        let head = self.head(body, (&to, &reader.message_id), &boundary);
        let text = text(body, &boundary);
        let mut bytes = self.signature(body, &head, &text)?;
        bytes.extend_from_slice(head.as_bytes());
        bytes.extend_from_slice(b"\r\n");
        bytes.extend_from_slice(&text);
        check_single(&bytes)?;
        Ok(Parcel {
            file_name: format!("{:06}-{to}.eml", claim.delivery),
            from: self
                .bounces
                .clone()
                .unwrap_or_else(|| self.from.address.clone()),
            to,
            bytes,
        })
    }

    fn head(
        &self,
        body: &NoticeBody,
        (to, message_id): (&EmailAddress, &str),
        boundary: &str,
    ) -> String {
        let mut headers = Headers::new();
        let mailboxes = |mailbox: &Mailbox| Mailboxes::from(lettre_mailbox(mailbox));
        headers.set(header::From::from(mailboxes(&self.from)));
        if let Some(reply_to) = &self.reply_to {
            headers.set(header::ReplyTo::from(mailboxes(reply_to)));
        }
        let to = Mailbox {
            name: None,
            address: to.clone(),
        };
        headers.set(header::To::from(mailboxes(&to)));
        headers.set(header::Subject::from(body.subject.to_string()));
        headers.set(header::Date::new(body.date.into()));
        headers.set(header::MIME_VERSION_1_0);
        // RFC 3834: no vacation answers it. RFC 8058: only where there is something to leave.
        let mut own = format!("Message-ID: {message_id}\r\nAuto-Submitted: auto-generated\r\n");
        if let Some(link) = &body.unsubscribe {
            own.push_str(&format!(
                "List-Unsubscribe: <{link}>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
            ));
        }
        format!(
            "{headers}{own}Content-Type: multipart/alternative;\r\n\tboundary=\"{boundary}\"\r\n"
        )
    }

    fn signature(
        &self,
        body: &NoticeBody,
        head: &str,
        text: &[u8],
    ) -> Result<Vec<u8>, MessageError> {
        let Some(signer) = &self.signer else {
            return Ok(vec![]);
        };
        let mut relaxed_text = vec![];
        relaxed::body(text, &mut relaxed_text);
        let mut body_hash = [0; 32];
        body_hash.copy_from_slice(digest(&SHA256, &relaxed_text).as_ref());
        let is_there =
            |name: &&str| relaxed::fields(head).any(|(known, _)| known.eq_ignore_ascii_case(name));
        // Each once more, so that nobody on the way can add a second one (RFC 6376 §8.15).
        let there = NAMES.iter().copied().filter(is_there);
        let names = folded_names(there.chain(NAMES));
        let signed = Signed {
            names: &names,
            headers: &relaxed_in_order(head, &NAMES),
            body_hash,
            at: body.date.timestamp(),
        };
        Ok(signer.sign(&signed)?.into_bytes())
    }
}

/// Both parts: plain text first, HTML last (RFC 2046 §5.1.4).
fn text(body: &NoticeBody, boundary: &str) -> Vec<u8> {
    let mut bytes = vec![];
    for (kind, part) in [("text/plain", &body.text), ("text/html", &body.html)] {
        let head = format!(
            "--{boundary}\r\nContent-Type: {kind}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
        );
        bytes.extend_from_slice(head.as_bytes());
        let part = part.trim_end();
        bytes.extend(quoted_printable::encode(&format!("{part}\n")));
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    bytes
}
