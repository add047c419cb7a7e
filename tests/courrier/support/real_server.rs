//! Real web servers that serve the folder of feeds with the settings that are shipped.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::newsletter::Newsletter;
use super::real;

/// A web server on loopback, which ends with the test.
pub struct RealServer {
    child: Child,
    port: u16,
    log: PathBuf,
}

/// What a web server answered.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    head: String,
    pub body: Vec<u8>,
}

impl RealServer {
    /// nginx with `deploy/nginx.conf`; nothing where it is not installed.
    pub fn nginx(letter: &Newsletter) -> Option<Self> {
        Self::nginx_with(letter, &shipped("nginx.conf"))
    }

    fn nginx_with(letter: &Newsletter, include: &Path) -> Option<Self> {
        let nginx = real::program("nginx")?;
        let folder = scratch(letter);
        let (port, log, config) = (
            free_port(),
            folder.join("access.log"),
            folder.join("nginx.conf"),
        );
        let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|kind| format!("{kind}_temp_path {}/{kind};\n", folder.display()))
            .concat();
        let text = format!(
            "daemon off;\nmaster_process off;\npid {0}/pid;\nerror_log {0}/error.log;\nevents {{}}\n\
             http {{\n{temporary}access_log {1};\nserver {{\nlisten 127.0.0.1:{port};\nroot {2};\ninclude {3};\n}}\n}}\n",
            folder.display(),
            log.display(),
            letter.path("public").display(),
            include.display(),
        );
        fs::write(&config, text).unwrap();
        real::succeeds(Command::new(&nginx).arg("-t").arg("-c").arg(&config));
        Some(Self::started(
            Command::new(nginx).arg("-c").arg(&config),
            port,
            log,
        ))
    }

    /// Caddy with `deploy/Caddyfile`; nothing where it is not installed.
    pub fn caddy(letter: &Newsletter) -> Option<Self> {
        Self::caddy_with(letter, &shipped("Caddyfile"), "courrier")
    }

    fn caddy_with(letter: &Newsletter, file: &Path, snippet: &str) -> Option<Self> {
        let caddy = real::program("caddy")?;
        let folder = scratch(letter);
        let (port, config) = (free_port(), folder.join("Caddyfile"));
        let text = format!(
            "{{\n\tadmin off\n\tauto_https off\n}}\nimport {}\nhttp://127.0.0.1:{port} {{\n\troot * {}\n\timport {snippet}\n}}\n",
            file.display(),
            letter.path("public").display(),
        );
        fs::write(&config, text).unwrap();
        let mut command = Command::new(caddy);
        command
            .env("HOME", &folder)
            .args(["run", "--adapter", "caddyfile", "--config"])
            .arg(&config);
        Some(Self::started(&mut command, port, folder.join("access.log")))
    }

    /// nginx with `deploy/nginx-serve.conf` in front of what listens at `port`.
    pub fn nginx_before(letter: &Newsletter, port: u16) -> Option<Self> {
        let own = shipped_before("nginx-serve.conf", port);
        let include = letter.path("nginx-serve.conf");
        fs::write(&include, own).unwrap();
        Self::nginx_with(letter, &include)
    }

    /// Caddy with `deploy/Caddyfile-serve` in front of what listens at `port`.
    pub fn caddy_before(letter: &Newsletter, port: u16) -> Option<Self> {
        let own = shipped_before("Caddyfile-serve", port);
        let import = letter.path("Caddyfile-serve");
        fs::write(&import, own).unwrap();
        Self::caddy_with(letter, &import, "courrier_serve")
    }

    /// Apache with `deploy/htaccess`; nothing where it is not installed.
    pub fn apache(letter: &Newsletter) -> Option<Self> {
        let apache = real::program("apache2")?;
        let folder = scratch(letter);
        let (port, config) = (free_port(), folder.join("apache.conf"));
        let modules: String = [
            "mpm_event",
            "authz_core",
            "mime",
            "headers",
            "rewrite",
            "env",
        ]
        .map(|name| format!("LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n"))
        .concat();
        let text = format!(
            "ServerName localhost\nServerRoot {0}\nPidFile {0}/pid\nErrorLog {0}/error.log\n{modules}TypesConfig /dev/null\n\
             Listen 127.0.0.1:{port}\nDocumentRoot {1}\n<Directory {1}>\nRequire all granted\nAllowOverride All\n</Directory>\n",
            folder.display(),
            letter.path("public").display(),
        );
        fs::write(&config, text).unwrap();
        fs::copy(shipped("htaccess"), letter.path("public/.htaccess")).unwrap();
        let mut command = Command::new(apache);
        command.args(["-X", "-f"]).arg(&config);
        Some(Self::started(&mut command, port, folder.join("access.log")))
    }

    fn started(command: &mut Command, port: u16, log: PathBuf) -> Self {
        let child = command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let end = Instant::now() + Duration::from_secs(20);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < end, "{command:?} does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
        Self { child, port, log }
    }

    pub fn address(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}/{path}", self.port)
    }

    /// The answer to a GET of `path` with `headers`, a line each.
    pub fn get(&self, path: &str, headers: &[&str]) -> Answer {
        self.ask(&format!("GET /{path}"), headers, b"")
    }

    pub fn ask(&self, line: &str, headers: &[&str], body: &[u8]) -> Answer {
        ask(self.port, line, headers, body)
    }

    /// The status of each answer so far, out of the log of nginx.
    pub fn statuses(&self) -> Vec<u16> {
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        let status = |line: &str| line.split("\" ").nth(1)?.split(' ').next()?.parse().ok();
        log.lines().filter_map(status).collect()
    }
}

impl Drop for RealServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The answer of the server at `port` of loopback to the request `line` (a method and a path) with `headers`, a line each.
pub fn ask(port: u16, line: &str, headers: &[&str], body: &[u8]) -> Answer {
    let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let host = format!("Host: 127.0.0.1:{port}");
    let all = [&[host.as_str(), "Connection: close"], headers].concat();
    exchange(stream, line, &all, body)
}

/// The same over any line.
pub fn exchange(
    mut stream: impl Read + Write,
    line: &str,
    headers: &[&str],
    body: &[u8],
) -> Answer {
    let length = match body.len() {
        0 => String::new(),
        length => format!("Content-Length: {length}\r\n"),
    };
    let headers: String = headers.iter().map(|line| format!("{line}\r\n")).collect();
    let head = format!("{line} HTTP/1.1\r\n{headers}{length}\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    // A server that wants no more hangs up.
    let _ = stream.write_all(body);
    let mut bytes = vec![];
    let _ = stream.read_to_end(&mut bytes);
    read(&bytes)
}

/// The answer that `bytes` are.
fn read(bytes: &[u8]) -> Answer {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
    let end = end.unwrap_or_else(|| panic!("no answer: {:?}", String::from_utf8_lossy(bytes)));
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let mut answer = Answer {
        status,
        head,
        body: bytes[end + 4..].to_vec(),
    };
    if answer.header("Transfer-Encoding") == "chunked" {
        answer.body = unchunked(&answer.body);
    }
    answer
}

impl Answer {
    /// The body as text.
    pub fn text(&self) -> &str {
        str::from_utf8(&self.body).unwrap()
    }

    /// The value of the header `name`; empty where there is none.
    pub fn header(&self, name: &str) -> &str {
        let lines = self
            .head
            .lines()
            .skip(1)
            .filter_map(|line| line.split_once(": "));
        let mut values = lines
            .filter(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value);
        values.next().unwrap_or_default()
    }
}

/// The body of chunks (RFC 9112 §7.1).
fn unchunked(mut chunks: &[u8]) -> Vec<u8> {
    let mut body = vec![];
    while let Some(end) = chunks.windows(2).position(|two| two == b"\r\n") {
        let size = usize::from_str_radix(str::from_utf8(&chunks[..end]).unwrap(), 16).unwrap();
        body.extend_from_slice(&chunks[end + 2..end + 2 + size]);
        chunks = &chunks[end + size + 4..];
    }
    body
}

fn shipped(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("deploy")
        .join(name)
}

/// What is shipped under `name`, where courrier listens at `port`.
fn shipped_before(name: &str, port: u16) -> String {
    let text = fs::read_to_string(shipped(name)).unwrap();
    assert!(text.contains("127.0.0.1:8080"), "{text}");
    text.replace("127.0.0.1:8080", &format!("127.0.0.1:{port}"))
}

fn scratch(letter: &Newsletter) -> PathBuf {
    let folder = letter.path("server");
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}
