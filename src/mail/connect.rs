//! From a host name to a connection that is ready for AUTH or MAIL.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use lettre::transport::smtp::client::AsyncTokioStream;
use lettre::transport::smtp::extension::ClientId;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::trouble::Trouble;
use super::wire::{Deadline, Wire};
use crate::config::smtp::Tls;
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

/// A stream that begins with the server's greeting, as lettre expects it.
pub type Stream = Box<dyn AsyncTokioStream>;

/// Longest answer that is read before lettre reads them.
const LONGEST_REPLY: usize = 8 * 1024;

impl Server {
    /// `wait`, or less where the settings have less patience.
    pub fn wait(&self, wait: Duration) -> Duration {
        self.patience.map_or(wait, |patience| wait.min(patience))
    }

    /// Connects, speaks TLS where that is set, and reads the greeting.
    ///
    /// # Errors
    ///
    /// What kept it from that, and whether it may pass.
    pub async fn connect(&self) -> Result<(Stream, Deadline), Trouble> {
        let deadline = Deadline::after(self.wait(Duration::from_secs(300)));
        let (tcp, peer) = self.dial().await?;
        match self.tls {
            Tls::None => self.greet(tcp, peer, deadline).await,
            Tls::Implicit => {
                let stream = self.encrypt(tcp, Phase::Connect).await?;
                self.greet(stream, peer, deadline).await
            }
            Tls::Starttls => {
                let tcp = self
                    .in_time(Phase::StartTls, 300, self.starttls(tcp))
                    .await?;
                let stream = self.encrypt(tcp, Phase::StartTls).await?;
                // No second greeting comes after STARTTLS (RFC 3207 §4.2), but lettre waits for one.
                let greeting = b"220 ready\r\n".to_vec();
                Ok((
                    Box::new(Wire::new(stream, peer, greeting, deadline.clone())),
                    deadline,
                ))
            }
        }
    }

    async fn dial(&self) -> Result<(TcpStream, SocketAddr), Trouble> {
        let wait = self.wait(Duration::from_secs(30));
        let reach = async {
            let tcp = TcpStream::connect((self.host.as_str(), self.port)).await?;
            // Body and final dot are two writes: without this the second waits for the answer to the first.
            tcp.set_nodelay(true)?;
            let peer = tcp.peer_addr()?;
            io::Result::Ok((tcp, peer))
        };
        let reached = timeout(wait, reach)
            .await
            .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
        reached
            .map_err(|error| Trouble::unreachable(format!("{}:{}: {error}", self.host, self.port)))
    }

    /// Reads the greeting itself, so that what lettre meets next is the answer to EHLO.
    async fn greet<S>(
        &self,
        mut stream: S,
        peer: SocketAddr,
        deadline: Deadline,
    ) -> Result<(Stream, Deadline), Trouble>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + Sync + 'static,
    {
        let greeting = self
            .in_time(Phase::Connect, 300, async {
                reply(&mut stream, Phase::Connect).await
            })
            .await?;
        expect(&greeting, "220", Phase::Connect)?;
        Ok((
            Box::new(Wire::new(
                stream,
                peer,
                greeting.into_bytes(),
                deadline.clone(),
            )),
            deadline,
        ))
    }

    /// The plain part of STARTTLS. Bytes are read one by one, so nothing that the
    /// server (or somebody between) sent before the handshake is kept (RFC 3207 §6).
    async fn starttls(&self, mut tcp: TcpStream) -> Result<TcpStream, Trouble> {
        expect(
            &reply(&mut tcp, Phase::Connect).await?,
            "220",
            Phase::Connect,
        )?;
        let lost = |error: io::Error| Trouble::passing(Phase::StartTls, error.to_string());
        tcp.write_all(format!("EHLO {}\r\n", self.own_name).as_bytes())
            .await
            .map_err(lost)?;
        let offers = reply(&mut tcp, Phase::Ehlo).await?;
        expect(&offers, "250", Phase::Ehlo)?;
        let offered = offers.lines().any(|line| {
            line.get(4..)
                .is_some_and(|word| word.trim().eq_ignore_ascii_case("STARTTLS"))
        });
        if !offered {
            return Err(Trouble::lasting(
                Phase::StartTls,
                "the server offers no STARTTLS, and nothing is sent in the open",
            ));
        }
        tcp.write_all(b"STARTTLS\r\n").await.map_err(lost)?;
        expect(
            &reply(&mut tcp, Phase::StartTls).await?,
            "220",
            Phase::StartTls,
        )?;
        // A server stays silent until our handshake: what is here already was put here.
        tokio::time::sleep(Duration::from_millis(1)).await;
        match tcp.try_read(&mut [0]) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(tcp),
            _ => Err(Trouble::lasting(
                Phase::StartTls,
                "something spoke in the open after STARTTLS",
            )),
        }
    }

    async fn encrypt(
        &self,
        tcp: TcpStream,
        phase: Phase,
    ) -> Result<tokio_rustls::client::TlsStream<TcpStream>, Trouble> {
        let name = ServerName::try_from(self.host.clone())
            .map_err(|error| Trouble::lasting(phase, error))?;
        let handshake = TlsConnector::from(self.trust.clone()).connect(name, tcp);
        let stream = timeout(self.wait(Duration::from_secs(60)), handshake).await;
        match stream.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())) {
            Ok(stream) => Ok(stream),
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

    async fn in_time<T>(
        &self,
        phase: Phase,
        seconds: u64,
        step: impl Future<Output = Result<T, Trouble>>,
    ) -> Result<T, Trouble> {
        let wait = self.wait(Duration::from_secs(seconds));
        timeout(wait, step)
            .await
            .unwrap_or_else(|_| Err(Trouble::passing(phase, "no answer in time".to_owned())))
    }
}

/// One reply of one or several lines (RFC 5321 §4.2.1), read byte by byte.
async fn reply(stream: &mut (impl AsyncRead + Unpin), phase: Phase) -> Result<String, Trouble> {
    let (mut reply, mut line) = (Vec::new(), Vec::new());
    loop {
        let byte = stream
            .read_u8()
            .await
            .map_err(|error| Trouble::passing(phase, error.to_string()))?;
        line.push(byte);
        if reply.len() + line.len() > LONGEST_REPLY {
            return Err(Trouble::passing(phase, "the answer has no end".to_owned()));
        }
        if byte == b'\n' {
            let last = line.get(3) != Some(&b'-');
            reply.append(&mut line);
            if last {
                return Ok(String::from_utf8_lossy(&reply).into_owned());
            }
        }
    }
}

fn expect(reply: &str, code: &str, phase: Phase) -> Result<(), Trouble> {
    if reply.starts_with(code) {
        Ok(())
    } else {
        Err(Trouble::reply(phase, reply))
    }
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
                "set [smtp] ca_file to a file of certificates in PEM",
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
