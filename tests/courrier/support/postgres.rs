//! A real PostgreSQL on loopback, with data of its own.

use std::fs;
use std::net::TcpStream;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::certificate::Certificate;
use super::mail_server::port_without_server;
use super::real;

/// The server does not run as root; this one (`nobody`) has nothing else.
const NOBODY: u32 = 65534;

/// A server, until it is dropped.
pub struct Postgres {
    programs: PathBuf,
    folder: TempDir,
    pub port: u16,
    child: Child,
    settings: Vec<String>,
}

/// A database of its own on the server that all tests share; nothing where there is none.
pub fn database() -> Option<String> {
    static SHARED: OnceLock<Option<Postgres>> = OnceLock::new();
    SHARED
        .get_or_init(Postgres::start)
        .as_ref()
        .map(Postgres::database)
}

impl Postgres {
    /// Nothing where it is not installed.
    pub fn start() -> Option<Self> {
        Self::with(None)
    }

    /// The same with TLS, where there is a certificate.
    pub fn with(certificate: Option<&Certificate>) -> Option<Self> {
        let programs = programs()?;
        let folder = TempDir::new().unwrap();
        let settings = certificate.map(|certificate| {
            let files = [("cert", &certificate.pem), ("key", &certificate.key)];
            let set = files.map(|(name, text)| {
                let file = folder.path().join(name);
                fs::write(&file, text).unwrap();
                fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
                give_away(&file);
                format!("ssl_{name}_file={}", file.display())
            });
            [vec!["ssl=on".to_owned()], set.to_vec()].concat()
        });
        let settings = settings.unwrap_or_default();
        give_away(folder.path());
        let data = folder.path().join("data");
        real::succeeds(
            as_nobody(&programs.join("initdb"))
                .args(["--no-sync", "--auth=trust", "--username=courrier"])
                .args(["--encoding=UTF8", "--locale=C", "-D"])
                .arg(&data),
        );
        let port = port_without_server();
        let child = serve(&programs, &data, (port, &settings));
        let server = Self {
            programs,
            folder,
            port,
            child,
            settings,
        };
        server.wait();
        Some(server)
    }

    /// The address of a new, empty database.
    pub fn database(&self) -> String {
        static NUMBER: AtomicU32 = AtomicU32::new(1);
        let name = format!("letter{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        self.ask("postgres", &format!("CREATE DATABASE {name}"));
        format!("postgres://courrier@127.0.0.1:{}/{name}", self.port)
    }

    /// From now on nobody comes in but by TLS and with `password`.
    pub fn ask_for(&self, password: &str) {
        self.ask(
            "postgres",
            &format!("ALTER USER courrier PASSWORD '{password}'"),
        );
        let rules = self.folder.path().join("data/pg_hba.conf");
        fs::write(&rules, "hostssl all all 127.0.0.1/32 scram-sha-256\n").unwrap();
        give_away(&rules);
        self.ask("postgres", "SELECT pg_reload_conf()");
        std::thread::sleep(Duration::from_millis(500));
    }

    /// What `sql` gives in the database called `name`: a line a row, `|` between columns.
    pub fn ask(&self, name: &str, sql: &str) -> String {
        real::succeeds(
            Command::new(self.programs.join("psql"))
                .args([
                    "--no-psqlrc",
                    "-At",
                    "-v",
                    "ON_ERROR_STOP=1",
                    "-h",
                    "127.0.0.1",
                ])
                .args([
                    "-p",
                    &self.port.to_string(),
                    "-U",
                    "courrier",
                    "-d",
                    name,
                    "-c",
                    sql,
                ]),
        )
    }

    /// Kills the server as a power cut would, and starts it again.
    pub fn crash_and_come_back(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.come_back();
    }

    /// Stops the server as an update of it would, and starts it again.
    pub fn restart(&mut self) {
        self.stop("fast");
        self.come_back();
    }

    /// What is left of the one that was killed may still hold the data for a moment.
    fn come_back(&mut self) {
        let data = self.folder.path().join("data");
        for _ in 0..20 {
            self.child = serve(&self.programs, &data, (self.port, &self.settings));
            std::thread::sleep(Duration::from_millis(500));
            if self.child.try_wait().unwrap().is_none() {
                return self.wait();
            }
        }
        panic!("PostgreSQL does not come back");
    }

    fn stop(&mut self, how: &str) {
        let data = self.folder.path().join("data");
        // Where it is gone already that is as well.
        let _ = as_nobody(&self.programs.join("pg_ctl"))
            .args(["stop", "-m", how, "-s", "-D"])
            .arg(&data)
            .status();
        self.child.wait().unwrap();
    }

    fn wait(&self) {
        let end = Instant::now() + Duration::from_secs(60);
        let ready = || {
            let asked = Command::new(self.programs.join("pg_isready"))
                .args(["-q", "-h", "127.0.0.1", "-p", &self.port.to_string()])
                .status();
            TcpStream::connect(("127.0.0.1", self.port)).is_ok()
                && asked.is_ok_and(|status| status.success())
        };
        while !ready() {
            assert!(Instant::now() < end, "PostgreSQL does not listen");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.stop("immediate");
    }
}

/// Where Debian has them, the newest version first; else where the path leads.
fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let mut found: Vec<PathBuf> = versions
        .filter_map(Result::ok)
        .map(|version| version.path().join("bin"))
        .filter(|folder| folder.join("postgres").exists())
        .collect();
    found.sort();
    found
        .pop()
        .or_else(|| Some(real::program("postgres")?.parent()?.to_owned()))
}

fn give_away(path: &Path) {
    if is_root() {
        chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
    }
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}

fn as_nobody(program: &Path) -> Command {
    use std::os::unix::process::CommandExt;
    let mut command = Command::new(program);
    command.current_dir("/").stdin(Stdio::null());
    if is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    command
}

/// It ends with the tests however they end: the system tells it when the thread is
/// gone that began it, which is with the process.
fn serve(programs: &Path, data: &Path, (port, settings): (u16, &[String])) -> Child {
    let mut command = as_nobody(Path::new("setpriv"));
    command
        .args(["--pdeathsig", "INT", "--"])
        .arg(programs.join("postgres"))
        .arg("-D")
        .arg(data)
        .args(["-p", &port.to_string(), "-c", "listen_addresses=127.0.0.1"])
        .args([
            "-c",
            "unix_socket_directories=",
            "-c",
            "max_connections=200",
        ])
        .args(settings.iter().flat_map(|setting| ["-c", setting]))
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        tell.send(command.spawn().unwrap()).unwrap();
        loop {
            std::thread::park();
        }
    });
    told.recv().unwrap()
}
