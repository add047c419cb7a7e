//! From a host name to a connection that is ready for AUTH or MAIL.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use lettre::transport::smtp::commands::{Ehlo, Starttls};
use lettre::transport::smtp::extension::ClientId;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::line::{Line, expect};
use super::offers::Offers;
use super::trouble::Trouble;
use crate::config::relay::Tls;
use crate::problem::Problem;
use crate::store::ledger::Phase;

/// A mail server, and how to reach it.
#[derive(Clone)]
pub struct Server {
    pub host: String,
    pub port: u16,
    pub tls: Tls,
    pub trust: Arc<ClientConfig>,
    /// The name that this machine gives itself.
    pub own_name: String,
    /// No wait is longer.
    pub patience: Option<Duration>,
}

/// The waits of RFC 5321 §4.5.3.2 before a session begins; those for TCP and TLS are Postfix's and ours.
const DIAL: Duration = Duration::from_secs(30);
const GREETING: Duration = Duration::from_secs(300);
const HANDSHAKE: Duration = Duration::from_secs(60);

impl Server {
    /// `wait`, or less where the settings have less patience.
    pub fn wait(&self, wait: Duration) -> Duration {
        self.patience.map_or(wait, |patience| wait.min(patience))
    }

    /// Connects, speaks TLS where that is set, and reads the greeting: EHLO comes next.
    ///
    /// # Errors
    ///
    /// What kept it from that, and whether it may pass.
    pub async fn connect(&self) -> Result<Line, Trouble> {
        let tcp = self.dial().await?;
        match self.tls {
            Tls::None => {
                let mut line = Line::plain(tcp, self.patience);
                greeting(&mut line).await?;
                Ok(line)
            }
            Tls::Implicit => {
                let mut line = self.encrypt(tcp, Phase::Connect).await?;
                greeting(&mut line).await?;
                Ok(line)
            }
            // No second greeting comes after STARTTLS (RFC 3207 §4.2).
            Tls::Starttls => {
                let tcp = self.starttls(Line::plain(tcp, self.patience)).await?;
                self.encrypt(tcp, Phase::StartTls).await
            }
        }
    }

    /// Asks what the server can do.
    ///
    /// # Errors
    ///
    /// Where it does not say.
    pub async fn ehlo(&self, line: &mut Line) -> Result<Offers, Trouble> {
        let hello = Ehlo::new(ClientId::Domain(self.own_name.clone()));
        let answer = expect(line.command(hello, GREETING).await, Phase::Ehlo);
        answer
            .map(|reply| Offers::read(&reply))
            .map_err(|refusal| refusal.trouble(Phase::Ehlo))
    }

    async fn dial(&self) -> Result<TcpStream, Trouble> {
        let reach = async {
            let tcp = TcpStream::connect((self.host.as_str(), self.port)).await?;
            // What is written leaves at once: nothing that we write waits for more.
            tcp.set_nodelay(true)?;
            io::Result::Ok(tcp)
        };
        let reached = timeout(self.wait(DIAL), reach)
            .await
            .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
        reached
            .map_err(|error| Trouble::unreachable(format!("{}:{}: {error}", self.host, self.port)))
    }

    /// The plain part of STARTTLS. Nothing that the server (or somebody between) sent
    /// before the handshake is kept (RFC 3207 §6).
    async fn starttls(&self, mut line: Line) -> Result<TcpStream, Trouble> {
        greeting(&mut line).await?;
        if !self.ehlo(&mut line).await?.starttls {
            return Err(Trouble::lasting(
                Phase::StartTls,
                "the server offers no STARTTLS, and nothing is sent in the open",
            ));
        }
        expect(line.command(Starttls, GREETING).await, Phase::StartTls)
            .map_err(|refusal| refusal.trouble(Phase::StartTls))?;
        // A server stays silent until our handshake.
        tokio::time::sleep(Duration::from_millis(1)).await;
        line.into_silent_tcp().ok_or_else(|| {
            Trouble::lasting(
                Phase::StartTls,
                "something spoke in the open after STARTTLS",
            )
        })
    }

    async fn encrypt(&self, tcp: TcpStream, phase: Phase) -> Result<Line, Trouble> {
        let name = ServerName::try_from(self.host.clone())
            .map_err(|error| Trouble::lasting(phase, error))?;
        let handshake = TlsConnector::from(self.trust.clone()).connect(name, tcp);
        let stream = timeout(self.wait(HANDSHAKE), handshake).await;
        match stream.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())) {
            Ok(stream) => Ok(Line::secret(stream, self.patience)),
            // What TLS itself refuses (a certificate that nobody vouches for) does not pass by waiting.
            Err(error)
                if error
                    .get_ref()
                    .is_some_and(|cause| cause.is::<rustls::Error>()) =>
            {
                Err(Trouble::lasting(phase, error))
            }
            Err(error) => Err(Trouble::passing(phase, error.to_string())),
        }
    }
}

async fn greeting(line: &mut Line) -> Result<(), Trouble> {
    line.arm(GREETING);
    expect(line.reply().await, Phase::Connect)
        .map(drop)
        .map_err(|refusal| refusal.trouble(Phase::Connect))
}

/// The name for EHLO (RFC 5321 §4.1.4): this machine's where it is a whole one, else `domain`.
pub fn own_name(domain: &str) -> String {
    match ClientId::default() {
        ClientId::Domain(name) if name.contains('.') => name,
        _ => domain.to_owned(),
    }
}

/// The certificates of the system and those of `own`, a PEM file.
///
/// # Errors
///
/// Where the file cannot be read or holds no certificate.
pub fn trust(own: Option<&Path>) -> Result<Arc<ClientConfig>, Problem> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(path) = own {
        let wrong = |what: String| {
            Problem::new(
                format!("{}: {what}", path.display()),
                "set ca_file to a file of certificates in PEM",
            )
        };
        let certificates: Vec<_> = CertificateDer::pem_file_iter(path)
            .and_then(Iterator::collect)
            .map_err(|error| wrong(error.to_string()))?;
        if certificates.is_empty() {
            return Err(wrong("there is no certificate in it".to_owned()));
        }
        roots.add_parsable_certificates(certificates);
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| {
            Problem::new(
                format!("TLS cannot be set up: {error}"),
                "this is a fault of the build",
            )
        })?;
    Ok(Arc::new(
        config.with_root_certificates(roots).with_no_client_auth(),
    ))
}
