//! One thing about an installation: what was looked at, how it stands, what to do.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

/// One thing about an installation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Point {
    pub area: Area,
    /// Short, and never changed: `spf`, `dkim letter2026`.
    pub name: String,
    pub verdict: Verdict,
    /// How it stands, in one sentence without a full stop.
    pub said: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

/// The parts of an installation, in the order in which they are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Area {
    Files,
    Store,
    Machine,
    Posts,
    Templates,
    Newsletter,
    Mail,
    Dns,
    Web,
}

/// How something stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    Right,
    /// It works, and would be better otherwise.
    Warning,
    Wrong,
    /// It could not be looked at from here.
    Unknown,
}

impl Area {
    pub const ALL: [Self; 9] = [
        Self::Files,
        Self::Store,
        Self::Machine,
        Self::Posts,
        Self::Templates,
        Self::Newsletter,
        Self::Mail,
        Self::Dns,
        Self::Web,
    ];

    pub fn word(self) -> &'static str {
        match self {
            Self::Files => "files",
            Self::Store => "store",
            Self::Machine => "machine",
            Self::Posts => "posts",
            Self::Templates => "templates",
            Self::Newsletter => "newsletter",
            Self::Mail => "mail",
            Self::Dns => "dns",
            Self::Web => "web",
        }
    }

    /// Whether somebody else has to be asked over a network.
    pub fn is_elsewhere(self) -> bool {
        matches!(self, Self::Mail | Self::Dns | Self::Web)
    }

    pub fn right(self, name: impl Into<String>, said: impl Into<String>) -> Point {
        self.point(name.into(), Verdict::Right, said.into(), None)
    }

    pub fn warning(
        self,
        name: impl Into<String>,
        said: impl Into<String>,
        help: impl Into<String>,
    ) -> Point {
        self.point(
            name.into(),
            Verdict::Warning,
            said.into(),
            Some(help.into()),
        )
    }

    pub fn wrong(
        self,
        name: impl Into<String>,
        said: impl Into<String>,
        help: impl Into<String>,
    ) -> Point {
        self.point(name.into(), Verdict::Wrong, said.into(), Some(help.into()))
    }

    pub fn unknown(
        self,
        name: impl Into<String>,
        said: impl Into<String>,
        help: impl Into<String>,
    ) -> Point {
        self.point(
            name.into(),
            Verdict::Unknown,
            said.into(),
            Some(help.into()),
        )
    }

    fn point(self, name: String, verdict: Verdict, said: String, help: Option<String>) -> Point {
        Point {
            area: self,
            name,
            verdict,
            said,
            help,
        }
    }
}

impl FromStr for Area {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let known = Self::ALL.into_iter().find(|area| area.word() == word);
        known.ok_or_else(|| {
            let words = Self::ALL.map(Self::word).join(", ");
            format!("the parts of an installation are {words}")
        })
    }
}

impl Verdict {
    pub fn word(self) -> &'static str {
        match self {
            Self::Right => "right",
            Self::Warning => "warning",
            Self::Wrong => "wrong",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Area {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
