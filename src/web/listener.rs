//! Where a server listens: a port, a socket in the file system, or what systemd hands over.

use std::io;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::Path;

use tokio::net::{TcpListener, UnixListener};

use crate::config::serve::Listen;

/// An open door.
#[derive(Debug)]
pub enum Listener {
    Tcp(TcpListener),
    Unix(UnixListener),
}

impl Listener {
    /// Opens all doors that `listen` means.
    ///
    /// # Errors
    ///
    /// Where the system refuses, or systemd handed over nothing.
    pub async fn open(listen: &Listen) -> io::Result<Vec<Self>> {
        match listen {
            Listen::Tcp(address) => Ok(vec![Self::Tcp(TcpListener::bind(address).await?)]),
            Listen::Unix(path) => Ok(vec![Self::Unix(unix(path)?)]),
            Listen::Systemd => handed_over(),
        }
    }

    /// How a person names it.
    pub fn name(&self) -> String {
        let unknown = |_| "somewhere".to_owned();
        match self {
            Self::Tcp(tcp) => tcp
                .local_addr()
                .map_or_else(unknown, |at| format!("http://{at}/")),
            Self::Unix(unix) => match unix.local_addr() {
                Ok(at) => at
                    .as_pathname()
                    .map_or("unix:".into(), |path| format!("unix:{}", path.display())),
                Err(error) => unknown(error),
            },
        }
    }
}

/// The owner and the group may speak to it: a proxy of the same group.
const FOR_THE_GROUP: u32 = 0o660;

/// A socket at `path`. One that nobody listens at any more is taken away first.
fn unix(path: &Path) -> io::Result<UnixListener> {
    let is_socket = std::fs::symlink_metadata(path).is_ok_and(|file| file.file_type().is_socket());
    if is_socket && std::os::unix::net::UnixStream::connect(path).is_err() {
        std::fs::remove_file(path)?;
    }
    let listener = UnixListener::bind(path)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(FOR_THE_GROUP))?;
    Ok(listener)
}

/// The sockets of `systemd.socket(5)`.
fn handed_over() -> io::Result<Vec<Listener>> {
    let mut files = listenfd::ListenFd::from_env();
    let mut listeners = vec![];
    for number in 0..files.len() {
        if let Ok(Some(tcp)) = files.take_tcp_listener(number) {
            tcp.set_nonblocking(true)?;
            listeners.push(Listener::Tcp(TcpListener::from_std(tcp)?));
        } else if let Some(unix) = files.take_unix_listener(number)? {
            unix.set_nonblocking(true)?;
            listeners.push(Listener::Unix(UnixListener::from_std(unix)?));
        }
    }
    match listeners.is_empty() {
        true => Err(io::Error::other(
            "systemd handed over no socket (LISTEN_FDS)",
        )),
        false => Ok(listeners),
    }
}
