//! What a rule says of itself, and where one is broken.

use serde::Serialize;

/// How much a broken rule matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Some readers lose something, or show it wrongly; or the standard says MUST.
    Error,
    /// It works, and would be better otherwise.
    Warning,
}

impl Severity {
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// A rule, in the words of the one who has to keep it.
#[derive(Debug, PartialEq, Eq)]
pub struct About {
    /// Short, and never changed: `atom/duplicate-id`.
    pub id: &'static str,
    pub severity: Severity,
    /// The rule in one sentence.
    pub rule: &'static str,
    /// What becomes of it in which readers.
    pub breaks: &'static str,
    pub mend: &'static str,
    /// Where it is written.
    pub source: &'static str,
}

/// A family of rules as a closed enum, one row a rule: name, severity, id, the
/// rule, what breaks, how to mend it, source.
macro_rules! rules {
    ($family:ident $( $name:ident $severity:ident $id:literal $rule:literal $breaks:literal $mend:literal $source:literal )*) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $family { $($name),* }

        impl $family {
            pub const ALL: &[Self] = &[$(Self::$name),*];

            pub fn about(self) -> &'static About {
                match self {
                    $(Self::$name => &About {
                        id: $id,
                        severity: Severity::$severity,
                        rule: $rule,
                        breaks: $breaks,
                        mend: $mend,
                        source: $source,
                    }),*
                }
            }

            /// This rule is broken at the byte `at` of the document, as `says` tells.
            pub fn at(self, at: usize, says: impl Into<String>) -> Found {
                Found { about: self.about(), at: Some(at), says: says.into() }
            }

            /// This rule is broken by the whole.
            pub fn of_all(self, says: impl Into<String>) -> Found {
                Found { about: self.about(), at: None, says: says.into() }
            }
        }
    };
}
pub(super) use rules;

/// A rule is broken at a byte of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub about: &'static About,
    pub at: Option<usize>,
    /// What is wrong here, without a full stop.
    pub says: String,
}

/// A broken rule, for people and programs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    #[serde(rename = "rule", serialize_with = "id")]
    pub about: &'static About,
    pub severity: Severity,
    /// A file or an address.
    pub place: String,
    /// From 1; none where the whole is meant.
    pub line: Option<usize>,
    /// In characters, from 1.
    pub column: Option<usize>,
    pub says: String,
}

fn id<S: serde::Serializer>(about: &&'static About, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(about.id)
}

/// What was found in `text`, known as `place`, in the order of its lines.
pub fn placed(mut found: Vec<Found>, place: &str, text: &str) -> Vec<Finding> {
    found.sort_by_key(|found| found.at);
    let (mut line, mut column, mut read) = (1, 1, 0);
    let findings = found.into_iter().map(|found| {
        let end = found.at.unwrap_or(0).min(text.len());
        for c in text.get(read..end).unwrap_or_default().chars() {
            (line, column) = if c == '\n' {
                (line + 1, 1)
            } else {
                (line, column + 1)
            };
        }
        read = read.max(end);
        let at = found.at.map(|_| (line, column));
        Finding {
            about: found.about,
            severity: found.about.severity,
            place: place.to_owned(),
            line: at.map(|(line, _)| line),
            column: at.map(|(_, column)| column),
            says: found.says,
        }
    });
    findings.collect()
}
