//! What can be shown when somebody asks why they are written to.

use std::net::IpAddr;

use chrono::{DateTime, Utc};

use super::consent::Consent;
use crate::language::Language;

/// What somebody did about their subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Act {
    /// Gave an address, and was asked to confirm it.
    Asked,
    /// Answered that question with a yes.
    Confirmed,
    /// Agreed in a way that needs no answer, or did what a consent is implied by.
    Agreed,
    /// Left.
    Withdrew,
    /// Called it spam: left, too.
    Complained,
    /// Chose a language, or cities.
    Preferred,
    /// Wants nothing for a while.
    Paused,
    /// Wants the issues again.
    Resumed,
    /// Was asked for an express consent, by mail, before the implied one ran out.
    Reminded,
    /// What an older courrier, or another program, wrote down of them.
    Noted,
}

/// By which way it came to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// A form on a page.
    Form,
    /// The link of a mail, or an answer to one.
    Mail,
    /// One click in the reader's mail program (RFC 8058).
    OneClick,
    /// A list that another program kept.
    Import,
    /// A list on paper.
    Paper,
    /// By word of mouth, at a meeting.
    Meeting,
    /// While buying something.
    Purchase,
    Phone,
    /// Something else, which the words tell.
    Other,
    /// Nobody said.
    Unstated,
}

/// What a person read as they agreed, to the letter.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Wording {
    pub language: Language,
    pub words: String,
}

/// What can be shown of one act (CASL s. 13: the burden of proof is the sender's).
///
/// Nothing in it can disguise itself on a terminal or in a log.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Evidence {
    way: Way,
    words: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    given: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    wording: Option<Wording>,
    #[serde(skip_serializing_if = "Option::is_none")]
    page: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ip: Option<IpAddr>,
    #[serde(skip_serializing_if = "Option::is_none")]
    entered_by: Option<String>,
}

/// One line of the ledger of consent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// When it was written down.
    pub at: DateTime<Utc>,
    pub act: Act,
    /// The consent that stands since then.
    pub consent: Consent,
    pub evidence: Evidence,
    /// What followed from it, where somebody left.
    pub done: Option<String>,
}

/// Characters of a text that is kept: no form fills the disk.
const LONGEST: usize = 2_000;

impl Evidence {
    /// An act that came by `way`, in words for a person.
    pub fn new(way: Way, words: &str) -> Self {
        Self {
            way,
            words: one_line(words),
            given: None,
            wording: None,
            page: None,
            ip: None,
            entered_by: None,
        }
    }

    /// When the person did it, where that is not when it is written down.
    pub fn given(self, given: Option<DateTime<Utc>>) -> Self {
        Self { given, ..self }
    }

    /// What the person read as they did it.
    pub fn shown(self, language: Language, words: &str) -> Self {
        let words = words.lines().map(one_line).collect::<Vec<_>>().join("\n");
        Self {
            wording: Some(Wording { language, words }),
            ..self
        }
    }

    /// The address of the page on which they did it.
    pub fn on_page(self, page: &str) -> Self {
        let page = Some(one_line(page)).filter(|page| !page.is_empty());
        Self { page, ..self }
    }

    /// From where they did it. Only where the settings say that this is kept.
    pub fn from_ip(self, ip: Option<IpAddr>) -> Self {
        Self { ip, ..self }
    }

    /// Who wrote it down, where it was not the person's own act alone.
    pub fn entered_by(self, who: &str) -> Self {
        let entered_by = Some(one_line(who)).filter(|who| !who.is_empty());
        Self { entered_by, ..self }
    }

    pub fn way(&self) -> Way {
        self.way
    }

    pub fn words(&self) -> &str {
        &self.words
    }

    pub fn given_at(&self) -> Option<DateTime<Utc>> {
        self.given
    }

    pub fn wording(&self) -> Option<&Wording> {
        self.wording.as_ref()
    }

    pub fn page(&self) -> Option<&str> {
        self.page.as_deref()
    }

    pub fn ip(&self) -> Option<IpAddr> {
        self.ip
    }

    pub fn writer(&self) -> Option<&str> {
        self.entered_by.as_deref()
    }
}

/// The text without what controls a terminal, and without end.
fn one_line(text: &str) -> String {
    let visible = |c: char| if c.is_control() { ' ' } else { c };
    let hidden = |c: &char| !matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}');
    let kept: String = text
        .chars()
        .filter(hidden)
        .map(visible)
        .take(LONGEST)
        .collect();
    kept.trim().to_owned()
}

impl Act {
    /// The word that the store uses.
    pub fn word(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Confirmed => "confirmed",
            Self::Agreed => "agreed",
            Self::Withdrew => "withdrew",
            Self::Complained => "complained",
            Self::Preferred => "preferred",
            Self::Paused => "paused",
            Self::Resumed => "resumed",
            Self::Reminded => "reminded",
            Self::Noted => "noted",
        }
    }

    pub fn from_word(word: &str) -> Option<Self> {
        const ALL: [Act; 10] = [
            Act::Asked,
            Act::Confirmed,
            Act::Agreed,
            Act::Withdrew,
            Act::Complained,
            Act::Preferred,
            Act::Paused,
            Act::Resumed,
            Act::Reminded,
            Act::Noted,
        ];
        ALL.into_iter().find(|act| act.word() == word)
    }
}

impl Way {
    pub const ALL: [Self; 10] = [
        Self::Form,
        Self::Mail,
        Self::OneClick,
        Self::Import,
        Self::Paper,
        Self::Meeting,
        Self::Purchase,
        Self::Phone,
        Self::Other,
        Self::Unstated,
    ];

    /// The word that the store and the command line use.
    pub fn word(self) -> &'static str {
        match self {
            Self::Form => "form",
            Self::Mail => "mail",
            Self::OneClick => "one-click",
            Self::Import => "import",
            Self::Paper => "paper",
            Self::Meeting => "meeting",
            Self::Purchase => "purchase",
            Self::Phone => "phone",
            Self::Other => "other",
            Self::Unstated => "unstated",
        }
    }

    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.word() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_evidence_can_disguise_itself() {
        let evidence = Evidence::new(Way::Form, " a\u{1b}[2Jb\r\nc\u{202e}d ")
            .on_page("https://example.org/\n")
            .shown(Language::english(), "One\nTwo\u{7}");

        assert_eq!(evidence.words(), "a [2Jb  cd");
        assert_eq!(evidence.page(), Some("https://example.org/"));
        let words = evidence.wording().map(|wording| wording.words.as_str());
        assert_eq!(words, Some("One\nTwo"));
        assert!(Evidence::new(Way::Form, &"x".repeat(9_999)).words().len() <= LONGEST);
    }

    #[test]
    fn every_way_is_known_by_its_word() {
        for way in Way::ALL {
            assert_eq!(Way::from_word(way.word()), Some(way));
        }
        assert_eq!(Act::from_word("reminded"), Some(Act::Reminded));
        assert_eq!(Act::from_word("guessed"), None);
    }
}
