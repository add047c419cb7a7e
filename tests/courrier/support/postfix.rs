//! A real Postfix that takes mail on loopback and passes it on.

use std::fs;
use std::net::TcpStream;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::mail_server::port_without_server;
use super::real;

/// Postfix with a configuration and a queue of its own, until it is dropped.
pub struct Postfix {
    pub port: u16,
    program: PathBuf,
    folder: TempDir,
}

impl Postfix {
    /// Passes all mail on to `next` on loopback; nothing where it is not installed,
    /// or where nobody but root may start it.
    pub fn relaying_to(next: u16) -> Option<Self> {
        let program = real::program("postfix")?;
        if real::succeeds(Command::new("id").arg("-u")).trim() != "0" {
            real::not_tried("only root may start Postfix");
            return None;
        }
        let folder = TempDir::new().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let port = port_without_server();
        for name in ["etc", "queue", "data"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        let id = real::succeeds(Command::new("id").args(["-u", "postfix"]));
        chown(
            folder.path().join("data"),
            Some(id.trim().parse().unwrap()),
            None,
        )
        .unwrap();
        fs::write(folder.path().join("etc/main.cf"), settings(&folder, next)).unwrap();
        fs::write(folder.path().join("etc/master.cf"), services(port)).unwrap();
        let postfix = Self {
            port,
            program,
            folder,
        };
        real::succeeds(&mut postfix.command("start"));
        let end = Instant::now() + Duration::from_secs(20);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < end, "Postfix does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
        Some(postfix)
    }

    fn command(&self, verb: &str) -> Command {
        let mut command = Command::new(&self.program);
        command
            .arg("-c")
            .arg(self.folder.path().join("etc"))
            .arg(verb);
        command
    }
}

impl Drop for Postfix {
    fn drop(&mut self) {
        let _ = self.command("stop").output();
    }
}

fn settings(folder: &TempDir, next: u16) -> String {
    let folder = folder.path().display();
    format!(
        "compatibility_level = 3.6\nqueue_directory = {folder}/queue\ndata_directory = {folder}/data\n\
         maillog_file = {folder}/log\nmaillog_file_prefixes = {folder}\n\
         myhostname = relay.example.net\nmydestination =\nmynetworks = 127.0.0.0/8\ninet_interfaces = 127.0.0.1\n\
         inet_protocols = ipv4\nalias_maps =\nalias_database =\nlocal_recipient_maps =\nlocal_transport = error:none\n\
         smtpd_relay_restrictions = permit_mynetworks, reject\nrelayhost = [127.0.0.1]:{next}\n\
         recipient_delimiter = +\nsmtp_tls_security_level = none\nsmtp_host_lookup = native\n"
    )
}

fn services(port: u16) -> String {
    format!(
        "127.0.0.1:{port} inet n - n - - smtpd\n\
         pickup unix n - n 60 1 pickup\ncleanup unix n - n - 0 cleanup\nqmgr unix n - n 300 1 qmgr\n\
         rewrite unix - - n - - trivial-rewrite\nbounce unix - - n - 0 bounce\ndefer unix - - n - 0 bounce\n\
         trace unix - - n - 0 bounce\nsmtp unix - - n - - smtp\nerror unix - - n - - error\n\
         retry unix - - n - - error\ndiscard unix - - n - - discard\nanvil unix - - n - 1 anvil\n\
         scache unix - - n - 1 scache\nproxymap unix - - n - - proxymap\ntlsmgr unix - - n 1000? 1 tlsmgr\n\
         postlog unix-dgram n - n - 1 postlogd\n"
    )
}
