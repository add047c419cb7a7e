//! A real IMAP server: Dovecot on loopback, with a configuration and a mailbox of its own.

use std::fs;
use std::net::TcpStream;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::certificate::Certificate;
use super::mail_server::port_without_server;
use super::real;

/// The password of everybody.
pub const PASSWORD: &str = "hush \"quoted\" \\ hush";

/// Dovecot as an ordinary user, until it is dropped.
pub struct Dovecot {
    child: Child,
    folder: TempDir,
    owner: Owner,
    pub certificate: Certificate,
    /// In the open, and inside TLS.
    pub port: u16,
    pub tls_port: u16,
}

/// Who the server runs as: the one who runs the tests, or `nobody` where that is root.
struct Owner {
    user: u32,
    group: u32,
}

impl Dovecot {
    /// Nothing where it is not installed.
    pub fn start() -> Option<Self> {
        let program = real::program("dovecot")?;
        let folder = TempDir::new().unwrap();
        let owner = Owner::of_tests();
        let certificate = Certificate::for_loopback();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        for name in ["base", "Maildir"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        for name in ["new", "cur", "tmp"] {
            fs::create_dir(folder.path().join("Maildir").join(name)).unwrap();
        }
        let (port, tls_port) = (port_without_server(), port_without_server());
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        write("cert.pem", &certificate.pem);
        write("key.pem", &certificate.key);
        write("users", &format!("bounce:{{PLAIN}}{PASSWORD}::::::\n"));
        write("conf", &settings(folder.path(), &owner, (port, tls_port)));
        owner.gets(folder.path());
        let mut command = owner.command(&program);
        let child = command
            .arg("-F")
            .arg("-c")
            .arg(folder.path().join("conf"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let dovecot = Self {
            child,
            folder,
            owner,
            certificate,
            port,
            tls_port,
        };
        let end = Instant::now() + Duration::from_secs(20);
        while TcpStream::connect(("127.0.0.1", tls_port)).is_err() {
            let log = fs::read_to_string(dovecot.folder.path().join("log"));
            assert!(Instant::now() < end, "Dovecot does not listen: {log:?}");
            std::thread::sleep(Duration::from_millis(20));
        }
        Some(dovecot)
    }

    /// The address of `folder` inside TLS.
    pub fn address(&self, folder: &str) -> String {
        format!("imaps://bounce@127.0.0.1:{}/{folder}", self.tls_port)
    }

    /// Puts a message into the inbox, as a delivery would.
    pub fn deliver(&self, name: &str, message: impl AsRef<[u8]>) {
        let inbox = self.folder.path().join("Maildir");
        let file = inbox.join("tmp").join(name);
        fs::write(&file, message).unwrap();
        self.owner.gets(&file);
        fs::rename(&file, inbox.join("new").join(name)).unwrap();
    }

    /// Makes a folder beside the inbox.
    pub fn make_folder(&self, name: &str) {
        let folder = self.folder.path().join("Maildir").join(format!(".{name}"));
        for part in ["new", "cur", "tmp"] {
            fs::create_dir_all(folder.join(part)).unwrap();
        }
        self.owner.gets(&folder);
    }

    /// Numbers all messages of the inbox anew, from 1, with another UIDVALIDITY.
    pub fn number_anew(&self) {
        for entry in fs::read_dir(self.folder.path().join("Maildir")).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if name.starts_with("dovecot") {
                fs::remove_file(path).unwrap();
            }
        }
    }

    /// The messages of the inbox, or of the folder `.name`: their names before and behind `:2,`.
    pub fn flags(&self, folder: &str) -> Vec<(String, String)> {
        let folder = self.folder.path().join("Maildir").join(folder);
        let mut found = vec![];
        for part in ["new", "cur"] {
            for entry in fs::read_dir(folder.join(part)).unwrap() {
                let name = entry.unwrap().file_name().into_string().unwrap();
                let (name, flags) = name.split_once(":2,").unwrap_or((&name, ""));
                // Dovecot adds the size to the name of a message that it moves.
                let name = name.split(',').next().unwrap();
                found.push((name.to_owned(), flags.to_owned()));
            }
        }
        found.sort();
        found
    }
}

impl Drop for Dovecot {
    fn drop(&mut self) {
        // It ends its own children where it is asked to end.
        let id = self.child.id().to_string();
        let _ = Command::new("kill").arg(id).output();
        let _ = self.child.wait();
    }
}

impl Owner {
    fn of_tests() -> Self {
        let id = |flag| -> u32 {
            let said = real::succeeds(Command::new("id").arg(flag));
            said.trim().parse().unwrap()
        };
        match id("-u") {
            0 => Self {
                user: 65534,
                group: 65534,
            },
            user => Self {
                user,
                group: id("-g"),
            },
        }
    }

    /// `program` run as this user.
    fn command(&self, program: &Path) -> Command {
        let is_me = real::succeeds(Command::new("id").arg("-u")).trim() != "0";
        if is_me {
            return Command::new(program);
        }
        let mut command = Command::new("setpriv");
        command
            .arg(format!("--reuid={}", self.user))
            .arg(format!("--regid={}", self.group))
            .arg("--clear-groups")
            .arg(program);
        command
    }

    /// Gives `path` and all below it to this user.
    fn gets(&self, path: &Path) {
        chown(path, Some(self.user), Some(self.group)).unwrap();
        if path.is_dir() {
            let entries = fs::read_dir(path).unwrap();
            let paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
            paths.iter().for_each(|path| self.gets(path));
        }
    }

    /// The names of user and group.
    fn names(&self) -> (String, String) {
        let name = |database, id: u32| {
            let said = real::succeeds(Command::new("getent").arg(database).arg(id.to_string()));
            said.split(':').next().unwrap().to_owned()
        };
        (name("passwd", self.user), name("group", self.group))
    }
}

fn settings(folder: &Path, owner: &Owner, (port, tls_port): (u16, u16)) -> String {
    let (user, group) = owner.names();
    let (uid, gid, folder) = (owner.user, owner.group, folder.display());
    format!(
        "protocols = imap\nlisten = 127.0.0.1\nbase_dir = {folder}/base\nstate_dir = {folder}/base\nlog_path = {folder}/log\n\
         default_internal_user = {user}\ndefault_internal_group = {group}\ndefault_login_user = {user}\n\
         first_valid_uid = {uid}\nfirst_valid_gid = {gid}\nmail_location = maildir:{folder}/Maildir\n\
         ssl = yes\nssl_cert = <{folder}/cert.pem\nssl_key = <{folder}/key.pem\n\
         auth_mechanisms = plain\ndisable_plaintext_auth = no\n\
         passdb {{\ndriver = passwd-file\nargs = {folder}/users\n}}\n\
         userdb {{\ndriver = static\nargs = uid={uid} gid={gid} home={folder}\n}}\n\
         service anvil {{\nchroot =\n}}\n\
         service imap-login {{\nchroot =\n\
         inet_listener imap {{\nport = {port}\n}}\ninet_listener imaps {{\nport = {tls_port}\nssl = yes\n}}\n}}\n"
    )
}
