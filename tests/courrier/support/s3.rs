//! A real S3 server (moto), one bucket of it, and on the way to it a proxy that can be told to misbehave.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use super::bucket::Bucket;
use super::newsletter::Newsletter;
use super::real;

/// What is said to the server's user by nobody but its file of credentials.
pub const SECRET: &str = "hush-hush-hush";

/// Whoever signs nothing may read nothing; the signature itself is not looked at.
const SIGNED: &str = "AWS4-HMAC-SHA256 Credential=ada/20261122/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0";

/// What becomes of a request on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    None,
    /// The server says that it has too much to do.
    Busy,
    /// The key is not good enough.
    Forbidden,
    /// The line is cut before the request arrives.
    CutBefore,
    /// The line is cut when the server has done it.
    CutAfter,
    /// The request waits until the test ends.
    Stuck,
    Slow(Duration),
}

type Rule = dyn Fn(&str) -> Fault + Send + Sync;

/// A bucket, reached by way of the proxy.
pub struct S3 {
    bucket: String,
    proxy: u16,
    server: u16,
    rule: Arc<Mutex<Box<Rule>>>,
    log: Arc<Mutex<Vec<String>>>,
}

/// An object that is there.
#[derive(Debug)]
pub struct Stored {
    head: String,
    pub body: Vec<u8>,
}

impl Stored {
    pub fn is_there(&self) -> bool {
        self.head.contains(" 200 ")
    }

    #[track_caller]
    pub fn header(&self, name: &str) -> String {
        let mut fields = self.head.lines().filter_map(|line| line.split_once(": "));
        let found = fields.find(|(field, _)| field.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.to_owned()).unwrap_or_default()
    }
}

/// The server of all tests. It ends with them: its standard input does.
struct Moto {
    port: u16,
    _child: Child,
    _input: ChildStdin,
}

const START: &str = "import logging, os, sys
logging.disable(logging.CRITICAL)
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer(ip_address='127.0.0.1', port=0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
sys.stdin.read()
os._exit(0)
";

fn moto() -> Option<u16> {
    static MOTO: OnceLock<Option<Moto>> = OnceLock::new();
    let start = || {
        let python = real::python_with("moto.server")?;
        let mut child = Command::new(python)
            .args(["-c", START])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        Some(Moto {
            port: line.trim().parse().unwrap(),
            _input: child.stdin.take().unwrap(),
            _child: child,
        })
    };
    MOTO.get_or_init(start).as_ref().map(|moto| moto.port)
}

impl S3 {
    /// A new, empty bucket; nothing where the server is not here.
    pub fn start() -> Option<Self> {
        static BUCKETS: AtomicUsize = AtomicUsize::new(0);
        let server = moto()?;
        let bucket = format!("bucket-{}", BUCKETS.fetch_add(1, Ordering::Relaxed));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let s3 = Self {
            bucket,
            proxy: listener.local_addr().unwrap().port(),
            server,
            rule: Arc::new(Mutex::new(Box::new(|_| Fault::None))),
            log: Arc::default(),
        };
        let (rule, log) = (Arc::clone(&s3.rule), Arc::clone(&s3.log));
        let below = format!("/{}/", s3.bucket);
        std::thread::spawn(move || {
            // The real one decides and writes in one step; this server's threads do not.
            let turn = Arc::new(Mutex::new(()));
            for stream in listener.incoming().flatten() {
                let way = Way {
                    server,
                    below: below.clone(),
                    rule: Arc::clone(&rule),
                    log: Arc::clone(&log),
                    turn: Arc::clone(&turn),
                };
                std::thread::spawn(move || way.serve(&stream));
            }
        });
        let made = s3.ask("PUT", "", b"");
        assert!(made.head.contains(" 200 "), "{}", made.head);
        Some(s3)
    }

    /// From now on `rule` says what becomes of requests like `PUT site/rss.xml`.
    pub fn misbehaves(&self, rule: impl Fn(&str) -> Fault + Send + Sync + 'static) {
        *self.rule.lock().unwrap() = Box::new(rule);
    }

    pub fn behaves(&self) {
        self.misbehaves(|_| Fault::None);
    }

    /// Every request since the last time, as `PUT rss.xml`; those for the list itself left out.
    pub fn asked(&self) -> Vec<String> {
        let all = std::mem::take(&mut *self.log.lock().unwrap());
        let of_files = all
            .into_iter()
            .filter(|asked| !asked.contains(".courrier/"));
        of_files.map(|asked| asked.replace(" site/", " ")).collect()
    }

    /// The names of the files that were put since the last time, in their order.
    pub fn puts(&self) -> Vec<String> {
        let asked = self.asked().into_iter();
        asked
            .filter_map(|asked| asked.strip_prefix("PUT ").map(str::to_owned))
            .collect()
    }

    #[track_caller]
    pub fn text(&self, name: &str) -> String {
        let stored = self
            .get(name)
            .unwrap_or_else(|| panic!("{name} is not there"));
        String::from_utf8(stored.body).unwrap()
    }

    /// Puts an object there as another program would.
    pub fn put(&self, name: &str, body: &str) {
        self.ask("PUT", &format!("site/{name}"), body.as_bytes());
    }

    pub fn delete(&self, name: &str) {
        self.ask("DELETE", &format!("site/{name}"), b"");
    }

    /// Waits until `is_so`.
    #[track_caller]
    pub fn wait_until(&self, is_so: impl Fn(&[String]) -> bool) {
        let begin = Instant::now();
        while !is_so(&self.log.lock().unwrap()) {
            assert!(begin.elapsed() < Duration::from_secs(60), "it never was so");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn ask(&self, method: &str, key: &str, body: &[u8]) -> Stored {
        let path = format!("/{}/{key}", self.bucket);
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: {SIGNED}\r\nContent-Length: {}\r\n",
            body.len()
        );
        stored(&forward(self.server, &head, body))
    }
}

/// The way of one connection.
struct Way {
    server: u16,
    below: String,
    rule: Arc<Mutex<Box<Rule>>>,
    log: Arc<Mutex<Vec<String>>>,
    turn: Arc<Mutex<()>>,
}

impl Way {
    /// Carries one request there and its answer back, or does what the rule says.
    fn serve(&self, mut stream: &TcpStream) {
        let Some((head, body)) = request(stream) else {
            return;
        };
        let mut words = head.split(' ');
        let (method, path) = (words.next().unwrap(), words.next().unwrap());
        let asked = format!("{method} {}", path.trim_start_matches(&self.below));
        let fault = (self.rule.lock().unwrap())(&asked);
        self.log.lock().unwrap().push(asked);
        let says = |status: &str| {
            format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        };
        let answer = match fault {
            Fault::CutBefore => return,
            Fault::Busy => says("503 Slow Down").into_bytes(),
            Fault::Forbidden => says("403 Forbidden").into_bytes(),
            Fault::Stuck => {
                std::thread::sleep(Duration::from_secs(600));
                return;
            }
            Fault::Slow(time) => {
                std::thread::sleep(time);
                self.done(&head, &body)
            }
            Fault::None | Fault::CutAfter => self.done(&head, &body),
        };
        if fault != Fault::CutAfter {
            let _ = stream.write_all(&answer);
        }
    }

    fn done(&self, head: &str, body: &[u8]) -> Vec<u8> {
        let _turn = self.turn.lock().unwrap();
        forward(self.server, head, body)
    }
}

/// The head of a request without the line that ends it, and its body.
pub fn request(stream: &TcpStream) -> Option<(String, Vec<u8>)> {
    let mut reader = BufReader::new(stream);
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        let lower = line.to_ascii_lowercase();
        if let Some(value) = lower.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        match line.as_str() {
            "\r\n" => break,
            _ if lower.starts_with("connection:") => {}
            _ => head.push_str(&line),
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((head, body))
}

/// The whole answer of the server to a request.
pub fn forward(port: u16, head: &str, body: &[u8]) -> Vec<u8> {
    let mut server = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let head = format!("{head}Connection: close\r\n\r\n");
    server.write_all(head.as_bytes()).unwrap();
    server.write_all(body).unwrap();
    let mut answer = vec![];
    server.read_to_end(&mut answer).unwrap();
    answer
}

pub fn stored(answer: &[u8]) -> Stored {
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n");
    let end = end.unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(answer)));
    Stored {
        head: String::from_utf8_lossy(&answer[..end]).into_owned(),
        body: answer[end + 4..].to_vec(),
    }
}

impl Bucket for S3 {
    /// Has `letter` published into the bucket, below `site/`.
    fn is_target_of(&self, letter: &mut Newsletter) {
        let to = format!("\"s3://{}/site\"", self.bucket);
        letter.set("publish", "to", &to);
        let endpoint = format!("\"http://127.0.0.1:{}\"", self.proxy);
        letter.set("publish", "endpoint", &endpoint);
        letter.set("publish", "region", "\"ca-central-1\"");
        letter.set("publish", "timeout_seconds", "3");
        letter.set("publish", "credentials_file", "\"keys\"");
        let keys = format!("AWS_ACCESS_KEY_ID=ada\nAWS_SECRET_ACCESS_KEY={SECRET}\n");
        letter.write("keys", keys);
        letter.chmod("keys", 0o600);
    }

    /// The object called `name` below `site/`.
    fn get(&self, name: &str) -> Option<Stored> {
        let stored = self.ask("GET", &format!("site/{name}"), b"");
        stored.head.contains(" 200 ").then_some(stored)
    }

    /// The names of all objects below `site/` but the list, sorted.
    fn names(&self) -> Vec<String> {
        let list = self.ask("GET", "?list-type=2", b"");
        let list = String::from_utf8(list.body).unwrap();
        let keys = list.split("<Key>site/").skip(1);
        let names = keys.map(|rest| rest.split('<').next().unwrap().to_owned());
        names
            .filter(|name| !name.starts_with(".courrier/"))
            .collect()
    }
}
