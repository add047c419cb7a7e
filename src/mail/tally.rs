//! What a run came to.

use serde::Serialize;

use super::trouble::{Kind, Trouble};

/// What became of an issue in one run.
#[derive(Debug, Default, Serialize)]
pub struct Tally {
    pub issue: u32,
    /// Taken over in this run.
    pub accepted_now: u32,
    /// Of the whole issue, by state.
    pub states: std::collections::BTreeMap<String, u32>,
    /// Every delivery is settled.
    pub complete: bool,
    #[serde(skip)]
    pub stopped: Option<Stop>,
}

/// Why a run ended before its work did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    Trouble(Trouble),
    /// Somebody asked for it.
    Signal,
    /// The time came after which nothing may go out.
    TooLate,
    /// It is not one of the hours in which mail may leave.
    Hours,
    /// One message after the other may or may not have arrived.
    Uncertain,
    /// One message after the other was refused for what is in it.
    Content(String),
}

impl Tally {
    /// Deliveries of the issue in `state`.
    pub fn count(&self, state: &str) -> u32 {
        self.states.get(state).copied().unwrap_or(0)
    }

    /// Deliveries that a later run has to see to.
    pub fn left(&self) -> u32 {
        ["planned", "claimed", "sending", "deferred", "uncertain"]
            .iter()
            .map(|state| self.count(state))
            .sum()
    }
}

impl Stop {
    /// The message for whoever reads the log of the cron job.
    pub fn message(&self) -> String {
        match self {
            Self::Trouble(trouble) => trouble.to_string(),
            Self::Signal => "stopped as asked; the next run goes on from here".to_owned(),
            Self::TooLate => "the time given with --not-after has come; a later run goes on from here".to_owned(),
            Self::Hours => "no mail leaves at this time of day ([smtp] hours); a later run goes on from here".to_owned(),
            Self::Uncertain => "three messages in a row went without an answer, so nobody knows whether they arrived".to_owned(),
            Self::Content(reply) => format!("the mail server refuses the issue for what is in it: {reply}"),
        }
    }

    /// What to do about it.
    pub fn help(&self) -> &'static str {
        match self {
            Self::Signal | Self::TooLate | Self::Hours => "run the same command again",
            Self::Uncertain => {
                "run the same command again; if it happens again, look at the mail server's log"
            }
            Self::Content(_) => {
                "no reader is to blame, and nobody else was tried: ask the mail server's postmaster what it dislikes, then run the same command again"
            }
            Self::Trouble(trouble) => match trouble.kind {
                Kind::Unreachable => {
                    "check [smtp] host and port, or [sendmail] command, and whether it runs; then run the same command again"
                }
                Kind::Passing => {
                    "run the same command again later: nothing is lost, nobody gets it twice"
                }
                Kind::Lasting => {
                    "check [newsletter] from, and [smtp] user, password and tls; then run the same command again"
                }
                Kind::Storage => {
                    "make room on the disk, or mend it; then run the same command again"
                }
            },
        }
    }
}
