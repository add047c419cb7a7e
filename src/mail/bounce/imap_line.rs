//! The line to an IMAP server (RFC 3501): commands out, whole answers in, each command before a deadline.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use imap_proto::{Outcome, Response, Status};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::config::imap::ImapAddress;
use crate::mail::trouble::printable;

/// A connection to an IMAP server. After [`Refusal::Lost`] it is out of step, and of no use.
pub struct ImapLine {
    stream: Box<dyn Stream>,
    /// What the server said and nobody has read yet.
    unread: Vec<u8>,
    /// Commands so far.
    commands: u32,
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl Stream for TcpStream {}
impl Stream for TlsStream<TcpStream> {}

/// Why a command did not do what it was to do.
#[derive(Debug)]
pub enum Refusal {
    /// The server said NO or BAD, and why.
    No(String),
    /// It said something else, or nothing.
    Lost(String),
}

/// All of a command, with the answer to it. RFC 3501 names no wait.
const COMMAND: Duration = Duration::from_secs(120);
const DIAL: Duration = Duration::from_secs(30);
/// The longest answer: the numbers of half a million messages, or a message as far
/// as it is looked at.
const LONGEST_ANSWER: usize = 4 * 1024 * 1024;
const BLOCK: usize = 64 * 1024;

impl ImapLine {
    /// Connects, speaks TLS where `address` says so, and reads the greeting.
    ///
    /// # Errors
    ///
    /// What kept it from that.
    pub async fn connect(address: &ImapAddress, trust: Arc<ClientConfig>) -> io::Result<Self> {
        let stream = timeout(DIAL, dial(address, trust)).await;
        let mut line = Self {
            stream: stream.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))?,
            unread: Vec::new(),
            commands: 0,
        };
        let greeting = timeout(COMMAND, line.answer()).await;
        match greeting.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))? {
            Response::Data {
                status: Status::Ok, ..
            } => Ok(line),
            other => Err(io::Error::other(format!(
                "it greets with {}",
                printable(&format!("{other:?}"))
            ))),
        }
    }

    /// Runs `command`, and gives each answer before the last one to `take`.
    ///
    /// # Errors
    ///
    /// Where the server does not end it with OK.
    pub async fn run(
        &mut self,
        command: &str,
        mut take: impl FnMut(Response<'static>),
    ) -> Result<(), Refusal> {
        let run = async {
            let tag = self.begin(command).await.map_err(lost)?;
            loop {
                let answer = self.answer().await.map_err(lost)?;
                match ended(&answer, &tag) {
                    Some(end) => return end,
                    None => take(answer),
                }
            }
        };
        in_time(run).await
    }

    /// Runs `AUTHENTICATE mechanism`, and answers the first question with `proof`. What
    /// else the server asks is why it refuses: an empty answer makes it say no.
    ///
    /// # Errors
    ///
    /// Where the server does not end it with OK.
    pub async fn authenticate(&mut self, mechanism: &str, proof: &str) -> Result<(), Refusal> {
        let run = async {
            let command = format!("AUTHENTICATE {mechanism}");
            let tag = self.begin(&command).await.map_err(lost)?;
            let mut proof = Some(proof);
            loop {
                let answer = self.answer().await.map_err(lost)?;
                if let Some(end) = ended(&answer, &tag) {
                    return end;
                }
                if matches!(answer, Response::Continue(_)) {
                    let reply = format!("{}\r\n", proof.take().unwrap_or_default());
                    self.write(&reply).await.map_err(lost)?;
                }
            }
        };
        in_time(run).await
    }

    /// Sends `command` with a tag of its own.
    async fn begin(&mut self, command: &str) -> io::Result<String> {
        self.commands += 1;
        let tag = format!("c{}", self.commands);
        self.write(&format!("{tag} {command}\r\n")).await?;
        Ok(tag)
    }

    async fn write(&mut self, text: &str) -> io::Result<()> {
        self.stream.write_all(text.as_bytes()).await?;
        self.stream.flush().await
    }

    /// The next whole answer.
    async fn answer(&mut self) -> io::Result<Response<'static>> {
        loop {
            match Response::parse(&self.unread) {
                Ok((rest, answer)) => {
                    let (answer, read) = (answer.into_owned(), self.unread.len() - rest.len());
                    self.unread.drain(..read);
                    return Ok(answer);
                }
                Err(error) if error.is_incomplete() => self.read_on().await?,
                Err(_) => {
                    let said = String::from_utf8_lossy(&self.unread[..self.unread.len().min(300)]);
                    let message = format!("it says what is no IMAP: {}", printable(&said));
                    return Err(io::Error::other(message));
                }
            }
        }
    }

    async fn read_on(&mut self) -> io::Result<()> {
        if self.unread.len() >= LONGEST_ANSWER {
            return Err(io::Error::other("it says too much at a time"));
        }
        self.unread.reserve(BLOCK);
        match self.stream.read_buf(&mut self.unread).await? {
            0 => Err(io::Error::other("it hung up")),
            _ => Ok(()),
        }
    }
}

async fn dial(address: &ImapAddress, trust: Arc<ClientConfig>) -> io::Result<Box<dyn Stream>> {
    let tcp = TcpStream::connect((address.host.as_str(), address.port)).await?;
    tcp.set_nodelay(true)?;
    if !address.tls {
        return Ok(Box::new(tcp));
    }
    let name = ServerName::try_from(address.host.clone()).map_err(io::Error::other)?;
    Ok(Box::new(
        TlsConnector::from(trust).connect(name, tcp).await?,
    ))
}

/// How the command `tag` ended, where `answer` says it.
fn ended(answer: &Response<'_>, tag: &str) -> Option<Result<(), Refusal>> {
    match answer {
        Response::Done {
            tag: own, status, ..
        } if own.0 == tag && *status == Status::Ok => Some(Ok(())),
        Response::Done {
            tag: own, outcome, ..
        } if own.0 == tag => Some(Err(Refusal::No(said(outcome)))),
        Response::Data {
            status: Status::Bye,
            outcome,
        } => Some(Err(Refusal::Lost(format!(
            "it hangs up: {}",
            said(outcome)
        )))),
        _ => None,
    }
}

fn said(outcome: &Outcome<'_>) -> String {
    printable(
        outcome
            .information
            .as_deref()
            .unwrap_or("it does not say why"),
    )
}

fn lost(error: io::Error) -> Refusal {
    Refusal::Lost(printable(&error.to_string()))
}

async fn in_time(run: impl Future<Output = Result<(), Refusal>>) -> Result<(), Refusal> {
    let late = |_| Err(Refusal::Lost("it does not answer in time".to_owned()));
    timeout(COMMAND, run).await.unwrap_or_else(late)
}
