//! `[folder]`: the folder transport.

use std::path::PathBuf;

use serde::Deserialize;

/// `[folder]`: the folder transport.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct FolderTransport {
    pub(super) path: PathBuf,
}

impl Default for FolderTransport {
    fn default() -> Self {
        Self {
            path: "outbox".into(),
        }
    }
}
