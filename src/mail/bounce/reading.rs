//! What one message of the bounce mailbox says.

use super::report::Recipient;
use super::status::Status;
use crate::subscriber::suppression::Finding;

/// What one message says.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Reading {
    pub kind: Kind,
    /// Whom it is about, as far as it says.
    pub recipients: Vec<Recipient>,
    /// The delivery whose return path it came to, or tells; only a good tag counts.
    pub delivery: Option<i64>,
    /// The token of somebody who asks to leave.
    #[serde(skip)]
    pub token: Option<String>,
}

/// What a message in the bounce mailbox is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// There is nobody at the address.
    Hard,
    /// It could not be delivered this time.
    Soft,
    /// The reader called it spam.
    Complaint,
    /// An absence notice, or another answer of a machine.
    AutoReply,
    /// The reader asks to leave.
    Unsubscribe,
    /// It is late, or has arrived: nothing is to be done.
    Notice,
    /// Something else, for a person to read.
    Letter,
}

impl Kind {
    /// The word that the store and the account use.
    pub fn word(self) -> &'static str {
        match self {
            Self::Hard => "hard",
            Self::Soft => "soft",
            Self::Complaint => "complaint",
            Self::AutoReply => "auto-reply",
            Self::Unsubscribe => "unsubscribe",
            Self::Notice => "notice",
            Self::Letter => "letter",
        }
    }
}

impl Reading {
    pub fn of(kind: Kind) -> Self {
        Self {
            kind,
            recipients: vec![],
            delivery: None,
            token: None,
        }
    }

    /// What servers said of recipients: hard where one address does not exist.
    pub fn of_recipients(recipients: Vec<Recipient>) -> Self {
        let judged = recipients.iter().map(kind);
        let kind = judged.min_by_key(|kind| *kind as u8);
        Self {
            recipients,
            ..Self::of(kind.unwrap_or(Kind::Letter))
        }
    }

    /// The cause of what it says: the status of the first recipient that failed.
    pub fn cause(&self) -> Option<Status> {
        let failed = self.recipients.iter().find(|one| kind(one) == self.kind);
        failed.and_then(cause)
    }

    /// What it says against the address that it names.
    pub fn finding(&self) -> Finding {
        match (self.kind, self.cause()) {
            (Kind::Hard, _) => Finding::NoSuchAddress,
            (Kind::Soft, Some(status))
                if status.is_permanent() && !status.is_about_the_message() =>
            {
                Finding::Refused
            }
            (Kind::Soft, _) => Finding::Returned,
            (Kind::Complaint, _) => Finding::Complaint,
            (Kind::AutoReply, _) => Finding::Arrived,
            (Kind::Unsubscribe | Kind::Notice | Kind::Letter, _) => Finding::Nothing,
        }
    }

    /// The words of the server that refused the first one.
    pub fn diagnostic(&self) -> &str {
        self.recipients
            .first()
            .map_or("", |recipient| &recipient.diagnostic)
    }
}

fn kind(recipient: &Recipient) -> Kind {
    match (recipient.action.as_str(), cause(recipient)) {
        ("delayed" | "delivered" | "relayed" | "expanded", _) => Kind::Notice,
        (_, Some(status)) if status.means_no_such_address() => Kind::Hard,
        _ => Kind::Soft,
    }
}

/// The status that is reported, or the one in the server's own words where that
/// says more: gateways write 5.0.0 beside `550 5.1.1 user unknown`.
fn cause(recipient: &Recipient) -> Option<Status> {
    let said = Status::find(&recipient.diagnostic);
    match recipient.status {
        Some(status) if status.is_specific() => Some(status),
        reported => said
            .filter(|said| said.is_specific() || reported.is_none())
            .or(reported),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(action: &str, status: &str, diagnostic: &str) -> (Kind, Option<String>) {
        let reading = Reading::of_recipients(vec![Recipient {
            address: "ada@example.org".into(),
            action: action.into(),
            status: status.parse().ok(),
            diagnostic: diagnostic.into(),
        }]);
        (
            reading.kind,
            reading.cause().map(|status| status.to_string()),
        )
    }

    #[test]
    fn only_an_address_that_is_none_is_a_hard_bounce() {
        for (action, status, diagnostic, kind, cause) in [
            ("failed", "5.1.1", "", Kind::Hard, Some("5.1.1")),
            ("failed", "5.1.10", "", Kind::Hard, Some("5.1.10")),
            (
                "failed",
                "5.0.0",
                "smtp; 550 5.1.1 unknown",
                Kind::Hard,
                Some("5.1.1"),
            ),
            (
                "failed",
                "",
                "550 5.1.2 no such host",
                Kind::Hard,
                Some("5.1.2"),
            ),
            ("failed", "5.2.2", "550 5.1.1", Kind::Soft, Some("5.2.2")),
            ("failed", "5.7.1", "", Kind::Soft, Some("5.7.1")),
            ("failed", "4.4.1", "", Kind::Soft, Some("4.4.1")),
            ("failed", "5.0.0", "550 no", Kind::Soft, Some("5.0.0")),
            ("delayed", "4.4.1", "", Kind::Notice, Some("4.4.1")),
            ("delivered", "2.0.0", "", Kind::Notice, Some("2.0.0")),
        ] {
            let expected = (kind, cause.map(str::to_owned));
            assert_eq!(
                reading(action, status, diagnostic),
                expected,
                "{status} {diagnostic}"
            );
        }
    }
}
