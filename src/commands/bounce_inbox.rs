//! The mailbox of returned messages that the command line or the settings name.

use std::path::{Path, PathBuf};

use super::context::Context;
use super::exit::Exit;
use super::next_issue::config;
use super::report::Failure;
use crate::config::imap::ImapAddress;
use crate::mail::bounce::imap::{Folder, ImapError, Way};
use crate::mail::bounce::inbox::{Inbox, InboxError};
use crate::mail::bounce::mailbox::{Mailbox, Stored};
use crate::mail::connect::trust;
use crate::problem::Problem;

/// The mailbox at `named`, else that of the settings, opened. With `look_only` nothing
/// in it can be marked.
///
/// # Errors
///
/// Where there is none, or it cannot be read.
pub async fn open(
    named: Option<&Path>,
    look_only: bool,
    context: &Context,
) -> Result<(Inbox, PathBuf), Failure> {
    let set = || context.config.bounce_mailbox();
    let path = named.map(Path::to_owned).or_else(set).ok_or_else(|| {
        let help = "give a Maildir, an mbox file, a folder or imaps://user@host/INBOX, or set [bounces] mailbox";
        Failure::new(
            Exit::Usage,
            Problem::new("there is no mailbox to read", help),
        )
    })?;
    let inbox = match ImapAddress::read(&path) {
        Some(address) => {
            let way = way(address.map_err(config)?, look_only, context).map_err(config)?;
            let folder = Folder::open(way).await.map_err(refused)?;
            Inbox::Imap(Box::new(folder))
        }
        None => {
            let messages = Mailbox::at(&path).and_then(|mailbox| mailbox.messages());
            Inbox::Here(messages.map_err(|error| unread(InboxError::Here(error), &path))?)
        }
    };
    Ok((inbox, path))
}

fn way(address: ImapAddress, look_only: bool, context: &Context) -> Result<Way, Problem> {
    let (settings, home) = (&context.config.bounces, context.config.home());
    let ca_file = settings.ca_file.as_deref().map(|file| home.join(file));
    Ok(Way {
        login: settings.login(&address, home)?,
        trust: trust(ca_file.as_deref())?,
        move_to: settings.move_to.clone(),
        look_only,
        address,
    })
}

/// A message of the mailbox at `path` cannot be read.
pub fn unread(error: InboxError, path: &Path) -> Failure {
    match error {
        InboxError::Here(error) => {
            let help = "give a Maildir, an mbox file or a folder that you can read";
            let message = format!("cannot read {}: {error}", path.display());
            Failure::new(Exit::Usage, Problem::new(message, help))
        }
        InboxError::Imap(error) => refused(error),
    }
}

/// `message` was written down and cannot be marked.
pub fn unmarked(error: InboxError, message: &Stored) -> Failure {
    match error {
        InboxError::Here(error) => Failure::io(format!("cannot mark {}", message.name), &error),
        InboxError::Imap(error) => refused(error),
    }
}

fn refused(error: ImapError) -> Failure {
    let (exit, help) = match &error {
        ImapError::Unreachable { .. } => (
            Exit::Unreachable,
            "check host and port of the mailbox; a certificate that nobody vouches for goes into [bounces] ca_file",
        ),
        ImapError::NoToken { .. } => (Exit::Config, "check [bounces] token_file or token_command"),
        ImapError::NotLetIn { .. } => (
            Exit::Config,
            "check the user in the address and [bounces] password_file, or COURRIER_IMAP_PASSWORD; some servers want a token",
        ),
        ImapError::NoFolder { .. } => (Exit::Config, "check the folder behind the host"),
        ImapError::NotMoved { .. } => (
            Exit::Config,
            "make the folder, or take [bounces] move_to away; what was read is written down and counts once",
        ),
        ImapError::Broken { .. } => (
            Exit::Later,
            "run the same command again; what was read is written down and counts once",
        ),
    };
    Failure::new(exit, Problem::new(error.to_string(), help))
}
