//! `[bounces]`: where messages that came back lie.

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Deserializer};

use super::imap::ImapAddress;
use super::login::{Hidden, Login};
use crate::problem::Problem;

/// `[bounces]`: where messages that came back lie.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Bounces {
    pub(super) mailbox: Option<PathBuf>,
    password_file: Option<PathBuf>,
    token_file: Option<PathBuf>,
    token_command: Option<String>,
    /// Certificates to trust besides the system's, as PEM.
    pub ca_file: Option<PathBuf>,
    /// The IMAP folder that messages go to once they were read.
    #[serde(deserialize_with = "imap_folder")]
    pub move_to: Option<String>,
    /// Complaints about an issue that stop it: more than so many of a hundred messages.
    #[serde(deserialize_with = "percent")]
    pub complaints_percent: f64,
    /// Fewer never do.
    pub complaints_least: NonZeroU32,
}

impl Default for Bounces {
    fn default() -> Self {
        Self {
            mailbox: None,
            password_file: None,
            token_file: None,
            token_command: None,
            ca_file: None,
            move_to: None,
            complaints_percent: 1.0,
            complaints_least: const { NonZeroU32::new(3).unwrap() },
        }
    }
}

fn percent<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    let percent = f64::deserialize(deserializer)?;
    match percent > 0.0 && percent <= 100.0 {
        true => Ok(percent),
        false => Err(serde::de::Error::custom(
            "this is more than 0 and at most 100",
        )),
    }
}

/// A name that can stand in a command: letters that are not plain are written in
/// modified UTF-7 (RFC 3501 §5.1.3), as the server shows them.
fn imap_folder<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let name = String::deserialize(deserializer)?;
    if name.is_empty() || !name.chars().all(|c| c.is_ascii() && !c.is_control()) {
        return Err(serde::de::Error::custom(
            "a folder has a name of plain letters, or of modified UTF-7",
        ));
    }
    Ok(Some(name))
}

impl Bounces {
    /// Name and secret for the IMAP server of `address`.
    ///
    /// # Errors
    ///
    /// Where nothing proves the name, or others can read what does.
    pub fn login(&self, address: &ImapAddress, home: &Path) -> Result<Login, Problem> {
        let hidden = Hidden {
            variable: "COURRIER_IMAP_PASSWORD",
            password_file: self.password_file.as_deref(),
            token_file: self.token_file.as_deref(),
            token_command: self.token_command.as_deref(),
        };
        let user = address.user.clone();
        match hidden.secret(home)? {
            Some(secret) => Ok(Login { user, secret }),
            None => {
                let help = "set COURRIER_IMAP_PASSWORD, or [bounces] password_file to a file that only you can read; for OAuth, token_command or token_file";
                let message = format!("there is no password for {user} at {}", address.host);
                Err(Problem::new(message, help))
            }
        }
    }
}
