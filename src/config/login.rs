//! Name and secret for a mail server, and where the settings say that the secret is.

use std::path::{Path, PathBuf};

use secrecy::SecretString;

use super::secret_file;
use crate::problem::Problem;

/// Name and secret for a mail server.
#[derive(Debug, Clone)]
pub struct Login {
    pub user: String,
    pub secret: Secret,
}

/// What proves the name.
#[derive(Debug, Clone)]
pub enum Secret {
    Password(SecretString),
    /// OAuth, for XOAUTH2. Tokens live for an hour or so: they are read for each connection.
    TokenFile(PathBuf),
    TokenCommand {
        command: String,
        home: PathBuf,
    },
}

/// Where a secret is; the files lie beside `config.toml`.
pub(super) struct Hidden<'a> {
    /// The variable of the environment with the password.
    pub variable: &'static str,
    pub password_file: Option<&'a Path>,
    pub token_file: Option<&'a Path>,
    pub token_command: Option<&'a str>,
}

impl Hidden<'_> {
    /// The secret, where there is one. A token is meant where a password is set too.
    ///
    /// # Errors
    ///
    /// Where its file cannot be read, or others can read it.
    pub fn secret(&self, home: &Path) -> Result<Option<Secret>, Problem> {
        if let Some(command) = self.token_command {
            return Ok(Some(Secret::TokenCommand {
                command: command.to_owned(),
                home: home.to_owned(),
            }));
        }
        if let Some(file) = self.token_file {
            secret_file::read(&home.join(file), "the token")?;
            return Ok(Some(Secret::TokenFile(home.join(file))));
        }
        if let Ok(password) = std::env::var(self.variable) {
            return Ok(Some(Secret::Password(password.into())));
        }
        let Some(file) = self.password_file else {
            return Ok(None);
        };
        let text = secret_file::read(&home.join(file), "the password")?;
        let password = text.trim_end_matches(['\n', '\r']);
        Ok(Some(Secret::Password(password.into())))
    }
}
