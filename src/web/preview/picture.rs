//! What the page shows: one message to one reader, and what there is to say of it.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// For whom, and for which day, the issue is to be shown.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Scene {
    /// A tag like `fr`; the site's own language where there is none.
    pub language: Option<String>,
    /// Of an invented reader.
    pub name: Option<String>,
    /// The number of a real one, whose name and language are taken.
    pub subscriber: Option<i64>,
    /// The cities that an invented reader chose, with commas between them.
    pub cities: Option<String>,
    /// As if it were this day.
    pub day: Option<NaiveDate>,
    /// Posts that come first, a path a line, in the place of what the note says.
    pub pin: Option<String>,
    /// Posts that wait, a path a line, in the place of what the note says.
    pub hold: Option<String>,
    /// The issue that is planned, as it was frozen, and not the one that would be planned now.
    #[serde(default)]
    pub planned: bool,
}

impl Scene {
    /// The posts that come first and those that wait, where the editor tries that.
    pub fn order(&self) -> Option<(Vec<String>, Vec<String>)> {
        let paths = |text: &Option<String>| -> Vec<String> {
            let lines = text.as_deref().unwrap_or_default().lines();
            lines.map(str::to_owned).collect()
        };
        let is_tried = self.pin.is_some() || self.hold.is_some();
        is_tried.then(|| (paths(&self.pin), paths(&self.hold)))
    }
}

/// One message, as it would leave, and what is said beside it.
#[derive(Debug, Clone, Serialize)]
pub struct Picture {
    /// What names its files: the same for the same bytes.
    pub id: String,
    pub issue: u32,
    pub title: String,
    pub from: String,
    pub to: String,
    pub subject: String,
    /// What inboxes show beside the subject.
    pub preheader: String,
    pub language: String,
    /// Every language that there are words for, the site's own first.
    pub languages: Vec<LanguageName>,
    /// The cities that this reader chose, where that makes a difference.
    pub cities: String,
    pub html_bytes: usize,
    pub message_bytes: usize,
    #[serde(skip)]
    pub html: String,
    /// The page of the issue on the web; empty where issues have none.
    #[serde(skip)]
    pub page: String,
    /// Whether there is one.
    pub has_page: bool,
    pub text: String,
    /// The issue that was sent last.
    pub last: Option<LastIssue>,
    /// The number of the issue that is planned, where one is.
    pub planned: Option<u32>,
    /// The whole message with its headers.
    pub raw: String,
    pub posts: Vec<PostLine>,
    pub findings: Vec<FindingLine>,
    pub unsupported: Vec<UnsupportedLine>,
}

/// The text part of another issue, to be compared with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LastIssue {
    pub issue: u32,
    pub text: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LanguageName {
    pub tag: String,
    pub name: String,
}

/// A post, whether it is in, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PostLine {
    pub title: String,
    pub path: String,
    pub day: String,
    #[serde(rename = "in")]
    pub is_in: bool,
    /// Whether an editor's note can pin it or hold it back.
    pub movable: bool,
    /// Whether one holds it back.
    pub held: bool,
    pub why: String,
}

/// Something to be mended, in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FindingLine {
    pub rule: String,
    /// `error` or `warning`.
    pub severity: &'static str,
    pub says: String,
    /// File and line, where there is one.
    pub place: Option<String>,
    pub mend: String,
}

/// What some mail programs do not show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnsupportedLine {
    pub what: String,
    pub programs: &'static str,
    /// The address of a page that says more.
    pub page: String,
    pub place: Option<String>,
}

/// Why there is no picture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Trouble {
    pub message: String,
    /// The message with its excerpt and remedy, as a terminal shows it.
    pub drawn: String,
}

impl Picture {
    /// The picture with the name that follows from its bytes.
    pub fn named(mut self) -> Self {
        let parts = [&self.raw, &self.html, &self.page].map(|part| part.as_bytes());
        let hash = blake3::hash(&parts.concat());
        self.id = hash.to_hex()[..16].to_owned();
        self
    }
}
