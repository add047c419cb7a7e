//! A newsletter in a temporary folder, and courrier run on it.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use super::ran::{Ran, courrier};
use super::{postgres, real};

/// The clock of every run, so that nothing depends on the day the tests are run.
pub const NOW: &str = "2026-11-22T12:00:00Z";
/// The clock of the next run of cron, a minute after [`NOW`].
pub const LATER: &str = "2026-11-22T12:01:00Z";

/// Where this variable is set every newsletter has its store on PostgreSQL.
pub const ON_POSTGRES: &str = "COURRIER_TESTS_ON_POSTGRES";

/// The settings of a new [`Newsletter`]: table, key, value in TOML.
const SETTINGS: &[(&str, &str, &str)] = &[
    ("site", "title", "\"Cloud Native Canada\""),
    ("site", "url", "\"https://blog.example.org/\""),
    ("site", "language", "\"en\""),
    ("site", "description", "\"News of the community\""),
    ("blog", "posts", "\"posts\""),
    ("blog", "time_zone", "\"UTC\""),
    ("newsletter", "title", "\"The Courier\""),
    (
        "newsletter",
        "from",
        "\"Cloud Native Canada <digest@example.org>\"",
    ),
    ("newsletter", "first_issue_since", "2026-10-01"),
    ("newsletter", "transport", "\"folder\""),
    ("newsletter.sender", "name", "\"Cloud Native Canada\""),
    (
        "newsletter.sender",
        "address",
        "\"1 Test Street, Montreal QC H2X 1Y4, Canada\"",
    ),
    ("newsletter.sender", "contact", "\"hello@example.org\""),
];

/// The five meetups of the sample: city and address.
pub const MEETUPS: [(&str, &str); 5] = [
    ("Montreal", "https://www.meetup.com/Kubernetes-Montreal/"),
    ("Ottawa", "https://www.meetup.com/Kubernetes-Ottawa/"),
    ("Toronto", "https://www.meetup.com/Kubernetes-Toronto/"),
    (
        "Kitchener-Waterloo",
        "https://www.meetup.com/Kubernetes-Kitchener-Waterloo/",
    ),
    ("Quebec", "https://www.meetup.com/Kubernetes-Quebec/"),
];

/// A folder with `config.toml`, `posts/` and all that courrier writes beside them.
pub struct Newsletter {
    folder: TempDir,
    settings: Vec<(String, String, String)>,
    /// The `--now` of the runs to come; the real time where it is empty.
    pub now: &'static str,
}

impl Newsletter {
    /// Five meetups, no post, no subscriber, the folder transport.
    pub fn empty() -> Self {
        let own = |(table, key, value): &(&str, &str, &str)| {
            (table.to_string(), key.to_string(), value.to_string())
        };
        let settings = SETTINGS.iter().map(own).collect();
        let letter = Self {
            folder: TempDir::new().unwrap(),
            settings,
            now: NOW,
        };
        fs::create_dir(letter.path("posts")).unwrap();
        letter.write_config();
        if std::env::var_os(ON_POSTGRES).is_some() {
            return letter.on(&postgres::database().expect("there is a PostgreSQL"));
        }
        letter
    }

    /// Its store on a server, at this address.
    pub fn on(mut self, database: &str) -> Self {
        self.set("store", "url", &format!("{database:?}"));
        self
    }

    /// Two posts of this November.
    pub fn with_posts() -> Self {
        let letter = Self::empty();
        letter.post(
            "operators.md",
            &post(
                "Operators, the second day",
                "2026-11-10",
                "Ada Lovelace",
                "<p>Day two.</p>",
            ),
        );
        letter.post(
            "mesh.md",
            &post(
                "A mesh for everyone",
                "2026-11-18",
                "Grace Hopper",
                "<p>Sidecars.</p>",
            ),
        );
        letter
    }

    /// Two posts and the subscribers `reader00000@example.org` and so on.
    pub fn with_readers(count: usize) -> Self {
        let letter = Self::with_posts();
        letter.import(&readers(count));
        letter
    }

    /// Posts that were not written for these tests; nothing where they are not here.
    pub fn of_the_shared_posts() -> Option<Self> {
        let posts = real::shared("posts")?.canonicalize().unwrap();
        let mut letter = Self::empty();
        letter.set("blog", "posts", &format!("{posts:?}"));
        letter.set("newsletter", "first_issue_since", "2019-01-01");
        Some(letter)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
        fs::write(self.path(name), text).unwrap();
    }

    /// Gives the file `name` the mode `mode`.
    pub fn chmod(&self, name: &str, mode: u32) {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(mode)).unwrap();
    }

    pub fn post(&self, name: &str, text: &str) {
        self.write(&format!("posts/{name}"), text);
    }

    /// Sets `key` of `[table]` in `config.toml` to `value`, written in TOML.
    pub fn set(&mut self, table: &str, key: &str, value: &str) {
        self.settings
            .retain(|(t, k, _)| (t.as_str(), k.as_str()) != (table, key));
        self.settings
            .push((table.to_owned(), key.to_owned(), value.to_owned()));
        self.write_config();
    }

    /// Sends by SMTP, without TLS, to `port` on loopback; no wait is longer than `seconds`.
    pub fn send_to(&mut self, port: u16, seconds: u32) {
        self.set("newsletter", "transport", "\"smtp\"");
        self.set("smtp", "host", "\"127.0.0.1\"");
        self.set("smtp", "port", &port.to_string());
        self.set("smtp", "tls", "\"none\"");
        self.set("smtp", "timeout_seconds", &seconds.to_string());
        self.set("smtp", "retry_minutes", "0");
    }

    fn write_config(&self) {
        self.write("config.toml", self.config());
    }

    /// What `config.toml` says.
    pub fn config(&self) -> String {
        let mut tables: Vec<&str> = Vec::new();
        for (table, _, _) in &self.settings {
            if !tables.contains(&table.as_str()) {
                tables.push(table);
            }
        }
        let mut text = String::new();
        for table in tables {
            writeln!(text, "[{table}]").unwrap();
            for (_, key, value) in self.settings.iter().filter(|(t, _, _)| t == table) {
                writeln!(text, "{key} = {value}").unwrap();
            }
            text.push('\n');
        }
        for (city, url) in MEETUPS {
            writeln!(
                text,
                "[[meetup]]\ncity = \"{city}\"\nname = \"Cloud Native {city}\"\nurl = \"{url}\"\n"
            )
            .unwrap();
        }
        text
    }

    /// Subscribers from CSV text with its header.
    pub fn import(&self, csv: &str) {
        self.write("readers.csv", csv);
        let file = self.path("readers.csv");
        self.run(&["subscribers", "import", file.to_str().unwrap()])
            .ends_with(0);
    }

    /// courrier with `args` on this newsletter, not yet started.
    pub fn command(&self, args: &[&str]) -> Command {
        let config = self.path("config.toml");
        let mut command = courrier(self.folder.path());
        command
            .arg("--config")
            .arg(config)
            .args(["--now", self.now].iter().filter(|_| !self.now.is_empty()))
            .args(args);
        command
    }

    pub fn run(&self, args: &[&str]) -> Ran {
        Ran::of(&mut self.command(args))
    }

    /// courrier with `args`, at work while the test goes on.
    pub fn start(&self, args: &[&str]) -> Child {
        self.command(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    /// The deliveries, as `courrier ledger dump` tells them.
    pub fn ledger(&self) -> Vec<Value> {
        let dump = self.run(&["ledger", "dump"]).ends_with(0).stdout;
        dump.lines()
            .map(|line| {
                serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}"))
            })
            .collect()
    }

    /// The state of the delivery to `rcpt`.
    pub fn state_of(&self, rcpt: &str) -> String {
        let ledger = self.ledger();
        let row = ledger.iter().find(|row| row["rcpt"] == rcpt);
        row.unwrap_or_else(|| panic!("{rcpt} is not in {ledger:?}"))["state"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// Every `.eml` of the folder transport, sorted by path.
    pub fn outbox(&self) -> Vec<PathBuf> {
        files_below(&self.path("outbox"), "eml")
    }
}

/// Every file below `folder` whose name ends in `.extension`, sorted.
pub fn files_below(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let files = walkdir::WalkDir::new(folder)
        .sort_by_file_name()
        .into_iter()
        .filter_map(Result::ok);
    files
        .map(|entry| entry.into_path())
        .filter(|path| path.extension().is_some_and(|end| end == extension))
        .collect()
}

/// A post with front matter as in the sample blog.
pub fn post(title: &str, lastmod: &str, author: &str, body: &str) -> String {
    format!(
        "---\ntitle: {title:?}\nlastmod: {lastmod:?}\nauthor: {author:?}\nclass_name: \"blog post\"\n---\n\n{body}\n"
    )
}

/// A CSV of `count` readers who agreed.
pub fn readers(count: usize) -> String {
    let lines =
        (0..count).map(|n| format!("reader{n:05}@example.org,Reader {n},en,Montreal,form\n"));
    std::iter::once("email,name,language,cities,consent\n".to_owned())
        .chain(lines)
        .collect()
}
