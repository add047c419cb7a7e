//! The services whose exports are known, by the names of their columns.

use super::field::{Field, NAMES};

/// Whose file it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// Our own, or one that a person made.
    Own,
    Mailchimp,
    Listmonk,
    Substack,
    Ghost,
    Buttondown,
}

/// Names that people give to columns.
const COMMON: &[(&str, Field)] = &[
    ("e-mail", Field::Email),
    ("email_address", Field::Email),
    ("email address", Field::Email),
    ("e-mail address", Field::Email),
    ("mail", Field::Email),
    ("courriel", Field::Email),
    ("adresse courriel", Field::Email),
    ("nom", Field::Name),
    ("full name", Field::Name),
    ("first name", Field::FirstName),
    ("prénom", Field::FirstName),
    ("last name", Field::LastName),
    ("lang", Field::Language),
    ("locale", Field::Language),
    ("langue", Field::Language),
    ("city", Field::Cities),
    ("ville", Field::Cities),
    ("villes", Field::Cities),
];

/// What somebody may add to a list of any service, by our own names: how they agreed,
/// and what speaks against writing to them.
const ADDED: [Field; 17] = [
    Field::Consent,
    Field::Basis,
    Field::Since,
    Field::Way,
    Field::Given,
    Field::Evidence,
    Field::Wording,
    Field::WordingLanguage,
    Field::Page,
    Field::Ip,
    Field::EnteredBy,
    Field::Language,
    Field::Cities,
    Field::Left,
    Field::Bounced,
    Field::Suppressed,
    Field::Paused,
];

/// A time in OPTIN_TIME is that of a form: whom somebody else added has only one in
/// CONFIRM_TIME.
const MAILCHIMP: &[(&str, Field)] = &[
    ("email address", Field::Email),
    ("first name", Field::FirstName),
    ("last name", Field::LastName),
    ("status", Field::Status),
    ("optin_time", Field::Asked),
    ("confirm_time", Field::Confirmed),
    ("confirm_ip", Field::Ip),
    ("unsub_time", Field::Left),
    ("clean_time", Field::Bounced),
    ("language", Field::Language),
];

const LISTMONK: &[(&str, Field)] = &[
    ("email", Field::Email),
    ("name", Field::Name),
    ("status", Field::Status),
];

const SUBSTACK: &[(&str, Field)] = &[
    ("email", Field::Email),
    ("name", Field::Name),
    ("email_disabled", Field::Disabled),
];

const GHOST: &[(&str, Field)] = &[
    ("email", Field::Email),
    ("name", Field::Name),
    ("subscribed_to_emails", Field::Enabled),
    ("deleted_at", Field::Left),
];

const BUTTONDOWN: &[(&str, Field)] = &[
    ("email", Field::Email),
    ("email_address", Field::Email),
    ("type", Field::Status),
    ("subscriber_type", Field::Status),
    ("ip_address", Field::Ip),
    ("unsubscription_date", Field::Left),
    ("undeliverability_date", Field::Bounced),
];

impl Service {
    /// Whose file has these columns.
    pub fn of(headers: &[&str]) -> Self {
        let has = |name: &str| {
            headers
                .iter()
                .any(|header| header.eq_ignore_ascii_case(name))
        };
        if has("Email Address") && ["LEID", "EUID", "OPTIN_TIME"].into_iter().any(has) {
            Self::Mailchimp
        } else if has("uuid") && has("attributes") {
            Self::Listmonk
        } else if has("active_subscription") {
            Self::Substack
        } else if has("subscribed_to_emails") {
            Self::Ghost
        } else if has("creation_date") && (has("type") || has("subscriber_type")) {
            Self::Buttondown
        } else {
            Self::Own
        }
    }

    /// What the column `header` tells in a file of this service.
    pub fn field(self, header: &str) -> Option<Field> {
        let header = header.to_lowercase();
        let find = |names: &[(&str, Field)]| {
            let named = names.iter().find(|(name, _)| *name == header);
            named.map(|(_, field)| *field)
        };
        let named = match self {
            Self::Own => return find(&NAMES).or_else(|| find(COMMON)),
            Self::Mailchimp => find(MAILCHIMP),
            Self::Listmonk => find(LISTMONK),
            Self::Substack => find(SUBSTACK),
            Self::Ghost => find(GHOST),
            Self::Buttondown => find(BUTTONDOWN),
        };
        named.or_else(|| find(&NAMES).filter(|field| ADDED.contains(field)))
    }

    /// What it is called, where it is somebody else's.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::Own => None,
            Self::Mailchimp => Some("Mailchimp"),
            Self::Listmonk => Some("listmonk"),
            Self::Substack => Some("Substack"),
            Self::Ghost => Some("Ghost"),
            Self::Buttondown => Some("Buttondown"),
        }
    }
}
