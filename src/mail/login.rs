//! Logs in at a mail server (RFC 4954): PLAIN, LOGIN, or XOAUTH2 with a token.

use std::path::Path;
use std::time::Duration;

use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::commands::Auth;
use lettre::transport::smtp::response::Severity;
use secrecy::{ExposeSecret, SecretString};
use tokio::process::Command;
use tokio::time::timeout;

use super::line::Line;
use super::offers::Offers;
use super::trouble::Trouble;
use crate::config::login::{Login, Secret};
use crate::config::secret_file;
use crate::store::ledger::Phase;

/// RFC 5321 names none for AUTH; this is ours.
const AUTH: Duration = Duration::from_secs(120);
/// For the command that prints a token: it may ask a server of its own.
const TOKEN: Duration = Duration::from_secs(60);

/// The first of our ways to log in that the server offers. A server that refuses is
/// never asked again at once: servers lock accounts for that.
///
/// # Errors
///
/// What kept it from that, and whether it may pass.
pub async fn log_in(line: &mut Line, offers: &Offers, login: &Login) -> Result<(), Trouble> {
    let (ways, names): (&[Mechanism], _) = match login.secret {
        Secret::Password(_) => (
            &[Mechanism::Plain, Mechanism::Login],
            "neither AUTH PLAIN nor AUTH LOGIN",
        ),
        _ => (&[Mechanism::Xoauth2], "no AUTH XOAUTH2"),
    };
    let Some(way) = offers.way_to_log_in(ways) else {
        let text = format!("the server offers {names}");
        return Err(Trouble::lasting(Phase::Auth, text));
    };
    let secret = secret(&login.secret).await?.expose_secret().to_owned();
    let credentials = Credentials::new(login.user.clone(), secret);
    let ours = |error| Trouble::lasting(Phase::Auth, error);
    let mut command = Auth::new(way, credentials.clone(), None)
        .map_err(ours)?
        .to_string();
    // LOGIN asks twice, and nobody asks more often.
    for _ in 0..3 {
        let answer = line.command(command, AUTH).await;
        let answer = answer.map_err(|refusal| refusal.trouble(Phase::Auth))?;
        if answer.code().severity == Severity::PositiveCompletion {
            return Ok(());
        }
        command = match way {
            // The question is why it refuses; an empty answer makes it say no (Google's and Microsoft's way).
            Mechanism::Xoauth2 => "\r\n".to_owned(),
            _ => Auth::new_from_response(way, credentials.clone(), &answer)
                .map_err(ours)?
                .to_string(),
        };
    }
    Err(Trouble::passing(
        Phase::Auth,
        "it asks without end".to_owned(),
    ))
}

/// The password, or the token as it is now.
///
/// # Errors
///
/// Where there is none to be had.
pub async fn secret(secret: &Secret) -> Result<SecretString, Trouble> {
    let ours = |text: String| Trouble::lasting(Phase::Auth, text);
    match secret {
        Secret::Password(password) => Ok(password.clone()),
        Secret::TokenFile(file) => secret_file::read(file, "the token")
            .map(|token| token.trim().into())
            .map_err(|problem| ours(problem.message)),
        Secret::TokenCommand { command, home } => token(command, home).await,
    }
}

/// What `command` prints. A command that fails may do better next time.
async fn token(command: &str, home: &Path) -> Result<SecretString, Trouble> {
    let failed = |text: String| Trouble::passing(Phase::Auth, format!("token_command: {text}"));
    let output = Command::new("sh")
        .args(["-c", command])
        .current_dir(home)
        .stdin(std::process::Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = match timeout(TOKEN, output).await {
        Ok(Ok(output)) => output,
        Ok(Err(error)) => return Err(failed(error.to_string())),
        Err(_) => return Err(failed("it does not end".to_owned())),
    };
    let token = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    match output.status.success() && !token.is_empty() {
        true => Ok(token.into()),
        false => Err(failed(format!("{}, and no token", output.status))),
    }
}
