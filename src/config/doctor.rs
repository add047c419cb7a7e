//! `[doctor]`: how an installation is looked at.

use std::net::SocketAddr;

use serde::Deserialize;

/// `[doctor]`: how `courrier doctor` looks at an installation.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Doctor {
    /// The name server that is asked, as `ip:port`; the system's where it is missing.
    pub resolver: Option<SocketAddr>,
}
