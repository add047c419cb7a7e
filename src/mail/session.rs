//! One SMTP session: many messages, one after the other, over one connection.
//!
//! lettre's commands, codec and reply parser, driven step by step, so that each
//! answer is judged where it falls (RFC 5321 §4.3.2) and it is known whether the
//! final dot may have left. A session that was interrupted anywhere is dropped.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::{Data, Mail, Quit, Rcpt, Rset};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::response::{Response, Severity};
use secrecy::ExposeSecret;

use super::connect::Server;
use super::handover::{Gate, Handed};
use super::message::Parcel;
use super::trouble::{Trouble, printable};
use super::wire::Deadline;
use crate::config::smtp::Login;
use crate::store::ledger::{Phase, Why};

/// An open connection, ready for MAIL.
pub struct Session {
    connection: AsyncSmtpConnection,
    deadline: Deadline,
    server: Server,
}

/// Why a step did not go as it must.
enum Refusal {
    /// The server said no.
    Reply(u16, String),
    /// It said something else, or nothing.
    Nothing(String),
}

/// The waits of RFC 5321 §4.5.3.2; those for RSET and QUIT, which it does not name, are Postfix's and ours.
const MAIL: Duration = Duration::from_secs(300);
const DATA: Duration = Duration::from_secs(120);
const BLOCK: Duration = Duration::from_secs(180);
const DOT: Duration = Duration::from_secs(600);
const RSET: Duration = Duration::from_secs(20);
const QUIT: Duration = Duration::from_secs(10);
const AUTH: Duration = Duration::from_secs(120);

impl Session {
    /// Connects to `server` and logs in.
    ///
    /// # Errors
    ///
    /// What kept it from that, and whether it may pass.
    pub async fn open(server: &Server, login: Option<&Login>) -> Result<Self, Trouble> {
        let (stream, deadline) = server.connect().await?;
        let name = ClientId::Domain(server.own_name.clone());
        let connection = AsyncSmtpConnection::connect_with_transport(stream, &name)
            .await
            .map_err(|error| Refusal::from(error).trouble(Phase::Ehlo))?;
        let mut session = Self {
            connection,
            deadline,
            server: server.clone(),
        };
        if let Some(login) = login {
            session.log_in(login).await?;
        }
        Ok(session)
    }

    async fn log_in(&mut self, login: &Login) -> Result<(), Trouble> {
        const MECHANISMS: [Mechanism; 2] = [Mechanism::Plain, Mechanism::Login];
        if self
            .connection
            .server_info()
            .get_auth_mechanism(&MECHANISMS)
            .is_none()
        {
            return Err(Trouble::lasting(
                Phase::Auth,
                "the server offers neither AUTH PLAIN nor AUTH LOGIN",
            ));
        }
        self.arm(AUTH);
        let credentials = Credentials::new(
            login.user.clone(),
            login.password.expose_secret().to_owned(),
        );
        let answer = self.connection.auth(&MECHANISMS, &credentials).await;
        // Never tried again at once: servers lock accounts for that.
        answer
            .map(|_| ())
            .map_err(|error| Refusal::from(error).trouble(Phase::Auth))
    }

    /// One transaction: MAIL, RCPT, DATA, and the dot once `gate` lets it leave.
    pub async fn hand_over(mut self, parcel: &Parcel, gate: &Gate<'_>) -> (Handed, Option<Self>) {
        let envelope = [
            (
                Phase::Mail,
                Mail::new(Some(parcel.from.as_lettre()), vec![]).to_string(),
            ),
            (
                Phase::Rcpt,
                Rcpt::new(parcel.to.as_lettre(), vec![]).to_string(),
            ),
            (Phase::Data, Data.to_string()),
        ];
        for (phase, command) in envelope {
            self.arm(if phase == Phase::Data { DATA } else { MAIL });
            let answer = self.connection.command(command).await;
            match step(answer, phase) {
                Ok(()) => {}
                Err(refusal) => return self.refused(refusal, phase).await,
            }
        }
        match gate.open().await {
            Ok(true) => self.send_content(&parcel.bytes).await,
            Ok(false) => (Handed::Withdrawn, None),
            Err(error) => (Handed::Trouble(Trouble::storage(error)), None),
        }
    }

    /// The text and its final dot. From here on, silence is no proof that nothing arrived.
    async fn send_content(mut self, bytes: &[u8]) -> (Handed, Option<Self>) {
        let dot = AtomicBool::new(false);
        // lettre ends the last line itself.
        let content = bytes.strip_suffix(b"\r\n").unwrap_or(bytes);
        let mut blocks = content.chunks(16 * 1024);
        let (deadline, server) = (self.deadline.clone(), self.server.clone());
        let blocks = std::iter::from_fn(|| {
            let block = blocks.next();
            dot.store(block.is_none(), Ordering::Relaxed);
            deadline.set(server.wait(if block.is_none() { DOT } else { BLOCK }));
            block
        });
        let answer = self.connection.message_iter(blocks).await;
        let dot_may_have_left = dot.load(Ordering::Relaxed);
        match answer {
            Ok(reply) if reply.code().severity == Severity::PositiveCompletion => (
                Handed::Accepted {
                    reply: text_of(&reply),
                },
                Some(self),
            ),
            Ok(reply) => (uncertain(text_of(&reply)), None),
            Err(error) => match Refusal::from(error) {
                Refusal::Nothing(text) if dot_may_have_left => (uncertain(text), None),
                Refusal::Nothing(text) => (
                    Handed::Lost {
                        why: why(Phase::Body, None, text),
                    },
                    None,
                ),
                refusal @ Refusal::Reply(..) => {
                    self.refused(
                        refusal,
                        if dot_may_have_left {
                            Phase::Dot
                        } else {
                            Phase::Body
                        },
                    )
                    .await
                }
            },
        }
    }

    /// What a step that failed means, and the session where it can go on.
    async fn refused(mut self, refusal: Refusal, phase: Phase) -> (Handed, Option<Self>) {
        let (code, text) = match refusal {
            Refusal::Nothing(text) => {
                return (
                    Handed::Lost {
                        why: why(phase, None, text),
                    },
                    None,
                );
            }
            Refusal::Reply(code, text) => (code, text),
        };
        let handed = Handed::Refused {
            why: why(phase, Some(code), text),
        };
        // 421 closes the channel (§3.8); an answer in the middle of the text cannot be trusted.
        if code == 421 || phase == Phase::Body {
            return (handed, None);
        }
        self.arm(RSET);
        let reset = self.connection.command(Rset).await;
        (handed, reset.is_ok().then_some(self))
    }

    /// Says goodbye; what the server says to it changes nothing.
    pub async fn quit(mut self) {
        self.arm(QUIT);
        let _ = self.connection.command(Quit).await;
    }

    fn arm(&self, wait: Duration) {
        self.deadline.set(self.server.wait(wait));
    }
}

/// 354 and nothing else lets the text follow; 2xx and nothing else the rest.
fn step(answer: Result<Response, Error>, phase: Phase) -> Result<(), Refusal> {
    let reply = answer?;
    let goes_on = match phase {
        Phase::Data => reply.has_code(354),
        _ => reply.code().severity == Severity::PositiveCompletion,
    };
    if goes_on {
        Ok(())
    } else {
        Err(Refusal::Nothing(format!(
            "out of step: {}",
            text_of(&reply)
        )))
    }
}

fn uncertain(text: String) -> Handed {
    Handed::Uncertain {
        why: why(Phase::Dot, None, text),
    }
}

fn why(phase: Phase, code: Option<u16>, text: String) -> Why {
    Why {
        phase,
        code,
        reply: printable(&text),
    }
}

fn text_of(reply: &Response) -> String {
    let text = reply.message().collect::<Vec<_>>().join(" ");
    printable(&format!("{} {text}", reply.code()))
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        use std::error::Error as _;
        let said = error
            .source()
            .map_or_else(|| error.to_string(), ToString::to_string);
        match error.status() {
            Some(code) => Self::Reply(code.into(), format!("{code} {said}")),
            None => Self::Nothing(said),
        }
    }
}

impl Refusal {
    fn trouble(self, phase: Phase) -> Trouble {
        match self {
            Self::Reply(_, text) => Trouble::reply(phase, &text),
            Self::Nothing(text) => Trouble::passing(phase, text),
        }
    }
}
