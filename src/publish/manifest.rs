//! What a place has of us: a list that lies there beside the files, and that
//! publishers change one after the other.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::object::Tag;

/// What the list is called, below the place.
pub const NAME: &str = ".courrier/published.json";
/// A publisher who says nothing for so long is dead.
pub const LEASE: Duration = Duration::from_secs(10 * 60);
/// The form of the list that this program writes.
const FORM: u32 = 1;

/// What a place has of us.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    form: u32,
    /// How often something was published.
    pub generation: u64,
    pub mark: Mark,
    /// Who is at work, or died at it.
    pub claim: Option<Claim>,
    pub files: BTreeMap<String, Entry>,
}

/// How new a build is: one that knows fewer posts is older, else one whose folder
/// changed earlier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Mark {
    /// Posts that `courrier.lock` knows, withdrawn ones too: it never forgets one.
    pub posts: usize,
    /// When a file of the build last came, went or changed.
    pub changed: DateTime<Utc>,
}

/// The right to change what is there, for a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// Another for each publication.
    pub id: String,
    /// The publisher: a name without meaning, the same for all runs of one folder.
    pub by: String,
    /// When it was last seen at work.
    pub at: DateTime<Utc>,
}

/// A file that is there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// What it was last put with; nothing before it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub print: Option<String>,
    /// What publishers were about to put: one of these is there, or what was before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pending: Vec<String>,
    #[serde(default)]
    pub tag: Tag,
}

/// Why a list cannot be read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ManifestError {
    #[error("the list of what is published, {NAME}, cannot be read: {0}")]
    Broken(String),
    #[error("the list of what is published, {NAME}, was written by a newer courrier")]
    Newer,
}

impl Default for Manifest {
    fn default() -> Self {
        Self {
            form: FORM,
            generation: 0,
            mark: Mark {
                posts: 0,
                changed: DateTime::UNIX_EPOCH,
            },
            claim: None,
            files: BTreeMap::new(),
        }
    }
}

impl Manifest {
    /// # Errors
    ///
    /// Where it is no list of ours, or one of a newer program.
    pub fn parse(bytes: &[u8]) -> Result<Self, ManifestError> {
        #[derive(Deserialize)]
        struct Form {
            form: u32,
        }
        let broken = |error: serde_json::Error| ManifestError::Broken(error.to_string());
        let Form { form } = serde_json::from_slice(bytes).map_err(broken)?;
        match form {
            FORM => serde_json::from_slice(bytes).map_err(broken),
            _ => Err(ManifestError::Newer),
        }
    }

    pub fn bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Another than `publisher` who is at work, as of `now`.
    pub fn busy(&self, publisher: &str, now: DateTime<Utc>) -> Option<&Claim> {
        let lease = TimeDelta::from_std(LEASE).unwrap_or_default();
        self.claim
            .as_ref()
            .filter(|claim| claim.by != publisher && (now - claim.at).abs() < lease)
    }

    /// Whether somebody began and did not come to an end.
    pub fn is_unfinished(&self) -> bool {
        self.claim.is_some() || self.files.values().any(|entry| !entry.pending.is_empty())
    }
}

impl Entry {
    /// Whether a file that was put with `print` is ours.
    pub fn knows(&self, print: Option<&str>) -> bool {
        let mut ours = self.print.iter().chain(&self.pending);
        print.is_some_and(|print| ours.any(|own| own == print))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_build_that_knows_fewer_posts_is_older_whenever_it_was_made() {
        let mark = |posts, seconds| Mark {
            posts,
            changed: DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds),
        };
        assert!(mark(3, 9) < mark(4, 1));
        assert!(mark(3, 1) < mark(3, 2));
    }

    #[test]
    fn a_claim_ends_with_its_lease_and_binds_nobody_who_made_it() {
        let now = Utc::now();
        let manifest = |age: Duration| Manifest {
            claim: Some(Claim {
                id: "1".into(),
                by: "ada".into(),
                at: now - TimeDelta::from_std(age).unwrap_or_default(),
            }),
            ..Manifest::default()
        };
        assert!(manifest(LEASE / 2).busy("bob", now).is_some());
        assert!(manifest(LEASE / 2).busy("ada", now).is_none());
        assert!(manifest(LEASE * 2).busy("bob", now).is_none());
    }

    #[test]
    fn a_list_comes_back_as_it_was_and_that_of_a_newer_program_is_refused() {
        let manifest = Manifest::default();
        assert_eq!(Manifest::parse(&manifest.bytes()), Ok(manifest));
        let newer = Manifest::parse(b"{\"form\": 2, \"shape\": \"unknown\"}");
        assert_eq!(newer, Err(ManifestError::Newer));
        assert!(matches!(
            Manifest::parse(b"<html>"),
            Err(ManifestError::Broken(_))
        ));
    }
}
