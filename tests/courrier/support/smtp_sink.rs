//! Postfix's `smtp-sink`: a mail server that is not ours.

use std::fs;
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::mail_server::port_without_server;
use super::real;

/// `smtp-sink` on loopback until it is dropped; each message becomes a file.
pub struct SmtpSink {
    pub port: u16,
    child: Child,
    folder: TempDir,
}

impl SmtpSink {
    /// Nothing where Postfix is not installed.
    pub fn start() -> Option<Self> {
        let program = real::program("smtp-sink")?;
        let folder = TempDir::new().unwrap();
        let port = port_without_server();
        let mut command = Command::new(program);
        if real::succeeds(Command::new("id").arg("-u")).trim() == "0" {
            command.args(["-u", "root"]);
        }
        command
            .arg("-d")
            .arg("%Y%m%d%H%M%S.")
            .arg(format!("127.0.0.1:{port}"))
            .arg("64");
        let child = command
            .current_dir(&folder)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let sink = Self {
            port,
            child,
            folder,
        };
        let deadline = Instant::now() + Duration::from_secs(20);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < deadline, "smtp-sink does not listen");
            thread::sleep(Duration::from_millis(5));
        }
        Some(sink)
    }

    /// The messages it took, each a file that begins with the envelope as `X-` headers.
    pub fn messages(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.folder.path()).unwrap();
        let mut files: Vec<_> = entries
            .map(|entry| entry.unwrap().path())
            .filter(|file| file.metadata().unwrap().len() > 0)
            .collect();
        files.sort();
        files
    }
}

impl Drop for SmtpSink {
    fn drop(&mut self) {
        self.child.kill().expect("it runs until it is killed");
        self.child.wait().unwrap();
    }
}
