//! A folder on an IMAP server (RFC 3501) that messages come back to.
//!
//! Messages are named by their UIDs within one session only, where these cannot
//! change (§2.3.1.1), and nothing is kept of them: the store knows a message that was
//! read before by its hash. So a server that numbers all anew (UIDVALIDITY) does no harm.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use imap_proto::{AttributeValue, MailboxDatum, Response};
use rustls::ClientConfig;
use secrecy::{ExposeSecret, SecretString};

use super::imap_line::{ImapLine, Refusal};
use super::mailbox::{Stored, stored};
use super::returned::LARGEST;
use crate::config::imap::ImapAddress;
use crate::config::login::{Login, Secret};
use crate::mail::login::secret;

/// How a folder is opened.
pub struct Way {
    pub address: ImapAddress,
    pub login: Login,
    pub trust: Arc<ClientConfig>,
    /// Where messages go that were dealt with; they stay, marked as seen, where it is missing.
    pub move_to: Option<String>,
    /// Whether nothing may be marked or moved.
    pub look_only: bool,
}

/// A folder that is open.
pub struct Folder {
    line: ImapLine,
    way: Way,
    /// The UIDs that were not read yet, the next one last.
    waiting: Vec<u32>,
    /// Of the message that was read last.
    current: u32,
}

/// Why a folder cannot be read, or a message in it not be marked.
#[derive(Debug, thiserror::Error)]
pub enum ImapError {
    #[error("{host} cannot be reached: {why}")]
    Unreachable { host: String, why: String },
    #[error("there is no token for {host}: {why}")]
    NoToken { host: String, why: String },
    #[error("{host} does not let {user} in: {said}")]
    NotLetIn {
        host: String,
        user: String,
        said: String,
    },
    #[error("{host} does not open the folder {folder}: {said}")]
    NoFolder {
        host: String,
        folder: String,
        said: String,
    },
    #[error("{host} does not move messages to {folder}: {said}")]
    NotMoved {
        host: String,
        folder: String,
        said: String,
    },
    #[error("{host} does not go on: {said}")]
    Broken { host: String, said: String },
}

/// Messages that one run reads: those that came last.
const MOST: usize = 10_000;

impl Folder {
    /// Logs in and looks which messages of the folder nobody has seen.
    ///
    /// # Errors
    ///
    /// What kept it from that.
    pub async fn open(way: Way) -> Result<Self, ImapError> {
        let unreachable = |why: String| ImapError::Unreachable {
            host: format!("{}:{}", way.address.host, way.address.port),
            why,
        };
        let line = ImapLine::connect(&way.address, way.trust.clone()).await;
        let mut folder = Self {
            line: line.map_err(|error| unreachable(error.to_string()))?,
            way,
            waiting: Vec::new(),
            current: 0,
        };
        folder.log_in().await?;
        folder.select().await?;
        folder.look().await?;
        Ok(folder)
    }

    /// The next message, the oldest first; one that somebody deletes meanwhile is passed over.
    ///
    /// # Errors
    ///
    /// Where the server does not give it.
    pub async fn next(&mut self) -> Result<Option<Stored>, ImapError> {
        while let Some(uid) = self.waiting.pop() {
            // PEEK: looking does not mark it as seen (§6.4.5).
            let command = format!("UID FETCH {uid} (UID BODY.PEEK[]<0.{LARGEST}>)");
            let mut found = None;
            let end = self.line.run(&command, |answer| {
                if let Some(body) = body_of(uid, answer) {
                    found = Some(body);
                }
            });
            end.await.map_err(|refusal| self.broken(refusal))?;
            if let Some(mut bytes) = found {
                bytes.truncate(LARGEST);
                self.current = uid;
                let name = format!("{} {uid}", self.way.address.folder);
                return Ok(Some(stored(name, bytes)));
            }
        }
        Ok(None)
    }

    /// Marks the message that was read last as dealt with.
    ///
    /// # Errors
    ///
    /// Where the server does not do it.
    pub async fn mark_as_seen(&mut self) -> Result<(), ImapError> {
        let uid = self.current;
        let store = format!("UID STORE {uid} +FLAGS.SILENT (\\Seen)");
        let end = self.line.run(&store, drop).await;
        end.map_err(|refusal| self.broken(refusal))?;
        let Some(folder) = &self.way.move_to else {
            return Ok(());
        };
        // In one step (RFC 6851): a message is never in neither folder.
        let command = format!("UID MOVE {uid} {}", quoted(folder));
        match self.line.run(&command, drop).await {
            Err(Refusal::No(said)) => Err(ImapError::NotMoved {
                host: self.way.address.host.clone(),
                folder: folder.clone(),
                said,
            }),
            end => end.map_err(|refusal| self.broken(refusal)),
        }
    }

    /// Says good-bye. What the server makes of it does not matter any more.
    pub async fn close(mut self) {
        let _ = self.line.run("LOGOUT", drop).await;
    }

    async fn log_in(&mut self) -> Result<(), ImapError> {
        let Way { address, login, .. } = &self.way;
        let (host, user) = (address.host.clone(), login.user.clone());
        let proof = secret(&login.secret).await;
        let proof = proof.map_err(|trouble| ImapError::NoToken {
            host: host.clone(),
            why: trouble.why.reply,
        })?;
        let mechanism = match login.secret {
            Secret::Password(_) => "PLAIN",
            Secret::TokenFile(_) | Secret::TokenCommand { .. } => "XOAUTH2",
        };
        let proof = initial_response(mechanism, &user, &proof);
        let end = self.line.authenticate(mechanism, proof.expose_secret());
        match end.await {
            Err(Refusal::No(said)) => Err(ImapError::NotLetIn { host, user, said }),
            end => end.map_err(|refusal| self.broken(refusal)),
        }
    }

    async fn select(&mut self) -> Result<(), ImapError> {
        let folder = &self.way.address.folder;
        let verb = if self.way.look_only {
            "EXAMINE"
        } else {
            "SELECT"
        };
        let command = format!("{verb} {}", quoted(folder));
        match self.line.run(&command, drop).await {
            Err(Refusal::No(said)) => Err(ImapError::NoFolder {
                host: self.way.address.host.clone(),
                folder: folder.clone(),
                said,
            }),
            end => end.map_err(|refusal| self.broken(refusal)),
        }
    }

    async fn look(&mut self) -> Result<(), ImapError> {
        let mut found = Vec::new();
        let end = self.line.run("UID SEARCH UNSEEN UNDELETED", |answer| {
            if let Response::MailboxData(MailboxDatum::Search(uids)) = answer {
                found.extend(uids);
            }
        });
        end.await.map_err(|refusal| self.broken(refusal))?;
        found.sort_unstable_by(|one, other| other.cmp(one));
        found.dedup();
        found.truncate(MOST);
        self.waiting = found;
        Ok(())
    }

    fn broken(&self, refusal: Refusal) -> ImapError {
        let (Refusal::No(said) | Refusal::Lost(said)) = refusal;
        let host = self.way.address.host.clone();
        ImapError::Broken { host, said }
    }
}

/// What is sent for the first question of AUTHENTICATE: RFC 4616 §2, or Google's and Microsoft's way.
fn initial_response(mechanism: &str, user: &str, secret: &SecretString) -> SecretString {
    let secret = secret.expose_secret();
    let plain = match mechanism {
        "PLAIN" => format!("\0{user}\0{secret}"),
        _ => format!("user={user}\x01auth=Bearer {secret}\x01\x01"),
    };
    STANDARD.encode(plain).into()
}

/// The body in `answer`, where that is about the message `uid` and has one.
fn body_of(uid: u32, answer: Response<'static>) -> Option<Vec<u8>> {
    let Response::Fetch(_, attributes) = answer else {
        return None;
    };
    if !attributes.contains(&AttributeValue::Uid(uid)) {
        return None;
    }
    attributes
        .into_iter()
        .find_map(|attribute| match attribute {
            AttributeValue::BodySection {
                section: None,
                data: Some(data),
                ..
            } => Some(data.into_owned()),
            _ => None,
        })
}

/// A quoted string (§4.3).
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
