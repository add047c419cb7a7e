//! A visit to a mail server: everything that sending needs, and no message.

use std::time::Duration;

use lettre::transport::smtp::commands::{Mail, Quit, Rset};

use super::connect::Server;
use super::line::expect;
use super::login::log_in;
use super::offers::Offers;
use super::trouble::Trouble;
use crate::address::EmailAddress;
use crate::config::login::Login;
use crate::store::ledger::Phase;

/// What a mail server showed.
pub struct Visit {
    pub offers: Offers,
    /// Its certificate (DER), where TLS was spoken.
    pub certificate: Option<Vec<u8>>,
}

const WAIT: Duration = Duration::from_secs(60);

/// Connects, logs in and names `sender`, then takes it back and leaves.
///
/// # Errors
///
/// The step at which the server refused, and its words.
pub async fn visit(
    server: &Server,
    login: Option<&Login>,
    sender: &EmailAddress,
) -> Result<Visit, Trouble> {
    let mut line = server.connect().await?;
    let offers = server.ehlo(&mut line).await?;
    if let Some(login) = login {
        log_in(&mut line, &offers, login).await?;
    }
    let mail = Mail::new(Some(sender.as_lettre()), vec![]);
    expect(line.command(mail, WAIT).await, Phase::Mail)
        .map_err(|refusal| refusal.trouble(Phase::Mail))?;
    // Nobody was named to get anything: there is nothing that could leave.
    let _ = line.command(Rset, WAIT).await;
    let certificate = line.certificate();
    let _ = line.command(Quit, WAIT).await;
    Ok(Visit {
        offers,
        certificate,
    })
}
