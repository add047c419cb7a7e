//! The ledger: what became of each issue for each subscriber.
//!
//! | state | who may have the message | next |
//! |---|---|---|
//! | planned | nobody | claimed, suppressed |
//! | claimed | nobody: the final dot has not left | sending, deferred, failed, planned |
//! | sending | perhaps the server: written before the final dot | accepted, deferred, failed, uncertain |
//! | accepted | the server: it said so | |
//! | deferred | nobody: come back later | claimed, suppressed, expired |
//! | failed | nobody: refused for good | |
//! | uncertain | perhaps the server: no answer came | planned (again, at most twice), or held |
//! | suppressed, expired | nobody | |
//!
//! The schema refuses every other step.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use super::database::{Store, StoreError};
use super::value::params;
use crate::issue::IssueNumber;
use crate::subscriber::recipient::SubscriberId;

/// The right to send one delivery, until the lease ends or somebody else claims it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    pub delivery: i64,
    /// Grows with each claim: whoever holds an older one changes nothing any more.
    pub(super) fence: i64,
    pub reader: Addressee,
    /// How often it was put off before.
    pub delays: u32,
    /// Runs that may have died of it.
    pub crashes: u32,
    /// The receiving domain had a rest: once it takes mail again, its next is a short one.
    pub(super) rested: bool,
}

impl Claim {
    /// A claim on nothing: for a message that the ledger does not know.
    pub fn on_nothing(reader: Addressee) -> Self {
        Self {
            delivery: 0,
            fence: 0,
            reader,
            delays: 0,
            crashes: 0,
            rested: false,
        }
    }
}

/// What is frozen of one reader: their message follows from it and from the issue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addressee {
    pub subscriber: SubscriberId,
    pub rcpt: String,
    pub name: Option<String>,
    /// Which variant of the issue, by its key: the language, and what cities it is for.
    pub language: String,
    pub message_id: String,
    pub token: String,
}

/// At which step of a delivery something was said (RFC 5321).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    Connect,
    Ehlo,
    StartTls,
    Auth,
    Mail,
    Rcpt,
    Data,
    Body,
    Dot,
    /// Before any server was asked.
    Build,
}

/// What came of one attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The server took it over.
    Accepted { reply: String },
    /// Nobody has it; it may be tried again after `wait`. `counts`: this reader's own delay.
    Deferred {
        why: Why,
        wait: TimeDelta,
        counts: bool,
    },
    /// Nobody has it, and nobody will.
    Failed { why: Why },
    /// The final dot may have left, and no usable answer came.
    Uncertain { why: Why },
}

/// What was said, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Why {
    pub phase: Phase,
    /// The code of the reply; none where none came.
    pub code: Option<u16>,
    pub reply: String,
}

/// Repeats of an uncertain delivery, at most: a relay that takes each message
/// and always drops the line would get copies without end.
pub const MOST_COPIES: u32 = 2;
impl Store {
    /// Gives claims back untouched: nobody has their messages.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn release(&self, claims: Vec<Claim>, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.run(move |tx| {
            const SQL: &str = "
                UPDATE delivery SET state = 'planned', owner = NULL, changed = ?3
                WHERE id = ?1 AND fence = ?2 AND state = 'claimed'";
            for claim in &claims {
                let params = params![claim.delivery, claim.fence, now.timestamp_millis()];
                tx.prepare_cached(SQL)?.execute(params)?;
            }
            Ok(())
        })
        .await
    }

    /// Writes down that a delivery is in hand which a run may have died of: should
    /// this one die too, that is no accident.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn suspect(&self, claim: &Claim) -> Result<(), StoreError> {
        let (delivery, fence) = (claim.delivery, claim.fence);
        self.run(move |tx| {
            const SQL: &str =
                "UPDATE delivery SET crashes = crashes + 1 WHERE id = ?1 AND fence = ?2";
            tx.execute(SQL, params![delivery, fence])?;
            Ok(())
        })
        .await
    }

    /// Writes at the next deliveries in line why none of them could begin.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn put_off(
        &self,
        issue: IssueNumber,
        why: Why,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.run(move |tx| {
            const SQL: &str = "
                UPDATE delivery SET state = 'deferred', next_at = ?2, changed = ?2, phase = ?3, code = ?4, reply = ?5
                WHERE id IN (SELECT id FROM delivery WHERE issue = ?1 AND state = 'planned' ORDER BY next_at, id LIMIT 20)";
            tx.execute(SQL, params![issue.get(), now.timestamp_millis(), why.phase.word(), why.code, why.reply])?;
            Ok(())
        })
        .await
    }
}

impl Why {
    /// Whether a receiving domain says that it gets too much (RFC 5321 §4.2.1, RFC
    /// 3463: 4.7.x is policy). Greylisting is about one reader and says so.
    pub fn is_too_much(&self) -> bool {
        let words = self.reply.to_ascii_lowercase();
        let is_grey = words.contains("greylist") || words.contains("graylist");
        let is_policy = words.split(' ').any(|word| word.starts_with("4.7."));
        match self.code {
            Some(421) => matches!(self.phase, Phase::Rcpt | Phase::Data | Phase::Dot),
            Some(452) => self.phase == Phase::Rcpt,
            Some(400..=499) => is_policy && !is_grey,
            _ => false,
        }
    }
}

impl Outcome {
    /// The state that it leads to.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Accepted { .. } => "accepted",
            Self::Deferred { .. } => "deferred",
            Self::Failed { .. } => "failed",
            Self::Uncertain { .. } => "uncertain",
        }
    }
}

impl Phase {
    /// The word that the ledger keeps.
    pub fn word(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Ehlo => "ehlo",
            Self::StartTls => "starttls",
            Self::Auth => "auth",
            Self::Mail => "mail",
            Self::Rcpt => "rcpt",
            Self::Data => "data",
            Self::Body => "body",
            Self::Dot => "dot",
            Self::Build => "build",
        }
    }
}
