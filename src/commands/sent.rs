//! What a send came to: for a person, for a program, for cron.

use chrono::{DateTime, SecondsFormat, Utc};

use super::context::{Context, are, count};
use super::exit::Exit;
use crate::config::newsletter::TransportKind;
use crate::issue::IssueNumber;
use crate::mail::tally::{Stop, Tally};
use crate::mail::trouble::{Kind, Trouble};
use crate::problem::Problem;

/// What a send came to.
pub enum Sent {
    /// No post is new.
    NothingNew,
    /// Fewer posts are new than make an issue.
    TooFew { new: usize, least: usize },
    /// By the schedule, the next issue is due then.
    NotDue(DateTime<Utc>),
    /// Nobody may be written to.
    Nobody,
    /// An issue is planned, and does not go out yet.
    Waits { issue: IssueNumber, why: Waits },
    Issue {
        tally: Tally,
        subject: String,
        samples: bool,
    },
}

/// Why an issue does not go out yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waits {
    /// No editor approved it.
    Approval,
    /// An editor paused it.
    Paused,
    /// So many of its readers complained that it is spam.
    Halted(u32),
    /// It was planned then, so long ago that it may be stale.
    Late(DateTime<Utc>),
    /// It tells of an evening as one to come that began then.
    Past(DateTime<Utc>),
    /// Nothing may go out after this time.
    TooLate(DateTime<Utc>),
}

impl Sent {
    /// Whether somebody got something just now.
    pub fn has_left(&self) -> bool {
        matches!(self, Self::Issue { tally, .. } if tally.accepted_now > 0)
    }

    /// Whether it waits for what an editor does in their own time.
    pub fn waits_for_editor(&self) -> bool {
        matches!(
            self,
            Self::Waits {
                why: Waits::Approval | Waits::Paused,
                ..
            }
        )
    }
}

impl Waits {
    fn problem(self, issue: IssueNumber) -> Problem {
        let at = |time: DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::Secs, true);
        let (why, help) = match self {
            Self::Approval => (
                "waits for an editor's word".to_owned(),
                format!("see `courrier digest --out DIR`, then `courrier digest approve {issue}`"),
            ),
            Self::Paused => (
                "is paused".to_owned(),
                format!("`courrier digest resume {issue}` goes on with it"),
            ),
            Self::Halted(complaints) => (
                format!(
                    "is paused, since {} complained that it is spam",
                    count(complaints, "reader")
                ),
                format!(
                    "look how they came to be on the list; `courrier digest resume {issue}` goes on with it, `courrier digest cancel {issue}` ends it"
                ),
            ),
            Self::Late(due) => (
                format!("was due at {}, and may be stale by now", at(due)),
                format!(
                    "`--late` sends it all the same; `courrier digest cancel {issue} --replan` makes room for a fresh one"
                ),
            ),
            Self::Past(began) => (
                format!("tells of an evening that began at {}", at(began)),
                format!(
                    "`courrier digest cancel {issue} --replan` makes room for a fresh one; `--late` sends it all the same"
                ),
            ),
            Self::TooLate(end) => (
                format!("does not go out any more: --not-after was {}", at(end)),
                "the next run goes on with it".to_owned(),
            ),
        };
        Problem::new(format!("issue {issue} {why}"), help)
    }

    fn word(self) -> &'static str {
        match self {
            Self::Approval => "waits for approval",
            Self::Paused => "paused",
            Self::Halted(_) => "halted",
            Self::Late(_) => "late",
            Self::Past(_) => "past",
            Self::TooLate(_) => "not after",
        }
    }
}

/// Why not all was sent that could have been.
pub fn problem(sent: &Sent) -> Option<Problem> {
    match sent {
        Sent::Waits { issue, why } => Some(why.problem(*issue)),
        Sent::Issue { tally, .. } => trouble(tally),
        _ => None,
    }
}

/// What ended the sending of an issue before its end.
pub fn trouble(tally: &Tally) -> Option<Problem> {
    let stop = tally.stopped.as_ref();
    stop.map(|stop| Problem::new(stop.message(), stop.help()))
}

/// Whether a person should look, whatever the exit code says.
pub fn is_alarming(sent: &Sent) -> bool {
    let Sent::Issue { tally, .. } = sent else {
        return false;
    };
    matches!(
        tally.stopped,
        Some(Stop::Uncertain | Stop::Trouble(_) | Stop::Content(_))
    )
}

/// The exit code.
pub fn exit(sent: &Sent) -> Exit {
    match sent {
        Sent::NothingNew | Sent::TooFew { .. } | Sent::NotDue(_) | Sent::Nobody => Exit::Done,
        Sent::Waits { why, .. } => match why {
            Waits::TooLate(_) => Exit::Later,
            _ => Exit::Guard,
        },
        Sent::Issue { tally, .. } => exit_of(tally),
    }
}

/// That of the sending of an issue.
pub fn exit_of(tally: &Tally) -> Exit {
    match &tally.stopped {
        Some(Stop::Content(_)) => Exit::Refused,
        Some(Stop::Trouble(trouble)) => exit_of_trouble(trouble, tally.accepted_now == 0),
        _ if tally.complete => Exit::Done,
        _ => Exit::Later,
    }
}

/// That of a trouble with the mail server; `none_left` where it took no message before.
pub fn exit_of_trouble(trouble: &Trouble, none_left: bool) -> Exit {
    match trouble.kind {
        Kind::Unreachable if none_left => Exit::Unreachable,
        Kind::Lasting => Exit::Refused,
        Kind::Storage => Exit::Storage,
        Kind::Passing | Kind::Unreachable => Exit::Later,
    }
}

/// The account for a person.
pub fn text(sent: &Sent, context: &Context) -> String {
    let (tally, subject, samples) = match sent {
        Sent::NothingNew => return "Newsletter: no post is new, so nothing was mailed".to_owned(),
        Sent::TooFew { new, least } => {
            return format!("Newsletter: {} new, and min_posts is {least}, so nothing was mailed", are(*new));
        }
        Sent::NotDue(next) => {
            let next = next.with_timezone(&context.config.zone()).format("%F %R");
            return format!("Newsletter: the next issue is due on {next}, so nothing was mailed");
        }
        Sent::Nobody => return "Newsletter: nobody may be written to yet; `courrier subscribers add` adds somebody".to_owned(),
        Sent::Waits { issue, why } => return format!("Newsletter: {}", why.problem(*issue).message),
        Sent::Issue { tally, subject, samples } => (tally, subject, *samples),
    };
    let to = match context.config.newsletter().map(|news| news.transport) {
        Ok(TransportKind::Folder) => format!(
            "in {}",
            context
                .config
                .outbox()
                .join(format!("{:04}", tally.issue))
                .display()
        ),
        _ => "handed over".to_owned(),
    };
    let mut text = format!(
        "Newsletter: issue {}, \u{201c}{subject}\u{201d}: {} {to}",
        tally.issue,
        count(tally.accepted_now, "message")
    );
    let others = tally
        .states
        .iter()
        .filter(|(state, count)| *state != "accepted" && **count > 0);
    for (state, count) in others {
        text.push_str(&format!("\n  {count} {state}"));
    }
    if samples {
        text.push_str("\n  to sample readers: nobody has subscribed, and a folder mails nobody");
    }
    text
}

/// The account for a program.
pub fn json(sent: &Sent) -> serde_json::Value {
    match sent {
        Sent::NothingNew => serde_json::json!({ "result": "nothing new", "accepted_now": 0 }),
        Sent::TooFew { new, .. } => {
            serde_json::json!({ "result": "too few posts", "new": new, "accepted_now": 0 })
        }
        Sent::NotDue(next) => {
            serde_json::json!({ "result": "not due", "next": next, "accepted_now": 0 })
        }
        Sent::Nobody => serde_json::json!({ "result": "nobody", "accepted_now": 0 }),
        Sent::Waits { issue, why } => {
            serde_json::json!({ "result": why.word(), "issue": issue, "accepted_now": 0 })
        }
        Sent::Issue { tally, subject, .. } => {
            let result = if tally.complete {
                "complete"
            } else {
                "left for the next run"
            };
            serde_json::json!({
                "result": result, "issue": tally.issue, "subject": subject,
                "accepted_now": tally.accepted_now, "states": tally.states,
            })
        }
    }
}
