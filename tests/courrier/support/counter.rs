//! The public pages of a newsletter at work, its mail server, and people who come to them.

use std::time::{Duration, Instant};

use rusqlite::types::ValueRef;

use super::mail_server::{MailServer, port_without_server};
use super::newsletter::Newsletter;
use super::real_server::Answer;
use super::received::Received;
use super::serving::Serving;

/// Longer than a person needs at least to fill in the form.
pub const A_MOMENT: Duration = Duration::from_millis(3_200);
const FORM: &str = "Content-Type: application/x-www-form-urlencoded";
/// The longest that a mail may take, on a machine that does much else.
const PATIENCE: Duration = Duration::from_secs(60);

/// `courrier serve` with a mail server behind it.
pub struct Counter {
    pub letter: Newsletter,
    pub mail: MailServer,
    pub port: u16,
    serving: Option<Serving>,
}

impl Counter {
    /// With `letter`, which sends to a server of our own and may have settings of its own.
    pub fn open(letter: Newsletter) -> Self {
        let mut counter = Self::prepared(letter);
        counter.start();
        counter
    }

    /// The same, not yet started.
    pub fn prepared(mut letter: Newsletter) -> Self {
        let (mail, port) = (MailServer::start([]), port_without_server());
        letter.send_to(mail.port, 20);
        letter.set("serve", "url", &format!("\"http://127.0.0.1:{port}/\""));
        Self {
            letter,
            mail,
            port,
            serving: None,
        }
    }

    /// Starts the server; one that runs is killed first.
    pub fn start(&mut self) {
        self.stop();
        let listen = format!("127.0.0.1:{}", self.port);
        self.serving = Some(Serving::with(&self.letter, &["--listen", &listen]));
    }

    /// Kills the server.
    pub fn stop(&mut self) {
        self.serving = None;
    }

    pub fn serving(&self) -> &Serving {
        self.serving.as_ref().unwrap()
    }

    /// The address of `path`, as mails have it.
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}/{path}", self.port)
    }

    pub fn get(&self, path: &str) -> Answer {
        self.serving().get(&format!("/{path}"), &[])
    }

    /// A form with these fields, sent to `path`.
    pub fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.post_with(path, fields, &[])
    }

    pub fn post_with(&self, path: &str, fields: &[(&str, &str)], headers: &[&str]) -> Answer {
        let body = form(fields);
        let headers = [&[FORM], headers].concat();
        self.serving()
            .ask(&format!("POST /{path}"), &headers, body.as_bytes())
    }

    /// What stands in the hidden field of the form.
    pub fn stamp(&self) -> String {
        let page = self.get("subscribe");
        assert_eq!(page.status, 200, "{}", page.text());
        field(page.text(), "name=\"stamp\" value=\"")
    }

    /// Fills in the form as a person does.
    pub fn ask(&self, email: &str, language: &str) -> Answer {
        let stamp = self.stamp();
        std::thread::sleep(A_MOMENT);
        let fields = [("email", email), ("language", language), ("stamp", &stamp)];
        self.post(&format!("subscribe?lang={language}"), &fields)
    }

    /// The newest mail to `rcpt`, once there are `count` of them.
    #[track_caller]
    pub fn mail_to(&self, rcpt: &str, count: usize) -> Received {
        let begin = Instant::now();
        loop {
            let taken = self.mail.received();
            let theirs = taken.iter().filter(|mail| mail.to[0] == rcpt);
            let theirs: Vec<&Received> = theirs.collect();
            if theirs.len() >= count {
                assert_eq!(theirs.len(), count, "mails to {rcpt}");
                return theirs[count - 1].clone();
            }
            let log = self.serving.as_ref().map(Serving::log);
            assert!(begin.elapsed() < PATIENCE, "no mail to {rcpt}: {log:?}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The path of the first link to `page` in `mail`.
    #[track_caller]
    pub fn link(&self, mail: &Received, page: &str) -> String {
        let begin = self.url(&format!("{page}/"));
        let links = self.links(mail);
        let link = links.iter().find(|link| link.starts_with(&begin));
        let link = link.unwrap_or_else(|| panic!("no {begin} in {links:?}"));
        link[self.url("").len()..].to_owned()
    }

    /// Every link to these pages in `mail`.
    pub fn links(&self, mail: &Received) -> Vec<String> {
        let text = readable(mail);
        let own = self.url("");
        let begins = text.match_indices(&own).map(|(at, _)| at);
        let ends = |c: char| c.is_whitespace() || "<>\"'".contains(c);
        begins
            .map(|at| text[at..].split(ends).next().unwrap().to_owned())
            .collect()
    }

    /// Subscribes somebody by form, mail and button.
    pub fn join(&self, email: &str, language: &str) {
        let before = self.mail.received();
        let before = before.iter().filter(|mail| mail.to[0] == email).count();
        assert_eq!(self.ask(email, language).status, 200);
        let link = self.link(&self.mail_to(email, before + 1), "confirm");
        let page = self.post(&link, &[("confirm", "yes")]);
        assert_eq!(page.status, 200, "{}", page.text());
    }

    /// How the subscriber with this address stands, as `subscribers list` tells it.
    pub fn standing(&self, email: &str) -> String {
        let list = self.letter.run(&["subscribers", "list"]).ends_with(0);
        let line = list.stdout.lines().find(|line| line.starts_with(email));
        line.unwrap_or("nobody").to_owned()
    }

    /// All that the store holds, once nothing is in hand any more.
    pub fn dump(&self) -> Vec<String> {
        let begin = Instant::now();
        let open = "SELECT (SELECT count(*) FROM request WHERE state = 'new')
            + (SELECT count(*) FROM notice WHERE state <> 'accepted')";
        while self.count(open) > 0 {
            assert!(begin.elapsed() < PATIENCE, "{}", self.serving().log());
            std::thread::sleep(Duration::from_millis(20));
        }
        let store = rusqlite::Connection::open(self.letter.path("courrier.db")).unwrap();
        let names = "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'instance' ORDER BY name";
        let mut statement = store.prepare(names).unwrap();
        let names = statement.query_map([], |row| row.get(0)).unwrap();
        let names: Vec<String> = names.map(Result::unwrap).collect();
        names.iter().flat_map(|name| rows(&store, name)).collect()
    }

    /// The last `count` deliveries: to whom, and the token in each.
    pub fn last_tokens(&self, count: usize) -> Vec<(String, String)> {
        let store = rusqlite::Connection::open(self.letter.path("courrier.db")).unwrap();
        let sql = format!("SELECT rcpt, token FROM delivery ORDER BY id DESC LIMIT {count}");
        let mut statement = store.prepare(&sql).unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
        rows.unwrap().map(Result::unwrap).collect()
    }

    /// The number that `sql` gives for the store.
    pub fn count(&self, sql: &str) -> i64 {
        let store = rusqlite::Connection::open(self.letter.path("courrier.db")).unwrap();
        store.query_row(sql, [], |row| row.get(0)).unwrap()
    }
}

fn rows(store: &rusqlite::Connection, table: &str) -> Vec<String> {
    let mut statement = store
        .prepare(&format!("SELECT * FROM {table} ORDER BY rowid"))
        .or_else(|_| store.prepare(&format!("SELECT * FROM {table} ORDER BY 1, 2")))
        .unwrap();
    let columns = statement.column_count();
    let rows = statement
        .query_map([], |row| {
            let cells = (0..columns).map(|at| match row.get_ref(at).unwrap() {
                ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
                other => format!("{other:?}"),
            });
            Ok(cells.collect::<Vec<_>>().join("|"))
        })
        .unwrap();
    rows.map(|row| format!("{table}: {}", row.unwrap()))
        .collect()
}

/// Fields as a form sends them.
pub fn form(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish()
}

/// What stands behind `begin` in `page`, up to the next quote.
#[track_caller]
pub fn field(page: &str, begin: &str) -> String {
    let rest = page.split_once(begin);
    let rest = rest.unwrap_or_else(|| panic!("no {begin} in {page}")).1;
    rest.split('"').next().unwrap().to_owned()
}

/// The message with the line breaks of quoted-printable undone, and its headers unfolded.
pub fn readable(mail: &Received) -> String {
    let text = mail.text().replace("=\r\n", "").replace("=3D", "=");
    text.replace("\r\n ", " ")
}
