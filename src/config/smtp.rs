//! `[smtp]`: the relay that takes the mail.

use std::net::IpAddr;
use std::num::{NonZeroU16, NonZeroUsize};
use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::SecretString;
use serde::Deserialize;

use crate::problem::Problem;

/// `[smtp]`: the relay that takes the mail.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Smtp {
    pub host: String,
    port: Option<NonZeroU16>,
    #[serde(default)]
    pub tls: Tls,
    user: Option<String>,
    password_file: Option<PathBuf>,
    /// Certificates to trust besides the system's, as PEM.
    pub ca_file: Option<PathBuf>,
    #[serde(default = "Smtp::default_connections")]
    pub connections: NonZeroUsize,
    /// The longest wait for any answer; RFC 5321 s. 4.5.3.2 where it is missing.
    pub timeout_seconds: Option<f64>,
    /// The first wait after a 4xx; each next one is longer.
    #[serde(default = "Smtp::default_retry")]
    retry_minutes: f64,
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

/// Name and password for the relay.
#[derive(Debug, Clone)]
pub struct Login {
    pub user: String,
    pub password: SecretString,
}

impl Smtp {
    fn default_connections() -> NonZeroUsize {
        const { NonZeroUsize::new(2).unwrap() }
    }

    fn default_retry() -> f64 {
        10.0
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

    /// The first wait after a 4xx.
    pub fn retry(&self) -> Duration {
        Duration::try_from_secs_f64(self.retry_minutes * 60.0).unwrap_or(Duration::from_secs(600))
    }

    /// The longest wait for any answer, where one is set.
    pub fn timeout(&self) -> Option<Duration> {
        self.timeout_seconds
            .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
    }

    /// Whether the relay is on this machine.
    pub fn is_loopback(&self) -> bool {
        self.host == "localhost" || self.host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
    }

    /// Name and password for the relay, where it wants them.
    ///
    /// # Errors
    ///
    /// Where there is a name and no password, or others can read its file.
    pub fn login(&self, home: &Path) -> Result<Option<Login>, Problem> {
        let Some(user) = std::env::var("COURRIER_SMTP_USER")
            .ok()
            .or(self.user.clone())
        else {
            return Ok(None);
        };
        let password = match (std::env::var("COURRIER_SMTP_PASSWORD"), &self.password_file) {
            (Ok(password), _) => password,
            (Err(_), Some(file)) => read_secret(&home.join(file))?,
            (Err(_), None) => {
                let help = "set COURRIER_SMTP_PASSWORD, or [smtp] password_file to a file that only you can read";
                return Err(Problem::new(
                    format!("there is no password for {user} at {}", self.host),
                    help,
                ));
            }
        };
        Ok(Some(Login {
            user,
            password: password.into(),
        }))
    }
}

/// The secret in a file that nobody else can read.
fn read_secret(path: &Path) -> Result<String, Problem> {
    let name = path.display();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        if std::fs::metadata(path).is_ok_and(|file| file.permissions().mode() & 0o077 != 0) {
            return Err(Problem::new(
                format!("others can read the password in {name}"),
                format!("run `chmod 600 {name}`"),
            ));
        }
    }
    match std::fs::read_to_string(path) {
        Ok(secret) => Ok(secret.trim_end_matches(['\n', '\r']).to_owned()),
        Err(error) => Err(Problem::new(
            format!("cannot read the password in {name}: {error}"),
            "set [smtp] password_file to a file that you can read",
        )),
    }
}
