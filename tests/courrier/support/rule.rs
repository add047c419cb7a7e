//! How the mail server is told to misbehave.

use std::time::Duration;

/// A step of an SMTP conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    Connect,
    Ehlo,
    StartTls,
    Auth,
    Mail,
    Rcpt,
    Data,
    /// The text of a message begins.
    Body,
    /// The final dot of a message.
    Dot,
    Rset,
    Noop,
    Quit,
}

/// A moment of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// It has no effect.
    Before,
    /// It has its effect, and there is no answer.
    Taken,
    /// The answer has left.
    After,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Answers this; a 4xx or 5xx means that the step had no effect.
    Reply(&'static str),
    /// Does the step, a message is taken, and closes without an answer.
    HangUp,
    /// Closes without an answer; a message is not taken.
    LoseAndHangUp,
    /// Does the step and never answers.
    Silence,
    /// Kills the sender (SIGKILL) at this moment of the step.
    Kill(Moment),
    /// Does the step and answers with bytes that are no SMTP.
    Garbage(&'static [u8]),
    /// Does the step and answers late.
    Delay(Duration),
    /// Says in its answer to EHLO that it can do this and nothing else.
    Caps(&'static [&'static str]),
    /// Sends this in the same packet after its answer (before TLS begins, at STARTTLS).
    Inject(&'static str),
}

/// `action` at each step `at`, or at some of them.
#[derive(Debug, Clone)]
pub struct Rule {
    at: Verb,
    recipient: Option<String>,
    nth: Option<&'static [usize]>,
    times: usize,
    pub action: Action,
    seen: usize,
    fired: usize,
}

impl Rule {
    pub fn at(at: Verb, action: Action) -> Self {
        Self {
            at,
            recipient: None,
            nth: None,
            times: usize::MAX,
            action,
            seen: 0,
            fired: 0,
        }
    }

    /// Only where the transaction is for `recipient`.
    pub fn to(mut self, recipient: &str) -> Self {
        self.recipient = Some(recipient.to_owned());
        self
    }

    /// Only those of such steps that are in `nth`, counted from 1 over all connections.
    pub fn only_the(mut self, nth: &'static [usize]) -> Self {
        self.nth = Some(nth);
        self
    }

    /// Only the first such step.
    pub fn once(mut self) -> Self {
        self.times = 1;
        self
    }

    /// Whether this rule acts now; counts the steps it was asked about.
    pub fn fires(&mut self, verb: Verb, recipient: Option<&str>) -> bool {
        let about = self
            .recipient
            .as_deref()
            .is_none_or(|wanted| recipient == Some(wanted));
        if self.at != verb || !about {
            return false;
        }
        self.seen += 1;
        let now = self.nth.is_none_or(|nth| nth.contains(&self.seen)) && self.fired < self.times;
        self.fired += usize::from(now);
        now
    }
}
