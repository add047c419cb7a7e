//! What a list can tell of somebody.

/// What a column can tell of somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    Email,
    Name,
    FirstName,
    LastName,
    Language,
    Cities,
    /// `express`, `implied until DAY`, `pending`, `withdrawn`, or how they agreed.
    Consent,
    /// What an implied consent rests on, and the day of that.
    Basis,
    Since,
    /// By which way they agreed, when, in which words.
    Way,
    Given,
    Evidence,
    Wording,
    WordingLanguage,
    Page,
    Ip,
    EnteredBy,
    /// When they asked, and when they confirmed.
    Asked,
    Confirmed,
    /// What another service calls them: `unsubscribed`, `enabled`.
    Status,
    /// Yes where they get nothing; no where they get nothing.
    Disabled,
    Enabled,
    /// Filled where they left; where mail to them came back.
    Left,
    Bounced,
    /// Why the address is not written to.
    Suppressed,
    Paused,
}

/// How many there are.
pub const FIELDS: usize = 26;

/// The names of the fields, as `--map` and our own files call them.
pub const NAMES: [(&str, Field); FIELDS] = [
    ("email", Field::Email),
    ("name", Field::Name),
    ("first_name", Field::FirstName),
    ("last_name", Field::LastName),
    ("language", Field::Language),
    ("cities", Field::Cities),
    ("consent", Field::Consent),
    ("basis", Field::Basis),
    ("since", Field::Since),
    ("way", Field::Way),
    ("given", Field::Given),
    ("evidence", Field::Evidence),
    ("wording", Field::Wording),
    ("wording_language", Field::WordingLanguage),
    ("page", Field::Page),
    ("ip", Field::Ip),
    ("entered_by", Field::EnteredBy),
    ("asked", Field::Asked),
    ("confirmed", Field::Confirmed),
    ("status", Field::Status),
    ("disabled", Field::Disabled),
    ("enabled", Field::Enabled),
    ("left", Field::Left),
    ("bounced", Field::Bounced),
    ("suppressed", Field::Suppressed),
    ("paused", Field::Paused),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_has_its_name_and_its_place() {
        for (at, (name, field)) in NAMES.iter().enumerate() {
            assert_eq!(*field as usize, at, "{name}");
        }
    }
}
