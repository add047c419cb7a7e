//! An SMTP server on loopback that can be told to misbehave.

use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use super::certificate::Certificate;
use super::mail_session::MailSession;
use super::received::Received;
use super::rule::{Action, Rule, Verb};

/// How the server hides its conversations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    None,
    StartTls,
    Implicit,
}

/// A server that runs until it is dropped.
pub struct MailServer {
    pub port: u16,
    desk: Arc<Desk>,
}

/// What the connections of one server share.
pub struct Desk {
    pub security: Security,
    pub certificate: Certificate,
    /// `user\0password`, where the server asks for it.
    pub login: Option<String>,
    book: Mutex<Book>,
}

#[derive(Default)]
struct Book {
    rules: Vec<Rule>,
    received: Vec<Received>,
    commands: Vec<String>,
    closed: bool,
    /// The sender that rules kill, while it runs.
    sender: Option<u32>,
    kills: usize,
}

impl Desk {
    /// What the first rule that fires does at `verb`.
    pub fn rule(&self, verb: Verb, recipient: Option<&str>) -> Option<Action> {
        let mut book = self.book.lock().unwrap();
        let fires = |rule: &mut Rule| rule.fires(verb, recipient).then_some(rule.action);
        book.rules.iter_mut().find_map(fires)
    }

    pub fn keep(&self, message: Received) {
        self.book.lock().unwrap().received.push(message);
    }

    pub fn hear(&self, command: &str) {
        self.book.lock().unwrap().commands.push(command.to_owned());
    }

    /// Kills the sender at work, as soon as the test has named it.
    pub fn kill_sender(&self) {
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            let mut book = self.book.lock().unwrap();
            if let Some(pid) = book.sender.take() {
                let pid = rustix::process::Pid::from_raw(pid.cast_signed()).unwrap();
                rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
                book.kills += 1;
                return;
            }
            drop(book);
            // It is being killed already, by another connection's rule.
            if Instant::now() > deadline || self.closed() {
                return;
            }
            thread::sleep(Duration::from_millis(1));
        }
    }

    fn closed(&self) -> bool {
        self.book.lock().unwrap().closed
    }
}

impl MailServer {
    /// A server without TLS that keeps `rules`.
    pub fn start(rules: impl IntoIterator<Item = Rule>) -> Self {
        Self::with(Security::None, None, rules)
    }

    /// A server that asks for `login`, a user and a password, where there is one.
    pub fn with(
        security: Security,
        login: Option<(&str, &str)>,
        rules: impl IntoIterator<Item = Rule>,
    ) -> Self {
        let book = Book {
            rules: rules.into_iter().collect(),
            ..Book::default()
        };
        Self::at(Desk {
            security,
            certificate: Certificate::for_loopback(),
            login: login.map(|(user, password)| format!("{user}\0{password}")),
            book: Mutex::new(book),
        })
    }

    /// A server that speaks TLS from the first octet, with this certificate.
    pub fn certified(certificate: Certificate) -> Self {
        Self::at(Desk {
            security: Security::Implicit,
            certificate,
            login: None,
            book: Mutex::default(),
        })
    }

    fn at(desk: Desk) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let desk = Arc::new(desk);
        let shared = Arc::clone(&desk);
        thread::spawn(move || welcome(&listener, &shared));
        Self { port, desk }
    }

    /// Everything taken so far, in order.
    pub fn received(&self) -> Vec<Received> {
        self.desk.book.lock().unwrap().received.clone()
    }

    pub fn taken(&self) -> usize {
        self.desk.book.lock().unwrap().received.len()
    }

    /// Every command heard so far, of all connections.
    pub fn commands(&self) -> Vec<String> {
        self.desk.book.lock().unwrap().commands.clone()
    }

    /// Rules may kill this process.
    pub fn watch(&self, sender: u32) {
        self.desk.book.lock().unwrap().sender = Some(sender);
    }

    /// The process is gone; how many were killed so far.
    pub fn kills(&self) -> usize {
        let mut book = self.desk.book.lock().unwrap();
        book.sender = None;
        book.kills
    }

    /// The certificate a client has to trust, in PEM.
    pub fn certificate(&self) -> &str {
        &self.desk.certificate.pem
    }

    /// From now on the server keeps `rules` and no other.
    pub fn change_rules(&self, rules: impl IntoIterator<Item = Rule>) {
        self.desk.book.lock().unwrap().rules = rules.into_iter().collect();
    }

    /// Waits until `holds`; gives up after a minute.
    #[track_caller]
    pub fn wait_until(&self, holds: impl Fn(&Self) -> bool) {
        let deadline = Instant::now() + Duration::from_secs(60);
        while !holds(self) {
            assert!(
                Instant::now() < deadline,
                "waited in vain; heard {:?}",
                self.commands()
            );
            thread::sleep(Duration::from_millis(1));
        }
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        self.desk.book.lock().unwrap().closed = true;
        // Wakes `welcome`, which sees that the server is closed.
        drop(TcpStream::connect(("127.0.0.1", self.port)));
    }
}

fn welcome(listener: &TcpListener, desk: &Arc<Desk>) {
    for tcp in listener.incoming() {
        let Ok(tcp) = tcp else { continue };
        if desk.closed() {
            return;
        }
        let desk = Arc::clone(desk);
        thread::spawn(move || MailSession::new(tcp, &desk).and_then(|mut session| session.run()));
    }
}

/// A port of loopback on which nobody listens.
pub fn port_without_server() -> u16 {
    TcpListener::bind(("127.0.0.1", 0))
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}
