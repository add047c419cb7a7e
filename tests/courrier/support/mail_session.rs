//! One conversation of the mail server with a client.

use std::io;
use std::net::TcpStream;
use std::sync::Arc;
use std::thread;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::mail_server::{Desk, Security};
use super::received::Received;
use super::rule::{Action, Moment, Verb};
use super::wire::Wire;

pub struct MailSession<'a> {
    wire: Option<Wire>,
    desk: &'a Desk,
    user: Option<String>,
    from: Option<String>,
    to: Vec<String>,
}

/// Whether a step had its effect.
type Effect = io::Result<bool>;

impl<'a> MailSession<'a> {
    pub fn new(tcp: TcpStream, desk: &'a Desk) -> io::Result<Self> {
        tcp.set_nodelay(true)?;
        let mut wire = Wire::plain(tcp);
        if desk.security == Security::Implicit {
            wire = wire.encrypt(Arc::clone(&desk.certificate.config))?;
        }
        Ok(Self {
            wire: Some(wire),
            desk,
            user: None,
            from: None,
            to: Vec::new(),
        })
    }

    /// Answers until somebody hangs up, which is the error it ends with.
    pub fn run(&mut self) -> io::Result<()> {
        self.step(Verb::Connect, "220 test.example ESMTP")?;
        loop {
            let line = self.wire().line()?;
            self.desk.hear(&line);
            let (verb, rest) = line.split_once(' ').unwrap_or((&line, ""));
            match verb.to_ascii_uppercase().as_str() {
                "EHLO" => self.ehlo()?,
                "STARTTLS" if self.desk.security == Security::StartTls => self.start_tls()?,
                "AUTH" => self.auth(rest)?,
                "MAIL" => self.mail(rest)?,
                "RCPT" => self.rcpt(rest)?,
                "DATA" => self.data()?,
                "RSET" => self.rset()?,
                "NOOP" => self.step(Verb::Noop, "250 2.0.0 ok").map(drop)?,
                "QUIT" => return self.step(Verb::Quit, "221 2.0.0 bye").map(drop),
                _ => self.say("502 5.5.1 not here")?,
            }
        }
    }

    fn wire(&mut self) -> &mut Wire {
        self.wire
            .as_mut()
            .expect("only the handshake borrows the wire, and gives it back or ends")
    }

    fn say(&mut self, reply: &str) -> io::Result<()> {
        self.wire().write(format!("{reply}\r\n").as_bytes())
    }

    fn step(&mut self, verb: Verb, reply: &str) -> Effect {
        let rule = self.rule(verb);
        self.answer(rule, reply)
    }

    fn rule(&self, verb: Verb) -> Option<Action> {
        self.desk.rule(verb, self.to.last().map(String::as_str))
    }

    /// Answers `reply`, or what the rule wants.
    fn answer(&mut self, rule: Option<Action>, reply: &str) -> Effect {
        match rule {
            None | Some(Action::Caps(_)) => self.say(reply)?,
            Some(Action::Reply(other)) => {
                self.say(other)?;
                return Ok(other.starts_with(['2', '3']));
            }
            Some(Action::HangUp | Action::LoseAndHangUp) => {
                return Err(io::ErrorKind::ConnectionAborted.into());
            }
            Some(Action::Silence) => return Err(self.wire().stay_silent()),
            Some(Action::Kill(moment)) => {
                if moment == Moment::After {
                    self.say(reply)?;
                }
                self.desk.kill_sender();
                return Err(io::ErrorKind::ConnectionAborted.into());
            }
            Some(Action::Garbage(bytes)) => self.wire().write(bytes)?,
            Some(Action::Delay(time)) => {
                thread::sleep(time);
                self.say(reply)?;
            }
            Some(Action::Inject(more)) => self.say(&format!("{reply}\r\n{more}"))?,
        }
        Ok(reply.starts_with(['2', '3']))
    }

    fn ehlo(&mut self) -> io::Result<()> {
        let rule = self.rule(Verb::Ehlo);
        let encrypted = self.wire().encrypted();
        let mut caps = vec![
            "PIPELINING",
            "8BITMIME",
            "ENHANCEDSTATUSCODES",
            "SIZE 26214400",
        ];
        if self.desk.security == Security::StartTls && !encrypted {
            caps.push("STARTTLS");
        }
        if self.desk.login.is_some() {
            caps.push("AUTH PLAIN LOGIN XOAUTH2");
        }
        if let Some(Action::Caps(other)) = rule {
            caps = other.to_vec();
        }
        let lines: String = caps.iter().map(|cap| format!("250-{cap}\r\n")).collect();
        self.answer(rule, &format!("{lines}250 test.example"))
            .map(drop)
    }

    fn start_tls(&mut self) -> io::Result<()> {
        if self.step(Verb::StartTls, "220 2.0.0 go ahead")? {
            let plain = self
                .wire
                .take()
                .expect("the wire is here between two steps");
            self.wire = Some(plain.encrypt(Arc::clone(&self.desk.certificate.config))?);
        }
        Ok(())
    }

    fn auth(&mut self, rest: &str) -> io::Result<()> {
        let (way, first) = rest.split_once(' ').unwrap_or((rest, ""));
        let given = match way.to_ascii_uppercase().as_str() {
            "PLAIN" if !first.is_empty() => decoded(first)?.trim_start_matches('\0').to_owned(),
            "PLAIN" => self.ask("334 ")?.trim_start_matches('\0').to_owned(),
            "LOGIN" => format!(
                "{}\0{}",
                self.ask("334 VXNlcm5hbWU6")?,
                self.ask("334 UGFzc3dvcmQ6")?
            ),
            "XOAUTH2" => bearer(&decoded(first)?),
            _ => return self.say("504 5.5.4 not this way"),
        };
        let right = self.desk.login.as_ref() == Some(&given);
        let reply = if right {
            "235 2.7.0 welcome"
        } else {
            "535 5.7.8 wrong"
        };
        if self.step(Verb::Auth, reply)? && right {
            self.user = given.split('\0').next().map(str::to_owned);
        }
        Ok(())
    }

    fn ask(&mut self, question: &str) -> io::Result<String> {
        self.say(question)?;
        let line = self.wire().line()?;
        decoded(&line)
    }

    fn mail(&mut self, rest: &str) -> io::Result<()> {
        let stranger = self.desk.login.is_some() && self.user.is_none();
        let reply = if stranger {
            "530 5.7.0 who are you"
        } else {
            "250 2.1.0 ok"
        };
        self.to.clear();
        self.from = self.step(Verb::Mail, reply)?.then(|| address(rest));
        Ok(())
    }

    fn rcpt(&mut self, rest: &str) -> io::Result<()> {
        if self.from.is_none() {
            return self.say("503 5.5.1 MAIL first");
        }
        self.to.push(address(rest));
        if !self.step(Verb::Rcpt, "250 2.1.5 ok")? {
            self.to.pop();
        }
        Ok(())
    }

    fn data(&mut self) -> io::Result<()> {
        if self.to.is_empty() {
            return self.say("503 5.5.1 RCPT first");
        }
        if self.step(Verb::Data, "354 end with a dot")? {
            if let Some(Action::Kill(_)) = self.rule(Verb::Body) {
                self.desk.kill_sender();
                return Err(io::ErrorKind::ConnectionAborted.into());
            }
            let bytes = self.wire().message()?;
            let rule = self.rule(Verb::Dot);
            let lost = Action::Kill(Moment::Before);
            let is_lost =
                |rule| matches!(rule, Action::LoseAndHangUp | Action::Reply(_)) || rule == lost;
            if !rule.is_some_and(is_lost) {
                self.keep(bytes);
            }
            self.answer(rule, "250 2.0.0 queued")?;
        }
        self.from = None;
        self.to.clear();
        Ok(())
    }

    /// Writes the message down before the answer leaves, as a server has to.
    fn keep(&mut self, bytes: Vec<u8>) {
        let encrypted = self.wire().encrypted();
        let from = self.from.clone().unwrap_or_default();
        self.desk.keep(Received {
            from,
            to: self.to.clone(),
            bytes,
            encrypted,
            user: self.user.clone(),
        });
    }

    fn rset(&mut self) -> io::Result<()> {
        self.from = None;
        self.to.clear();
        self.step(Verb::Rset, "250 2.0.0 ok").map(drop)
    }
}

/// What stands between `<` and `>`.
fn address(text: &str) -> String {
    let inside = text
        .split_once('<')
        .and_then(|(_, rest)| rest.split_once('>'));
    inside.map_or(text, |(address, _)| address).to_owned()
}

/// `user\0token` of what XOAUTH2 says.
fn bearer(said: &str) -> String {
    let parts = said
        .strip_prefix("user=")
        .and_then(|said| said.strip_suffix("\u{1}\u{1}"));
    let parts = parts.and_then(|said| said.split_once("\u{1}auth=Bearer "));
    parts.map_or_else(String::new, |(user, token)| format!("{user}\0{token}"))
}

fn decoded(text: &str) -> io::Result<String> {
    let bytes = STANDARD.decode(text).map_err(io::Error::other)?;
    String::from_utf8(bytes).map_err(io::Error::other)
}
