//! The ways by which mail leaves.

use std::path::PathBuf;

use chrono::{DateTime, Utc};

use super::connect::Server;
use super::message::Parcel;
use super::session::Session;
use super::trouble::Trouble;
use super::{folder, sendmail};
use crate::clock::Clock;
use crate::config::smtp::Login;
use crate::store::database::{Store, StoreError};
use crate::store::ledger::{Claim, Why};
use crate::subscriber::consent::Audience;

/// A way by which mail leaves.
pub enum Transport {
    /// Into a folder, one file a message: nobody is written to.
    Folder { path: PathBuf },
    /// By a local program that takes mail as `sendmail` does.
    Sendmail { command: PathBuf },
    Smtp {
        server: Box<Server>,
        login: Option<Login>,
        connections: usize,
    },
}

/// A transport at work: for SMTP an open connection.
pub enum Carrier<'a> {
    Folder(&'a PathBuf),
    Sendmail(&'a PathBuf),
    Smtp(Box<Session>),
}

/// What handing a message over came to.
#[derive(Debug)]
pub enum Handed {
    /// The server has taken it over.
    Accepted { reply: String },
    /// It said no, to this message: 4xx or 5xx.
    Refused { why: Why },
    /// No usable answer, and the final dot had not left.
    Lost { why: Why },
    /// No usable answer, and the final dot may have left.
    Uncertain { why: Why },
    /// The ledger did not let it leave.
    Withdrawn,
    /// Nothing to do with this message.
    Trouble(Trouble),
}

/// What the ledger must say before a message may leave for good.
pub struct Gate<'a> {
    pub store: &'a Store,
    pub claim: &'a Claim,
    pub audience: Audience,
    pub clock: &'a Clock,
}

impl Gate<'_> {
    /// Writes down, durably, that the message may have left; false where it must not.
    ///
    /// # Errors
    ///
    /// Where the store fails: then it must not either.
    pub async fn open(&self) -> Result<bool, StoreError> {
        let now: DateTime<Utc> = self.clock.now();
        self.store
            .begin_sending(self.claim, self.audience, now)
            .await
    }
}

impl Transport {
    /// Messages under way at the same time.
    pub fn connections(&self) -> usize {
        match self {
            Self::Folder { .. } | Self::Sendmail { .. } => 1,
            Self::Smtp { connections, .. } => *connections,
        }
    }

    /// Whom it reaches.
    pub fn audience(&self) -> Audience {
        match self {
            Self::Folder { .. } => Audience::Folder,
            Self::Sendmail { .. } | Self::Smtp { .. } => Audience::People,
        }
    }

    /// Gets ready to take messages.
    ///
    /// # Errors
    ///
    /// What kept it from that.
    pub async fn open(&self) -> Result<Carrier<'_>, Trouble> {
        match self {
            Self::Folder { path } => Ok(Carrier::Folder(path)),
            Self::Sendmail { command } => {
                sendmail::find(command).map(|()| Carrier::Sendmail(command))
            }
            Self::Smtp { server, login, .. } => Session::open(server, login.as_ref())
                .await
                .map(Box::new)
                .map(Carrier::Smtp),
        }
    }
}

impl<'a> Carrier<'a> {
    /// Hands one message over; the carrier comes back where it can take another.
    pub async fn hand_over(
        self,
        parcel: &Parcel,
        gate: &Gate<'_>,
    ) -> (Handed, Option<Carrier<'a>>) {
        match self {
            Self::Folder(path) => (folder::hand_over(path, parcel, gate).await, Some(self)),
            Self::Sendmail(command) => {
                (sendmail::hand_over(command, parcel, gate).await, Some(self))
            }
            Self::Smtp(session) => {
                let (handed, session) = session.hand_over(parcel, gate).await;
                (handed, session.map(Box::new).map(Carrier::Smtp))
            }
        }
    }

    /// Says goodbye.
    pub async fn close(self) {
        if let Self::Smtp(session) = self {
            session.quit().await;
        }
    }
}
