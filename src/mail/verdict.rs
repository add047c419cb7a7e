//! What each answer of a server means: for its delivery, and for the run.

use std::sync::atomic::Ordering;

use chrono::TimeDelta;

use super::handover::Handed;
use super::run::Run;
use super::tally::Stop;
use super::trouble::{Kind, Trouble};
use crate::store::ledger::{Claim, Outcome, Phase, Why};

/// Uncertain deliveries in a row, and 4xx to MAIL in a row, that stop a run.
const MOST_IN_A_ROW: u32 = 3;
/// Messages in a row that are refused for their content: it is the issue, not the readers.
const MOST_REFUSED_IN_A_ROW: usize = 5;
/// Multiples of the first wait; the last one for all that follow.
const WAITS: [i32; 6] = [1, 3, 6, 12, 24, 24];

impl Run {
    /// What an answer means for this delivery, and for the run. Nothing where the
    /// ledger itself withdrew the message.
    pub fn judge(&self, handed: Handed, claim: &Claim) -> Option<Outcome> {
        let state = &self.state;
        match handed {
            Handed::Accepted { reply } => {
                self.flow.accepted();
                state.uncertain_in_a_row.store(0, Ordering::Relaxed);
                state.mail_delayed_in_a_row.store(0, Ordering::Relaxed);
                state.refused().clear();
                Some(Outcome::Accepted { reply })
            }
            Handed::Refused { why } => Some(self.judge_refusal(why, claim)),
            Handed::Lost { why } => Some(self.later(why, claim)),
            Handed::Uncertain { why } => {
                if state.uncertain_in_a_row.fetch_add(1, Ordering::Relaxed) + 1 >= MOST_IN_A_ROW {
                    state.stop(Stop::Uncertain);
                }
                Some(Outcome::Uncertain { why })
            }
            Handed::Withdrawn | Handed::Missed => None,
            Handed::Trouble(trouble) => Some(self.nobodys_fault(trouble)),
        }
    }

    /// Who is to blame for a 4xx or a 5xx: at MAIL we are, at RCPT this reader,
    /// at DATA and at the dot what is in the message.
    fn judge_refusal(&self, why: Why, claim: &Claim) -> Outcome {
        let permanent = matches!(why.code, Some(500..=599));
        if why.code == Some(421) || why.phase == Phase::Mail && !permanent {
            self.flow.halve();
        }
        match why.phase {
            Phase::Mail if permanent => self.nobodys_fault(Trouble {
                kind: Kind::Lasting,
                why,
            }),
            Phase::Mail => {
                if self
                    .state
                    .mail_delayed_in_a_row
                    .fetch_add(1, Ordering::Relaxed)
                    + 1
                    >= MOST_IN_A_ROW
                {
                    self.state.stop(Stop::Trouble(Trouble {
                        kind: Kind::Passing,
                        why: why.clone(),
                    }));
                }
                self.later(why, claim)
            }
            // RFC 5321 §4.5.3.1.10: an old way to say "too many recipients".
            Phase::Rcpt if why.code == Some(552) => self.later(why, claim),
            Phase::Data | Phase::Dot if permanent => {
                let mut refused = self.state.refused();
                refused.push(claim.delivery);
                if refused.len() >= MOST_REFUSED_IN_A_ROW {
                    self.state.stop(Stop::Content(why.reply.clone()));
                }
                Outcome::Failed { why }
            }
            _ if permanent => Outcome::Failed { why },
            _ => self.later(why, claim),
        }
    }

    /// The run stops; this delivery waits for the next one, and counts no attempt.
    fn nobodys_fault(&self, trouble: Trouble) -> Outcome {
        let why = trouble.why.clone();
        self.state.stop(Stop::Trouble(trouble));
        Outcome::Deferred {
            why,
            wait: TimeDelta::milliseconds(1),
            counts: false,
        }
    }

    /// Each delay is longer than the last, and not the same for all: those who
    /// were put off together do not come back together.
    fn later(&self, why: Why, claim: &Claim) -> Outcome {
        let step = WAITS[usize::try_from(claim.delays)
            .unwrap_or(usize::MAX)
            .min(WAITS.len() - 1)];
        let jitter = 80 + (claim.delivery.wrapping_mul(7919) % 41).unsigned_abs();
        let wait = self
            .retry
            .saturating_mul(step.unsigned_abs())
            .mul_f64(jitter as f64 / 100.0);
        let wait = TimeDelta::from_std(wait)
            .unwrap_or(TimeDelta::days(1))
            .max(TimeDelta::milliseconds(1));
        Outcome::Deferred {
            why,
            wait,
            counts: true,
        }
    }
}
