//! The ways by which mail leaves.

use std::path::PathBuf;

use super::connect::Server;
use super::handover::{Gate, Handed};
use super::message::Parcel;
use super::session::Session;
use super::trouble::Trouble;
use super::{folder, sendmail};
use crate::config::smtp::Login;
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
