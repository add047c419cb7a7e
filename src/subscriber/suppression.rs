//! Addresses that are not written to any more, whatever their consent.

/// Why an address is not written to any more. Only a new act of its holder ends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Suppression {
    /// There is nobody at it.
    HardBounce,
    /// Messages came back again and again.
    Bounces,
    /// Its holder called the newsletter spam.
    Complaint,
}

/// What a returned message, or a server's refusal, says against an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finding {
    NoSuchAddress,
    /// It was refused for good, this time: it counts.
    Refused,
    Complaint,
    /// It came back, which says nothing about the address.
    Returned,
    /// It arrived: a machine or a person answered.
    Arrived,
    Nothing,
}

impl Suppression {
    /// The word that the store uses.
    pub fn word(self) -> &'static str {
        match self {
            Self::HardBounce => "hard bounce",
            Self::Bounces => "bounces",
            Self::Complaint => "complaint",
        }
    }

    pub fn from_word(word: &str) -> Option<Self> {
        let all = [Self::HardBounce, Self::Bounces, Self::Complaint];
        all.into_iter().find(|reason| reason.word() == word)
    }
}
