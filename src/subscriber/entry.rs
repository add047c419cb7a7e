//! Somebody to be added.

use super::consent::Consent;
use super::evidence::Evidence;
use super::recipient::Profile;

/// Somebody to be added, with their consent and what can be shown of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub profile: Profile,
    pub consent: Consent,
    pub evidence: Evidence,
}
