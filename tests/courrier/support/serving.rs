//! `courrier serve` on loopback, which ends with the test.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::newsletter::Newsletter;
use super::real;
use super::real_server::{Answer, ask};

pub struct Serving {
    child: Child,
    /// Where it says that it listens.
    pub address: String,
    log: PathBuf,
}

impl Serving {
    /// At a port that is free.
    pub fn start(letter: &Newsletter) -> Self {
        Self::with(letter, &["--listen", "127.0.0.1:0"])
    }

    pub fn with(letter: &Newsletter, args: &[&str]) -> Self {
        let mut all = vec!["serve"];
        all.extend(args);
        Self::run(letter, &mut letter.command(&all))
    }

    /// `command`, which is courrier in some way.
    pub fn run(letter: &Newsletter, command: &mut Command) -> Self {
        let log = letter.path("serve.log");
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(fs::File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let mut address = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut address)
            .unwrap();
        let address = address.trim_end().to_owned();
        let serving = Self {
            child,
            address,
            log,
        };
        assert!(!serving.address.is_empty(), "{}", serving.log());
        serving
    }

    pub fn port(&self) -> u16 {
        let port = self.address.trim_end_matches('/').rsplit(':').next();
        port.unwrap().parse().unwrap()
    }

    /// The address of `path` on it.
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}/{path}", self.port())
    }

    pub fn get(&self, path: &str, headers: &[&str]) -> Answer {
        self.ask(&format!("GET {path}"), headers, b"")
    }

    pub fn ask(&self, line: &str, headers: &[&str], body: &[u8]) -> Answer {
        ask(self.port(), line, headers, body)
    }

    /// What it wrote into its log so far.
    pub fn log(&self) -> String {
        let mut text = String::new();
        let file = fs::File::open(&self.log);
        file.unwrap().read_to_string(&mut text).unwrap();
        text
    }

    /// Bytes of memory that it has now.
    pub fn memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kilobytes: u64 = line.unwrap().trim_end_matches("kB").trim().parse().unwrap();
        kilobytes << 10
    }

    /// Sends `signal`, like `TERM`.
    pub fn signal(&self, signal: &str) {
        let id = self.child.id().to_string();
        real::succeeds(Command::new("kill").args(["-s", signal, &id]));
    }

    /// The exit code, once it has ended by itself.
    pub fn ended(&mut self) -> Option<i32> {
        let end = Instant::now() + Duration::from_secs(30);
        while Instant::now() < end {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("it does not end:\n{}", self.log());
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
