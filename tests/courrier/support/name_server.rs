//! A real name server on loopback with zones of our own; it asks nobody else.

use std::fs;
use std::net::UdpSocket;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::real;

/// unbound, until it is dropped.
pub struct NameServer {
    pub port: u16,
    child: Child,
    _folder: TempDir,
}

impl NameServer {
    /// Serves `records`, a line of a zone file each, and says of every other name that
    /// it does not exist; of those below `refused.test` it says nothing. Nothing where
    /// unbound is not installed.
    pub fn with(records: &[&str]) -> Option<Self> {
        let unbound = real::program("unbound")?;
        let folder = TempDir::new().unwrap();
        let port = UdpSocket::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let config = folder.path().join("unbound.conf");
        fs::write(&config, settings(port, records)).unwrap();
        let child = Command::new(unbound)
            .args(["-d", "-c"])
            .arg(&config)
            .stdout(Stdio::null())
            .stderr(fs::File::create(folder.path().join("log")).unwrap())
            .spawn()
            .unwrap();
        let end = Instant::now() + Duration::from_secs(20);
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            let log = fs::read_to_string(folder.path().join("log"));
            assert!(Instant::now() < end, "unbound does not listen: {log:?}");
            std::thread::sleep(Duration::from_millis(20));
        }
        Some(Self {
            port,
            child,
            _folder: folder,
        })
    }

    /// What `--resolver` takes.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }
}

impl Drop for NameServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn settings(port: u16, records: &[&str]) -> String {
    let data: String = records
        .iter()
        .map(|record| format!("  local-data: '{record}'\n"))
        .collect();
    format!(
        "server:\n  interface: 127.0.0.1\n  port: {port}\n  do-ip6: no\n  chroot: \"\"\n  username: \"\"\n  directory: \"\"\n  \
         pidfile: \"\"\n  use-syslog: no\n  module-config: \"iterator\"\n  access-control: 127.0.0.0/8 allow\n  \
         local-zone: \".\" static\n  local-zone: \"refused.test.\" refuse\n{data}remote-control:\n  control-enable: no\n"
    )
}
