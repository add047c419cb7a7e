//! What keeps a server from taking any mail at all.

use std::fmt;

use crate::store::ledger::{Phase, Why};

/// Something wrong with the server or with us: no reader is to blame, no attempt is counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    pub kind: Kind,
    pub why: Why,
}

/// What a trouble means for the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// No connection at all.
    Unreachable,
    /// It may pass by itself: the next run tries again.
    Passing,
    /// It does not pass by itself: a person must look.
    Lasting,
    /// Our own disk or store failed.
    Storage,
}

impl Trouble {
    pub fn unreachable(text: String) -> Self {
        Self::new(Kind::Unreachable, Phase::Connect, text)
    }

    pub fn passing(phase: Phase, text: String) -> Self {
        Self::new(Kind::Passing, phase, text)
    }

    pub fn lasting(phase: Phase, text: impl fmt::Display) -> Self {
        Self::new(Kind::Lasting, phase, text.to_string())
    }

    pub fn storage(text: impl fmt::Display) -> Self {
        Self::new(Kind::Storage, Phase::Build, text.to_string())
    }

    /// A reply that is not the one that was needed: 5xx lasts, all else may pass.
    pub fn reply(phase: Phase, reply: &str) -> Self {
        let code: Option<u16> = reply.get(..3).and_then(|code| code.parse().ok());
        let kind = if matches!(code, Some(500..=599)) {
            Kind::Lasting
        } else {
            Kind::Passing
        };
        Self {
            kind,
            why: Why {
                phase,
                code,
                reply: printable(reply),
            },
        }
    }

    fn new(kind: Kind, phase: Phase, text: String) -> Self {
        Self {
            kind,
            why: Why {
                phase,
                code: None,
                reply: printable(&text),
            },
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Why { phase, reply, .. } = &self.why;
        match self.kind {
            Kind::Unreachable => write!(f, "the mail server cannot be reached: {reply}"),
            Kind::Passing => write!(
                f,
                "the mail server takes no mail now (at {}): {reply}",
                phase.word()
            ),
            Kind::Lasting => write!(
                f,
                "the mail server refuses this newsletter (at {}): {reply}",
                phase.word()
            ),
            Kind::Storage => write!(f, "the disk or the store failed: {reply}"),
        }
    }
}

/// What a server said, on one line, without what could play tricks on a terminal or a log.
pub fn printable(reply: &str) -> String {
    let line: String = reply
        .trim()
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(300)
        .collect();
    line.split(' ')
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}
