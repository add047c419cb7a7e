//! A store on a PostgreSQL server: connected to, made, brought up to date.

use std::net::IpAddr;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use secrecy::ExposeSecret;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::keys::keys;
use super::server_line::ServerLine;
use super::session::Session;
use super::sql::{OptionalExtension, Server, SqlError, Transaction};
use super::store_error::StoreError;
use super::value::params;
use crate::config::store::StoreServer;
use crate::key::Key;

/// The schema, a step a file. A new one is added at the end, none is changed. The
/// first holds what SQLite came to in several.
const SCHEMA: [&str; 2] = [
    include_str!("schema/postgres/001.sql"),
    include_str!("schema/postgres/002.sql"),
];

/// The row that tells the version is the lock of whoever changes it.
const VERSION: &str = "
    CREATE TABLE IF NOT EXISTS schema_version (\"only\" BIGINT PRIMARY KEY CHECK (\"only\" = 1), version BIGINT NOT NULL);
    INSERT INTO schema_version (\"only\", version) VALUES (1, 0) ON CONFLICT DO NOTHING";
const READ_VERSION: &str = "SELECT version FROM schema_version WHERE \"only\" = 1";
/// Processes that were not heard of for so long are forgotten: milliseconds.
const FORGOTTEN: i64 = 7 * 24 * 3600 * 1000;

/// What is known of a store when it is open.
pub(super) struct Opened {
    pub line: ServerLine,
    pub key: Key,
    /// How far the server's clock is ahead of this machine's.
    pub skew: TimeDelta,
}

/// Opens the store at `server` for the process called `process`; makes it where there
/// is none. `ahead` is how far its time is from the real one.
///
/// # Errors
///
/// Where the server cannot be reached, or has a store of a newer version.
pub(super) fn open(
    server: &StoreServer,
    process: String,
    ahead: TimeDelta,
) -> Result<Opened, StoreError> {
    let name = server.shown();
    let session = connect(server)?;
    refuse_careless(&session, &name)?;
    migrate(&session, &name)?;
    let skew = skew(&session).map_err(|error| unopened(&name, &error))?;
    let key = signing_key(&session)?;
    forget_processes(&session)?;
    let line = ServerLine {
        session,
        process,
        spread: server.spread,
        ahead,
        batch: 0,
        unsure: false,
    };
    line.introduce()?;
    Ok(Opened { line, key, skew })
}

/// The store at `server`, to be looked at; nothing where there is none.
///
/// # Errors
///
/// As [`open`].
pub(super) fn open_to_read(server: &StoreServer) -> Result<Option<ServerLine>, StoreError> {
    const IS_THERE: &str = "SELECT to_regclass('schema_version') IS NOT NULL";
    let session = connect(server)?;
    let is_there: bool = plain(&session).query_row(IS_THERE, [], |row| row.get(0))?;
    if !is_there {
        return Ok(None);
    }
    let found: i64 = plain(&session).query_row(READ_VERSION, [], |row| row.get(0))?;
    refuse_newer(found, &server.shown())?;
    Ok((found > 0).then_some(ServerLine {
        session,
        process: String::new(),
        spread: server.spread,
        ahead: TimeDelta::zero(),
        batch: 0,
        unsure: false,
    }))
}

fn connect(server: &StoreServer) -> Result<Session, StoreError> {
    let session = Session::to(parameters(server)?, trust(server)?)?;
    let connected = session.connect();
    connected.map_err(|error| unopened(&server.shown(), &error))?;
    Ok(session)
}

fn unopened(name: &str, error: &SqlError) -> StoreError {
    StoreError::Unreached {
        server: name.to_owned(),
        reason: error.to_string(),
    }
}

fn refuse_newer(found: i64, name: &str) -> Result<(), StoreError> {
    let (path, known) = (name.to_owned(), SCHEMA.len() as i64);
    match found > known {
        true => Err(StoreError::Newer { path, found, known }),
        false => Ok(()),
    }
}

/// The parameters of the connection. On the same machine it is plain, unless the
/// address says otherwise; over a network it is TLS, and the server proves its name.
fn parameters(server: &StoreServer) -> Result<tokio_postgres::Config, StoreError> {
    let wrong = |reason: String| StoreError::Unreached {
        server: server.shown(),
        reason,
    };
    let mut url = server.url.clone();
    let (modes, others): (Vec<_>, Vec<_>) = server
        .url
        .query_pairs()
        .into_owned()
        .partition(|(name, _)| name == "sslmode");
    url.set_query(None);
    if !others.is_empty() {
        url.query_pairs_mut().extend_pairs(others);
    }
    let mut parameters: tokio_postgres::Config = url
        .as_str()
        .parse()
        .map_err(|error: tokio_postgres::Error| wrong(error.to_string()))?;
    let is_near = parameters.get_hosts().iter().all(|host| match host {
        Host::Tcp(name) => {
            let address = name.trim_matches(['[', ']']).parse::<IpAddr>();
            name == "localhost" || address.is_ok_and(|address| address.is_loopback())
        }
        #[cfg(unix)]
        Host::Unix(_) => true,
    });
    let mode = match modes.last().map(|(_, mode)| mode.as_str()) {
        Some("require" | "verify-full") => SslMode::Require,
        Some("disable") => SslMode::Disable,
        None if is_near => SslMode::Disable,
        None => SslMode::Require,
        Some(other) => {
            return Err(wrong(format!(
                "sslmode is verify-full or disable, and not {other}: nothing between them is safe"
            )));
        }
    };
    parameters.ssl_mode(mode);
    if let Some(password) = &server.password {
        parameters.password(password.expose_secret());
    }
    if parameters.get_application_name().is_none() {
        parameters.application_name("courrier");
    }
    Ok(parameters)
}

/// The certificates of the system and those of `ca_file`.
fn trust(server: &StoreServer) -> Result<MakeRustlsConnect, StoreError> {
    let wrong = |reason: String| StoreError::Unreached {
        server: server.shown(),
        reason,
    };
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(path) = &server.ca_file {
        let certificates = CertificateDer::pem_file_iter(path).and_then(Iterator::collect);
        let certificates: Vec<_> =
            certificates.map_err(|error| wrong(format!("{}: {error}", path.display())))?;
        roots.add_parsable_certificates(certificates);
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| wrong(error.to_string()))?;
    let config = config.with_root_certificates(roots).with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

/// A server that does not keep what it acknowledged would make duplicates out of a power cut.
fn refuse_careless(session: &Session, name: &str) -> Result<(), StoreError> {
    for setting in ["fsync", "full_page_writes"] {
        const SQL: &str = "SELECT COALESCE(current_setting(?1, true), 'on')";
        let value: Option<String> = plain(session)
            .query_row(SQL, [setting], |row| row.get(0))
            .optional()?;
        if value.as_deref() == Some("off") {
            return Err(StoreError::Unreached {
                server: name.to_owned(),
                reason: format!(
                    "its setting {setting} is off, so a power cut could undo what it acknowledged"
                ),
            });
        }
    }
    Ok(())
}

/// Brings the schema up to date, whoever else wants to at the same time.
fn migrate(session: &Session, name: &str) -> Result<(), StoreError> {
    let known = SCHEMA.len() as i64;
    let transaction = plain(session);
    let version = |sql: &str| transaction.query_row(sql, [], |row| row.get::<i64>(0));
    // Two that make the table at once: one of them hears that it is there.
    if version(READ_VERSION).is_err() {
        let made = session.batch(VERSION);
        made.or_else(|_| session.batch(VERSION))?;
    }
    session.begin("BEGIN")?;
    let found = version(&format!("{READ_VERSION} FOR UPDATE"))?;
    refuse_newer(found, name).inspect_err(|_| session.rollback())?;
    for step in &SCHEMA[usize::try_from(found).unwrap_or(0)..] {
        session.batch(step)?;
    }
    transaction.execute("UPDATE schema_version SET version = ?1", [known])?;
    Ok(session.commit()?)
}

/// Of two that make the first one at once, the second hears that it is there.
fn signing_key(session: &Session) -> Result<Key, StoreError> {
    let transaction = plain(session);
    keys(&transaction).or_else(|_| keys(&transaction))
}

fn skew(session: &Session) -> Result<TimeDelta, SqlError> {
    const SQL: &str = "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)";
    let time: i64 = plain(session).query_row(SQL, [], |row| row.get(0))?;
    Ok(DateTime::from_timestamp_millis(time).unwrap_or_default() - Utc::now())
}

fn forget_processes(session: &Session) -> Result<(), SqlError> {
    const SQL: &str = "
        DELETE FROM process WHERE seen < CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT) - ?1";
    const ONLY_TO: &str = "DELETE FROM only_to WHERE process NOT IN (SELECT name FROM process)";
    plain(session).execute(SQL, params![FORGOTTEN])?;
    plain(session).execute(ONLY_TO, []).map(|_| ())
}

/// Each statement is a transaction of its own.
fn plain(session: &Session) -> Transaction<'_> {
    let server = Server {
        now: Utc::now(),
        spread: false,
    };
    Transaction::Postgres(session, server)
}
