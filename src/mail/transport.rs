//! The ways by which mail leaves.

use std::path::PathBuf;

use super::clerk::Clerk;
use super::handover::{Handed, Item};
use super::relay::{Relay, Seat};
use super::trouble::Trouble;
use super::{folder, sendmail};
use crate::clock::Clock;
use crate::store::database::{Store, StoreError};
use crate::store::ledger::Phase;
use crate::store::pace::Allowance;
use crate::subscriber::consent::Audience;

/// A way by which mail leaves.
pub enum Transport {
    /// Into a folder, one file a message: nobody is written to.
    Folder { path: PathBuf },
    /// By a local program that takes mail as `sendmail` does.
    Sendmail { command: PathBuf },
    /// By the first of these that takes mail.
    Smtp { relays: Vec<Relay> },
}

/// A transport at work: for SMTP an open connection.
pub enum Carrier<'a> {
    Folder(&'a PathBuf),
    Sendmail(&'a PathBuf),
    Smtp(Box<Seat<'a>>),
}

impl Transport {
    /// Messages under way at the same time.
    pub fn connections(&self) -> usize {
        match self {
            Self::Folder { .. } | Self::Sendmail { .. } => 1,
            Self::Smtp { relays } => relays.first().map_or(1, |relay| relay.connections),
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
    /// What kept it from that; of several relays what kept the first.
    pub async fn open(&self) -> Result<Carrier<'_>, Trouble> {
        match self {
            Self::Folder { path } => Ok(Carrier::Folder(path)),
            Self::Sendmail { command } => {
                sendmail::find(command).map(|()| Carrier::Sendmail(command))
            }
            Self::Smtp { relays } => Ok(Carrier::Smtp(Box::new(first_open(relays).await?))),
        }
    }

    /// Hands over one message that no ledger knows.
    pub async fn hand_over_alone(&self, item: &Item) -> Handed {
        let mut carrier = match self.open().await {
            Ok(carrier) => carrier,
            Err(trouble) => return Handed::Trouble(trouble),
        };
        let mut clerk = Clerk::without_ledger();
        let handed = carrier.hand_over(item, None, &mut clerk).await;
        if carrier.is_sound() {
            carrier.close().await;
        }
        handed
    }

    /// Gives back what relays allowed and did not get.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn give_back(&self, store: &Store, clock: Clock) -> Result<(), StoreError> {
        if let Self::Smtp { relays } = self {
            for relay in relays {
                relay.give_back(store, clock).await?;
            }
        }
        Ok(())
    }
}

/// A connection to the first relay that has one left. Nobody's delivery is at stake yet.
async fn first_open(relays: &[Relay]) -> Result<Seat<'_>, Trouble> {
    let mut first = None;
    for relay in relays {
        match relay.open().await {
            Ok(seat) => return Ok(seat),
            Err(trouble) => {
                if relays.len() > 1 {
                    tracing::error!(relay = relay.name(), %trouble, "this relay takes no mail");
                }
                first.get_or_insert(trouble);
            }
        }
    }
    let none = || Trouble::passing(Phase::Connect, "there is no relay".to_owned());
    Err(first.unwrap_or_else(none))
}

impl Carrier<'_> {
    /// Hands one message over. `next` is the one that follows, where it is known.
    pub async fn hand_over(
        &mut self,
        item: &Item,
        next: Option<&Item>,
        clerk: &mut Clerk<'_>,
    ) -> Handed {
        match self {
            Self::Folder(path) => folder::hand_over(path, item, clerk).await,
            Self::Sendmail(command) => sendmail::hand_over(command, item, clerk).await,
            Self::Smtp(seat) => seat.hand_over(item, next, clerk).await,
        }
    }

    /// Whether it can take another.
    pub fn is_sound(&self) -> bool {
        match self {
            Self::Folder(_) | Self::Sendmail(_) => true,
            Self::Smtp(seat) => seat.session.is_sound(),
        }
    }

    /// Whether the next message can go on without waiting for the server.
    pub fn has_answers(&self) -> bool {
        match self {
            Self::Folder(_) | Self::Sendmail(_) => true,
            Self::Smtp(seat) => seat.session.has_answers(),
        }
    }

    /// Whether it may take another message now, which then counts.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn allowance(&self, store: &Store, clock: Clock) -> Result<Allowance, StoreError> {
        match self {
            Self::Folder(_) | Self::Sendmail(_) => Ok(Allowance::Now(1)),
            Self::Smtp(seat) => seat.relay.allowance(store, clock).await,
        }
    }

    /// There was no message for what was allowed.
    pub fn decline(&self) {
        if let Self::Smtp(seat) = self {
            seat.relay.decline();
        }
    }

    /// Whether it has taken as many messages as it should over one connection.
    pub fn is_full(&self) -> bool {
        matches!(self, Self::Smtp(seat) if seat.left == 0)
    }

    /// Says goodbye.
    pub async fn close(self) {
        if let Self::Smtp(seat) = self {
            seat.session.quit().await;
        }
    }
}
