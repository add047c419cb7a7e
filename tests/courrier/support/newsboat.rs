//! newsboat, subscribed to one feed of a server.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use super::real;

pub struct Newsboat {
    program: PathBuf,
    home: tempfile::TempDir,
}

impl Newsboat {
    pub fn subscribed(address: &str) -> Option<Self> {
        let newsboat = Self {
            program: real::program("newsboat")?,
            home: tempfile::tempdir().unwrap(),
        };
        fs::write(newsboat.home.path().join("urls"), format!("{address}\n")).unwrap();
        Some(newsboat)
    }

    pub fn reload(&self) {
        let home = self.home.path();
        let mut command = Command::new(&self.program);
        command
            .env("HOME", home)
            .env("LANG", "C.UTF-8")
            .arg("-u")
            .arg(home.join("urls"))
            .arg("-c")
            .arg(home.join("cache.db"));
        real::succeeds(command.args(["-x", "reload"]));
    }

    pub fn unread(&self) -> u32 {
        let database = rusqlite::Connection::open(self.home.path().join("cache.db")).unwrap();
        database
            .query_row(
                "SELECT count(*) FROM rss_item WHERE unread = 1",
                [],
                |row| row.get(0),
            )
            .unwrap()
    }

    pub fn read_all(&self) {
        let database = rusqlite::Connection::open(self.home.path().join("cache.db")).unwrap();
        database
            .execute("UPDATE rss_item SET unread = 0", [])
            .unwrap();
    }
}
