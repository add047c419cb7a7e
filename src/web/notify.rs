//! Words to systemd (sd_notify(3)): that a service of `Type=notify` is ready, or about to end.

use std::io;
use std::os::unix::net::{SocketAddr, UnixDatagram};

/// The service answers.
pub const READY: &str = "READY=1";
/// The service answers those who have asked, and nobody else.
pub const STOPPING: &str = "STOPPING=1";

/// Says `word`, where systemd listens.
pub fn notify(word: &str) {
    let said = address().map_or(Ok(()), |address| say(word, &address?));
    if let Err(error) = said {
        tracing::error!(%error, "systemd cannot be told {word}");
    }
}

fn say(word: &str, address: &SocketAddr) -> io::Result<()> {
    UnixDatagram::unbound()?
        .send_to_addr(word.as_bytes(), address)
        .map(|_| ())
}

fn address() -> Option<io::Result<SocketAddr>> {
    let name = std::env::var("NOTIFY_SOCKET").ok()?;
    #[cfg(target_os = "linux")]
    if let Some(name) = name.strip_prefix('@') {
        use std::os::linux::net::SocketAddrExt;
        return Some(SocketAddr::from_abstract_name(name));
    }
    Some(SocketAddr::from_pathname(name))
}
