//! One SMTP session: many messages, one after the other, over one connection.
//!
//! Driven step by step, so that each answer is judged where it falls (RFC 5321
//! §4.3.2) and it is known whether the final dot may have left. Where the server
//! offers PIPELINING (RFC 2920), MAIL, RCPT and DATA leave together, and those of
//! the next message right behind the final dot: one round trip a message. No text
//! follows before the ledger has it as `sending`, so that one message at most is
//! uncertain however the session ends. One that was interrupted is dropped.

use std::time::Duration;

use lettre::transport::smtp::commands::{Data, Mail, Quit, Rcpt, Rset};
use lettre::transport::smtp::response::Severity;
use memchr::memmem;

use super::clerk::Clerk;
use super::connect::Server;
use super::handover::{Handed, Item};
use super::line::{Line, Refusal, expect, text_of};
use super::login::log_in;
use super::message::Parcel;
use super::offers::Offers;
use super::trouble::{Trouble, printable};
use crate::config::login::Login;
use crate::store::ledger::{Phase, Why};

/// An open connection, ready for MAIL.
pub struct Session {
    line: Line,
    offers: Offers,
    /// Whether the last exchange came to its proper end.
    sound: bool,
    /// Whether MAIL, RCPT and DATA of the next message have left already.
    announced: bool,
    /// What is about to leave; kept so that its memory is.
    out: Vec<u8>,
}

/// The waits of RFC 5321 §4.5.3.2; those for RSET and QUIT, which it does not name, are Postfix's and ours.
const MAIL: Duration = Duration::from_secs(300);
const DATA: Duration = Duration::from_secs(120);
const BLOCK: Duration = Duration::from_secs(180);
const DOT: Duration = Duration::from_secs(600);
const RSET: Duration = Duration::from_secs(20);
const QUIT: Duration = Duration::from_secs(10);

/// The steps of an envelope, and how long each may take.
const ENVELOPE: [(Phase, Duration); 3] = [
    (Phase::Mail, MAIL),
    (Phase::Rcpt, MAIL),
    (Phase::Data, DATA),
];

impl Session {
    /// Connects to `server` and logs in.
    ///
    /// # Errors
    ///
    /// What kept it from that, and whether it may pass.
    pub async fn open(server: &Server, login: Option<&Login>) -> Result<Self, Trouble> {
        let mut line = server.connect().await?;
        let offers = server.ehlo(&mut line).await?;
        if let Some(login) = login {
            log_in(&mut line, &offers, login).await?;
        }
        Ok(Self {
            line,
            offers,
            sound: true,
            announced: false,
            out: Vec::new(),
        })
    }

    /// Whether it can take another message.
    pub fn is_sound(&self) -> bool {
        self.sound
    }

    /// Whether the answers to the next envelope are here already.
    pub fn has_answers(&self) -> bool {
        self.line.has_replies(ENVELOPE.len())
    }

    /// One transaction: MAIL, RCPT, DATA, and the dot once `clerk` has written down
    /// that it leaves; where the server takes more at once, the envelope of `next`
    /// behind it. That message has then to be the next that is handed over.
    pub async fn hand_over(
        &mut self,
        item: &Item,
        next: Option<&Item>,
        clerk: &mut Clerk<'_>,
    ) -> Handed {
        let parcel = &item.parcel;
        if let Some(size) = self.offers.size.filter(|size| *size < parcel.bytes.len()) {
            let (own, text) = (parcel.bytes.len(), "octets, and the server takes");
            let text = format!("the message has {own} {text} {size} at most");
            return Handed::Trouble(Trouble::lasting(Phase::Mail, text));
        }
        self.sound = false;
        if self.announced && !self.is_heard().await {
            return Handed::Missed;
        }
        let answer = if self.offers.pipelining {
            self.envelope_at_once(parcel).await
        } else {
            self.envelope_step_by_step(parcel).await
        };
        if let Err(refused) = answer {
            return self.refused(refused).await;
        }
        // Who speaks now answers something that nobody asked: these are other messages' replies.
        if !self.line.is_in_step() {
            return lost(Phase::Data, "out of step: more than one answer".to_owned());
        }
        match clerk.let_go(&item.claim).await {
            Ok(()) => self.content(parcel, next).await,
            Err(handed) => handed,
        }
    }

    /// Whether the server has anything to say to an envelope that left behind a dot.
    async fn is_heard(&mut self) -> bool {
        self.line.arm(MAIL);
        self.line.wait_for_reply().await.is_ok()
    }

    /// Command, answer, command, answer.
    async fn envelope_step_by_step(&mut self, parcel: &Parcel) -> Result<(), Refused> {
        for ((phase, wait), command) in ENVELOPE.into_iter().zip(commands(parcel)) {
            let answer = self.line.command(command, wait).await;
            expect(answer, phase).map_err(|refusal| Refused {
                phase,
                goes_on: !refusal.ends_the_session(),
                refusal,
            })?;
        }
        Ok(())
    }

    /// All commands, then all answers: each is read whatever the others say (RFC 2920 §3.1).
    async fn envelope_at_once(&mut self, parcel: &Parcel) -> Result<(), Refused> {
        if !std::mem::take(&mut self.announced) {
            let group = commands(parcel).concat();
            let written = self.line.write(group.as_bytes(), MAIL).await;
            written.map_err(|unwritten| Refused {
                phase: Phase::Mail,
                refusal: Refusal::Nothing(unwritten.why),
                goes_on: false,
            })?;
        }
        let mut first: Option<Refused> = None;
        for (phase, wait) in ENVELOPE {
            self.line.arm(wait);
            let answer = expect(self.line.reply().await, phase);
            // 354 after a refusal: only a dot would end that text, and none may leave.
            let wants_text = phase == Phase::Data && answer.is_ok();
            let ends = answer.err().map(|refusal| {
                let goes_on = !refusal.ends_the_session();
                let refused = Refused {
                    phase,
                    refusal,
                    goes_on,
                };
                let first = first.get_or_insert(refused);
                first.goes_on &= goes_on;
                !goes_on
            });
            if let Some(first) = first.as_mut().filter(|_| wants_text) {
                first.goes_on = false;
            }
            if ends == Some(true) {
                break;
            }
        }
        first.map_or(Ok(()), Err)
    }

    /// The text and its final dot. From here on, silence is no proof that nothing arrived.
    async fn content(&mut self, parcel: &Parcel, next: Option<&Item>) -> Handed {
        self.out.clear();
        stuff(&parcel.bytes, &mut self.out);
        let dot = self.out.len();
        if let Some(next) = next.filter(|_| self.offers.pipelining) {
            for command in commands(&next.parcel) {
                self.out.extend_from_slice(command.as_bytes());
            }
            self.announced = true;
        }
        if let Err(unwritten) = self.line.write(&self.out, BLOCK).await {
            if unwritten.may_have_left < dot {
                return lost(Phase::Body, unwritten.why);
            }
            return uncertain(unwritten.why);
        }
        self.line.arm(DOT);
        match self.line.reply().await {
            Ok(reply) if reply.code().severity == Severity::PositiveCompletion => {
                self.sound = self.announced || self.line.is_in_step();
                Handed::Accepted {
                    reply: text_of(&reply),
                }
            }
            Ok(reply) => uncertain(text_of(&reply)),
            Err(Refusal::Nothing(text)) => uncertain(text),
            // The transaction is over: no RSET is needed (RFC 5321 §4.1.1.4).
            Err(refusal @ Refusal::Reply(..)) => {
                let goes_on = !refusal.ends_the_session();
                self.sound = goes_on && (self.announced || self.line.is_in_step());
                refusal.handed(Phase::Dot)
            }
        }
    }

    /// What a refused envelope means; the session goes on where it can.
    async fn refused(&mut self, refused: Refused) -> Handed {
        if refused.goes_on {
            let reset = self.line.command(Rset, RSET).await;
            self.sound = expect(reset, Phase::Mail).is_ok() && self.line.is_in_step();
        }
        refused.refusal.handed(refused.phase)
    }

    /// Says goodbye; what the server says to it changes nothing.
    pub async fn quit(mut self) {
        // Where a text is waited for, QUIT would be its first line.
        if self.announced {
            return;
        }
        let _ = self.line.command(Quit, QUIT).await;
    }
}

/// An envelope that was not taken.
struct Refused {
    phase: Phase,
    refusal: Refusal,
    /// Whether the session can take another.
    goes_on: bool,
}

fn commands(parcel: &Parcel) -> [String; 3] {
    [
        Mail::new(Some(parcel.from.as_lettre()), vec![]).to_string(),
        Rcpt::new(parcel.to.as_lettre(), vec![]).to_string(),
        Data.to_string(),
    ]
}

/// Appends the text as it goes over the wire, its dots doubled (RFC 5321 §4.5.2), and the final dot.
fn stuff(text: &[u8], out: &mut Vec<u8>) {
    if text.starts_with(b".") {
        out.push(b'.');
    }
    let mut begin = 0;
    for at in memmem::find_iter(text, b"\n.") {
        out.extend_from_slice(&text[begin..=at]);
        out.push(b'.');
        begin = at + 1;
    }
    out.extend_from_slice(&text[begin..]);
    if !text.ends_with(b"\r\n") {
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b".\r\n");
}

fn uncertain(text: String) -> Handed {
    Handed::Uncertain {
        why: why(Phase::Dot, None, text),
    }
}

fn lost(phase: Phase, text: String) -> Handed {
    Handed::Lost {
        why: why(phase, None, text),
    }
}

fn why(phase: Phase, code: Option<u16>, text: String) -> Why {
    Why {
        phase,
        code,
        reply: printable(&text),
    }
}

impl Refusal {
    /// 421 closes the channel (RFC 5321 §3.8), and whoever says nothing is out of step.
    fn ends_the_session(&self) -> bool {
        matches!(self, Self::Nothing(_) | Self::Reply(421, _))
    }

    fn handed(self, phase: Phase) -> Handed {
        match self {
            Self::Reply(code, text) => Handed::Refused {
                why: why(phase, Some(code), text),
            },
            Self::Nothing(text) => lost(phase, text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stuffed(text: &str) -> String {
        let mut out = Vec::new();
        stuff(text.as_bytes(), &mut out);
        String::from_utf8(out).expect("it was ASCII")
    }

    #[test]
    fn a_dot_at_the_beginning_of_a_line_is_doubled_and_no_other() {
        assert_eq!(stuffed("a.b\r\n"), "a.b\r\n.\r\n");
        assert_eq!(stuffed(".\r\n..\r\n.a"), "..\r\n...\r\n..a\r\n.\r\n");
        assert_eq!(stuffed("\r\n.\r\n"), "\r\n..\r\n.\r\n");
    }
}
