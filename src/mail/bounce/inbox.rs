//! The place that messages are read from, one after the other, whatever it is.

use std::io;

use super::imap::{Folder, ImapError};
use super::mailbox::Stored;

/// A place that messages are read from, opened.
pub enum Inbox {
    /// A mailbox on this machine.
    Here(Box<dyn Iterator<Item = io::Result<Stored>>>),
    /// A folder on an IMAP server.
    Imap(Box<Folder>),
}

/// Why a message cannot be read or marked.
#[derive(Debug)]
pub enum InboxError {
    Here(io::Error),
    Imap(ImapError),
}

impl Inbox {
    /// The next message that nobody has seen.
    ///
    /// # Errors
    ///
    /// Where it cannot be read.
    pub async fn next(&mut self) -> Result<Option<Stored>, InboxError> {
        match self {
            Self::Here(messages) => messages.next().transpose().map_err(InboxError::Here),
            Self::Imap(folder) => folder.next().await.map_err(InboxError::Imap),
        }
    }

    /// Marks `message`, the one that was read last, as dealt with.
    ///
    /// # Errors
    ///
    /// Where it cannot be.
    pub async fn mark_as_seen(&mut self, message: &Stored) -> Result<(), InboxError> {
        match self {
            Self::Here(_) => message.mark_as_seen().map_err(InboxError::Here),
            Self::Imap(folder) => folder.mark_as_seen().await.map_err(InboxError::Imap),
        }
    }

    /// Ends the connection, where there is one.
    pub async fn close(self) {
        if let Self::Imap(folder) = self {
            folder.close().await;
        }
    }
}
