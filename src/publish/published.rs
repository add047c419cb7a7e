//! What a place has, who publishes there, and what can hinder them.

use chrono::{DateTime, Utc};
use data_encoding::HEXLOWER;

use super::manifest::{Manifest, ManifestError, Mark, NAME};
use super::object::{Tag, TargetError};
use super::target::Target;
use crate::clock::Clock;

/// A list, and the version of it that was read.
#[derive(Debug, Default)]
pub struct Published {
    pub manifest: Manifest,
    /// Nothing where nothing was published yet.
    pub(super) tag: Option<Tag>,
}

/// Who publishes, and what may be done.
#[derive(Debug)]
pub struct Publisher<'a> {
    /// The same for all runs of one folder.
    pub name: &'a str,
    pub clock: Clock,
    /// Put a build that is older than the one that is there.
    pub allow_older: bool,
    /// Replace files that are there and that we did not put.
    pub replace: bool,
}

/// Why a publication came to no end.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    #[error(transparent)]
    Target(#[from] TargetError),
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    #[error("another publisher is at work since {0}")]
    Busy(DateTime<Utc>),
    #[error("another publisher took over")]
    Lost,
    #[error("what is published is newer than this build: {}", compared(own, there))]
    Older { own: Mark, there: Mark },
    #[error("{} there already, and not by courrier: {}", are(.0), .0.join(", "))]
    Foreign(Vec<String>),
    #[error("{0} was changed while it was published")]
    Moved(String),
    #[error("{name}: {error}")]
    Io { name: String, error: std::io::Error },
    #[error("the system gives no random numbers")]
    Random,
}

impl Published {
    /// What `target` has.
    ///
    /// # Errors
    ///
    /// Where it cannot be reached, or its list cannot be read.
    pub async fn read(target: &Target) -> Result<Self, PublishError> {
        Ok(match target.read(NAME).await? {
            None => Self::default(),
            Some((tag, bytes)) => Self {
                manifest: Manifest::parse(&bytes)?,
                tag: Some(tag),
            },
        })
    }

    /// Whether `publisher` may publish a build of this `mark` now.
    ///
    /// # Errors
    ///
    /// [`PublishError::Busy`] and [`PublishError::Older`].
    pub fn admits(&self, publisher: &Publisher<'_>, mark: Mark) -> Result<(), PublishError> {
        let now = publisher.clock.now();
        if let Some(claim) = self.manifest.busy(publisher.name, now) {
            return Err(PublishError::Busy(claim.at));
        }
        let (own, there) = (mark, self.manifest.mark);
        match own < there && !publisher.allow_older {
            true => Err(PublishError::Older { own, there }),
            false => Ok(()),
        }
    }
}

/// A name that nobody has.
///
/// # Errors
///
/// Where the system gives no random numbers.
pub fn random() -> Result<String, PublishError> {
    let mut bytes = [0; 16];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| PublishError::Random)?;
    Ok(HEXLOWER.encode(&bytes))
}

fn are(names: &[String]) -> String {
    match names.len() {
        1 => "a file is".to_owned(),
        more => format!("{more} files are"),
    }
}

fn compared(own: &Mark, there: &Mark) -> String {
    match own.posts < there.posts {
        true => format!(
            "it knows {} posts, and this build {}",
            there.posts, own.posts
        ),
        false => format!(
            "it changed at {}, and this build at {}",
            there.changed.format("%FT%TZ"),
            own.changed.format("%FT%TZ")
        ),
    }
}
