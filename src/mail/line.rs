//! The line to a mail server: groups of commands out, whole replies in, each before a deadline.
//!
//! lettre's commands and its parser of replies are used over a stream of our own:
//! its connection sends one command at a time, keeps of EHLO's answer only what it
//! knows itself, and copies each message twice.

use std::io;
use std::time::Duration;

use lettre::transport::smtp::response::{Response, Severity};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::client::TlsStream;

use super::trouble::{Trouble, printable};
use crate::store::ledger::Phase;

/// A connection to a mail server. After an error it is out of step, and of no use.
pub struct Line {
    stream: Stream,
    /// What the server said and nobody has read yet.
    unread: Vec<u8>,
    /// No wait is longer.
    patience: Option<Duration>,
    deadline: Instant,
}

enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// Why a step did not go as it must.
#[derive(Debug)]
pub enum Refusal {
    /// The server said no: 4xx or 5xx.
    Reply(u16, String),
    /// It said something else, or nothing.
    Nothing(String),
}

/// Bytes that could not all be written.
#[derive(Debug)]
pub struct Unwritten {
    pub why: String,
    /// Those behind this one cannot have left.
    pub may_have_left: usize,
}

/// Longest reply, in octets. RFC 5321 §4.5.3.1.5 allows 512 a line.
const LONGEST_REPLY: usize = 32 * 1024;
/// What a wait for the system to take bytes is for (RFC 5321 §4.5.3.2.5: a "chunk").
const BLOCK: usize = 16 * 1024;

impl Line {
    /// A line without secrets; no wait is longer than `patience`.
    pub fn plain(tcp: TcpStream, patience: Option<Duration>) -> Self {
        Self {
            stream: Stream::Plain(tcp),
            unread: Vec::new(),
            patience,
            deadline: Instant::now(),
        }
    }

    /// A line inside TLS.
    pub fn secret(tls: TlsStream<TcpStream>, patience: Option<Duration>) -> Self {
        Self {
            stream: Stream::Tls(Box::new(tls)),
            unread: Vec::new(),
            patience,
            deadline: Instant::now(),
        }
    }

    /// The stream below a line that is not secret, where the server said nothing
    /// that was not asked for: what is here already was put here by somebody (RFC 3207 §6).
    pub fn into_silent_tcp(self) -> Option<TcpStream> {
        match self.stream {
            Stream::Plain(tcp) if self.unread.is_empty() => match tcp.try_read(&mut [0]) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => Some(tcp),
                _ => None,
            },
            _ => None,
        }
    }

    /// The certificate that the server showed (DER), where the line is secret.
    pub fn certificate(&self) -> Option<Vec<u8>> {
        match &self.stream {
            Stream::Plain(_) => None,
            Stream::Tls(tls) => Some(tls.get_ref().1.peer_certificates()?.first()?.to_vec()),
        }
    }

    /// Gives the next step this much time. Absolute, not from byte to byte: a server
    /// that drips its answer a byte a second does not move it.
    pub fn arm(&mut self, wait: Duration) {
        let wait = self.patience.map_or(wait, |patience| wait.min(patience));
        self.deadline = Instant::now() + wait;
    }

    /// Whether so many replies can be read without waiting.
    pub fn has_replies(&self, count: usize) -> bool {
        let mut rest = self.unread.as_slice();
        (0..count).all(|_| {
            let end = whole_reply(rest);
            rest = &rest[end.unwrap_or(0)..];
            end.is_some()
        })
    }

    /// Whether the server has said nothing beyond what was read.
    pub fn is_in_step(&self) -> bool {
        self.unread.is_empty()
    }

    /// The next reply, of one or several lines (RFC 5321 §4.2.1).
    ///
    /// # Errors
    ///
    /// [`Refusal::Reply`] for 4xx and 5xx, [`Refusal::Nothing`] where none came in time.
    pub async fn reply(&mut self) -> Result<Response, Refusal> {
        let end = self.wait_for_reply().await?;
        let reply = parse(&self.unread[..end]);
        self.unread.drain(..end);
        reply
    }

    /// Waits until there is a whole reply, and tells where it ends.
    ///
    /// # Errors
    ///
    /// [`Refusal::Nothing`] where none came in time.
    pub async fn wait_for_reply(&mut self) -> Result<usize, Refusal> {
        loop {
            if let Some(end) = whole_reply(&self.unread) {
                return Ok(end);
            }
            if self.unread.len() > LONGEST_REPLY {
                return Err(Refusal::Nothing("the answer has no end".to_owned()));
            }
            self.read_more()
                .await
                .map_err(|error| Refusal::Nothing(error.to_string()))?;
        }
    }

    async fn read_more(&mut self) -> io::Result<()> {
        self.unread.reserve(4096);
        let read = async {
            match &mut self.stream {
                Stream::Plain(tcp) => tcp.read_buf(&mut self.unread).await,
                Stream::Tls(tls) => tls.read_buf(&mut self.unread).await,
            }
        };
        match timeout_at(self.deadline, read).await {
            Ok(Ok(0)) => Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "the server hung up",
            )),
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(error),
            Err(_) => Err(io::Error::new(io::ErrorKind::TimedOut, "no answer in time")),
        }
    }

    /// Gives `bytes` to the system, with `wait` for each 16 KiB of them.
    ///
    /// # Errors
    ///
    /// How many of them may have left all the same.
    pub async fn write(&mut self, bytes: &[u8], wait: Duration) -> Result<(), Unwritten> {
        let mut taken = 0;
        while taken < bytes.len() {
            let rest = &bytes[taken..];
            self.arm(wait);
            self.deadline += wait_of(wait, self.patience) * ((rest.len() / BLOCK) as u32);
            let write = async {
                match &mut self.stream {
                    Stream::Plain(tcp) => tcp.write(rest).await,
                    Stream::Tls(tls) => tls.write(rest).await,
                }
            };
            let why = match timeout_at(self.deadline, write).await {
                Ok(Ok(0)) => "the server hung up".to_owned(),
                Ok(Ok(count)) => {
                    taken += count;
                    continue;
                }
                Ok(Err(error)) => error.to_string(),
                Err(_) => "the server takes no more".to_owned(),
            };
            let may_have_left = match self.stream {
                // A call that fails has taken nothing.
                Stream::Plain(_) => taken,
                Stream::Tls(_) => bytes.len(),
            };
            return Err(Unwritten { why, may_have_left });
        }
        self.flush().await.map_err(|error| Unwritten {
            why: error.to_string(),
            may_have_left: bytes.len(),
        })
    }

    /// TLS holds records back until it is told.
    async fn flush(&mut self) -> io::Result<()> {
        let Stream::Tls(tls) = &mut self.stream else {
            return Ok(());
        };
        timeout_at(self.deadline, tls.flush())
            .await
            .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
    }

    /// Writes one command and reads its answer.
    ///
    /// # Errors
    ///
    /// As [`Line::reply`].
    pub async fn command(
        &mut self,
        command: impl ToString,
        wait: Duration,
    ) -> Result<Response, Refusal> {
        self.write(command.to_string().as_bytes(), wait)
            .await
            .map_err(|unwritten| Refusal::Nothing(unwritten.why))?;
        self.arm(wait);
        self.reply().await
    }
}

fn wait_of(wait: Duration, patience: Option<Duration>) -> Duration {
    patience.map_or(wait, |patience| wait.min(patience))
}

/// Where the first whole reply of `bytes` ends.
pub fn whole_reply(bytes: &[u8]) -> Option<usize> {
    let mut start = 0;
    loop {
        let end = start + bytes[start..].iter().position(|byte| *byte == b'\n')? + 1;
        if bytes[start..end].get(3) != Some(&b'-') {
            return Some(end);
        }
        start = end;
    }
}

pub fn parse(bytes: &[u8]) -> Result<Response, Refusal> {
    let text = String::from_utf8_lossy(bytes);
    // A code alone is an answer as well (RFC 5321 §4.2), though lettre wants a space behind it.
    let reply = match text.strip_suffix("\r\n") {
        Some(code) if code.len() == 3 => format!("{code} \r\n").parse::<Response>(),
        _ => text.parse(),
    };
    match reply {
        Ok(reply) if reply.is_positive() => Ok(reply),
        Ok(reply) => Err(Refusal::Reply(reply.code().into(), text_of(&reply))),
        Err(_) => Err(Refusal::Nothing(format!("no SMTP: {}", printable(&text)))),
    }
}

/// Code and words of a reply, on one line.
pub fn text_of(reply: &Response) -> String {
    let text = reply.message().collect::<Vec<_>>().join(" ");
    printable(&format!("{} {text}", reply.code()))
}

/// 354 and nothing else lets a text follow; 2xx and nothing else all the rest.
///
/// # Errors
///
/// Where the answer is another.
pub fn expect(answer: Result<Response, Refusal>, phase: Phase) -> Result<Response, Refusal> {
    let reply = answer?;
    let goes_on = match phase {
        Phase::Data => reply.has_code(354),
        Phase::Connect | Phase::StartTls => reply.has_code(220),
        _ => reply.code().severity == Severity::PositiveCompletion,
    };
    if goes_on {
        Ok(reply)
    } else {
        let text = text_of(&reply);
        Err(Refusal::Nothing(format!("out of step: {text}")))
    }
}

impl Refusal {
    /// What it means where no message is under way yet.
    pub fn trouble(self, phase: Phase) -> Trouble {
        match self {
            Self::Reply(_, text) => Trouble::reply(phase, &text),
            Self::Nothing(text) => Trouble::passing(phase, text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_is_whole_with_its_last_line() {
        assert_eq!(whole_reply(b"250-a\r\n250 b\r\n250 c\r\n"), Some(14));
        assert_eq!(whole_reply(b"250-a\r\n250 b"), None);
        assert_eq!(whole_reply(b""), None);
    }

    #[test]
    fn a_code_alone_is_an_answer() {
        assert!(parse(b"250\r\n").is_ok());
        assert!(matches!(parse(b"450\r\n"), Err(Refusal::Reply(450, _))));
        assert!(matches!(parse(b"queued\r\n"), Err(Refusal::Nothing(_))));
    }
}
