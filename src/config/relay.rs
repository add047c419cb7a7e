//! One mail server that takes mail for others: `[smtp]`, and each `[[smtp.relay]]`.

use std::net::IpAddr;
use std::num::{NonZeroU16, NonZeroU32, NonZeroUsize};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::login::{Hidden, Login};
use crate::problem::Problem;

/// One mail server, and what it allows.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Relay {
    pub host: String,
    pub(super) port: Option<NonZeroU16>,
    #[serde(default)]
    pub tls: Tls,
    pub(super) user: Option<String>,
    pub(super) password_file: Option<PathBuf>,
    /// A file with an OAuth token, which something else renews.
    pub(super) token_file: Option<PathBuf>,
    /// A command that prints an OAuth token.
    pub(super) token_command: Option<String>,
    /// Certificates to trust besides the system's, as PEM.
    pub ca_file: Option<PathBuf>,
    #[serde(default = "Relay::default_connections")]
    pub connections: NonZeroUsize,
    pub messages_per_connection: Option<NonZeroUsize>,
    pub per_minute: Option<NonZeroU32>,
    /// In any twenty-four hours.
    pub per_day: Option<NonZeroU32>,
}

/// When a connection becomes secret.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tls {
    /// From its first byte (RFC 8314).
    #[default]
    Implicit,
    /// By STARTTLS, or nothing is sent.
    Starttls,
    /// Never: to this machine only.
    None,
}

impl Relay {
    pub(super) fn default_connections() -> NonZeroUsize {
        const { NonZeroUsize::new(2).unwrap() }
    }

    /// The port that is set, else the usual one (RFC 8314 §3.3, RFC 6409, RFC 5321).
    pub fn port(&self) -> u16 {
        self.port.map_or(
            match self.tls {
                Tls::Implicit => 465,
                Tls::Starttls => 587,
                Tls::None => 25,
            },
            NonZeroU16::get,
        )
    }

    /// Whether the relay is on this machine.
    pub fn is_loopback(&self) -> bool {
        self.host == "localhost" || self.host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
    }

    /// Name and secret, where the relay wants them.
    ///
    /// # Errors
    ///
    /// Where there is a name and nothing that proves it, or others can read its file.
    pub fn login(&self, home: &Path) -> Result<Option<Login>, Problem> {
        let user = std::env::var("COURRIER_SMTP_USER").ok();
        let Some(user) = self.user.clone().or(user) else {
            return Ok(None);
        };
        let hidden = Hidden {
            variable: "COURRIER_SMTP_PASSWORD",
            password_file: self.password_file.as_deref(),
            token_file: self.token_file.as_deref(),
            token_command: self.token_command.as_deref(),
        };
        let secret = hidden.secret(home)?;
        let secret = secret.ok_or_else(|| self.no_secret(&user))?;
        Ok(Some(Login { user, secret }))
    }

    /// The same for a relay of its own: nothing of `[smtp]` holds for it.
    ///
    /// # Errors
    ///
    /// As [`Relay::login`].
    pub fn own_login(&self, home: &Path) -> Result<Option<Login>, Problem> {
        let Some(user) = self.user.clone() else {
            return Ok(None);
        };
        let hidden = Hidden {
            variable: "COURRIER_ALERTS_PASSWORD",
            password_file: self.password_file.as_deref(),
            token_file: self.token_file.as_deref(),
            token_command: self.token_command.as_deref(),
        };
        let secret = hidden.secret(home)?;
        let help = "set COURRIER_ALERTS_PASSWORD, or [alerts.relay] password_file to a file that only you can read";
        let none = || {
            Problem::new(
                format!("there is no password for {user} at {}", self.host),
                help,
            )
        };
        let secret = secret.ok_or_else(none)?;
        Ok(Some(Login { user, secret }))
    }

    fn no_secret(&self, user: &str) -> Problem {
        let help = "set COURRIER_SMTP_PASSWORD, or [smtp] password_file to a file that only you can read; for OAuth, token_command or token_file";
        let message = format!("there is no password for {user} at {}", self.host);
        Problem::new(message, help)
    }
}
