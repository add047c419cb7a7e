//! `courrier.lock`: the identities of a blog as text.

use std::borrow::Cow;
use std::fmt;
use std::io::{self, Write};
use std::ops::Range;

use chrono::{DateTime, FixedOffset, SecondsFormat};
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use rayon::prelude::*;

use super::front_matter::lines::Lines;
use super::identity::{Identity, PermanentId, Withdrawal};
use super::lock::Lock;
use crate::problem::Problem;

/// Why a `courrier.lock` cannot be read. It is never rewritten then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct LockError {
    reason: &'static str,
    at: Range<usize>,
}

impl LockError {
    /// This error as a problem of `file`, whose text is `text`.
    pub fn problem(&self, file: &str, text: &str) -> Problem {
        let help = match self.reason {
            NEWER => "use that newer courrier: this one would lose what it does not know",
            _ => {
                "take the line from the last commit; where two branches met, keep the older of the two lines"
            }
        };
        Problem::new(self.to_string(), help).at(file, text, self.at.clone())
    }
}

const NEWER: &str = "a newer courrier wrote this file";
const HEAD: &str = "# courrier.lock, version 1: the permanent ids of the posts. Commit it beside them.\n\
                    # path, id, first published, last announced update, hash of what was announced, withdrawn since\n";

/// What would end a field or a line of the file, and `%` itself.
const FIELD: &AsciiSet = &CONTROLS.add(b' ').add(b'%').add(b'#');
/// The same of a folder in a list of them.
const FOLDER: &AsciiSet = &FIELD.add(b',');

/// Reads the text of a `courrier.lock`.
///
/// # Errors
///
/// Where a line is not one of ours, or two lines claim one path or one id.
pub fn parse(text: &str) -> Result<Lock, LockError> {
    let mut lock = Lock::default();
    let mut lines = Lines::new(text, 0).peekable();
    while lines.peek().is_some() {
        // Lines are read on every core, so many at once that it pays, and so few
        // that what was read of them takes little memory.
        let some: Vec<(usize, &str)> = lines.by_ref().take(LINES).collect();
        let read: Vec<_> = some.par_iter().map(|(_, line)| read_line(line)).collect();
        for ((begin, line), read) in some.into_iter().zip(read) {
            let refuse = |reason| LockError {
                reason,
                at: begin..begin + line.trim_end().len(),
            };
            if let Some((path, identity)) = read.map_err(refuse)? {
                lock.add(path, identity).map_err(refuse)?;
            }
        }
    }
    Ok(lock)
}

/// Lines that are read at once.
const LINES: usize = 16 * 1024;

/// What a line says of a post; nothing for an empty line or a comment.
fn read_line(line: &str) -> Result<Option<(String, Identity)>, &'static str> {
    if line.starts_with("# courrier.lock, version ") && !line.contains("version 1:") {
        return Err(NEWER);
    }
    if line.starts_with('#') || line.trim().is_empty() {
        return Ok(None);
    }
    read_post(line).map(Some)
}

fn read_post(line: &str) -> Result<(String, Identity), &'static str> {
    let mut fields = line.split_ascii_whitespace();
    let five = std::array::from_fn(|_| fields.next());
    let (
        [
            Some(path),
            Some(id),
            Some(published),
            Some(updated),
            Some(hash),
        ],
        withdrawn,
        feeds,
        None,
    ) = (five, fields.next(), fields.next(), fields.next())
    else {
        return Err("this line has not the five to seven fields that a post has");
    };
    if !id.contains(':') {
        return Err("the second field of this line is no URI, such as tag:example.org,2026:post");
    }
    let time = |text| {
        DateTime::parse_from_rfc3339(text)
            .map_err(|_| "a time in this line is not like 2026-11-22T00:00:00Z")
    };
    let path = percent_decode_str(path)
        .decode_utf8()
        .map_err(|_| "the path of this line is not UTF-8")?;
    let seen = match hash {
        "-" => None,
        hash => Some(hash.parse().map_err(
            |_| "the last field of this line is not the hash of a title and a text, in hexadecimal",
        )?),
    };
    let id = PermanentId(id.into());
    let (withdrawn, shown_in) = (withdrawn.map(time), feeds.map(read_feeds));
    let (withdrawn, shown_in) = (withdrawn.transpose()?, shown_in.transpose()?);
    let identity = Identity {
        withdrawn: withdrawn.map(|since| Box::new(Withdrawal { since, shown_in })),
        ..Identity::new(id, (time(published)?, time(updated)?), seen)
    };
    Ok((path.into_owned(), identity))
}

/// The last field of a post that was withdrawn: the feeds that showed it, `-` for none.
fn read_feeds(field: &str) -> Result<Vec<String>, &'static str> {
    let folders = field.split(',').filter(|folder| *folder != "-");
    let folders = folders.map(|folder| percent_decode_str(folder).decode_utf8());
    let folders: Result<Vec<String>, _> = folders.map(|it| it.map(Cow::into_owned)).collect();
    folders.map_err(|_| "the folder of a feed in this line is not UTF-8")
}

impl fmt::Display for Lock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HEAD)?;
        let mut text = String::new();
        self.lines().for_each(|line| write_line(line, &mut text));
        f.write_str(&text)
    }
}

/// Writes the text of `lock` to `file`, as its [`Display`](fmt::Display) has it,
/// without ever holding the whole of it.
///
/// # Errors
///
/// Where it cannot be written.
pub fn write(lock: &Lock, file: &mut dyn Write) -> io::Result<()> {
    let text = |lines: &[(&str, &Identity)]| -> String {
        let mut text = String::with_capacity(lines.len() * USUAL);
        lines.iter().for_each(|line| write_line(*line, &mut text));
        text
    };
    file.write_all(HEAD.as_bytes())?;
    let lines: Vec<_> = lock.lines().collect();
    for part in lines.chunks(16 * 1024) {
        let texts: Vec<String> = part.par_chunks(1024).map(text).collect();
        for text in texts {
            file.write_all(text.as_bytes())?;
        }
    }
    Ok(())
}

/// Bytes of a line, as a rule.
const USUAL: usize = 192;

fn write_line((path, identity): (&str, &Identity), text: &mut String) {
    text.extend(utf8_percent_encode(path, FIELD));
    for part in [" ", identity.id.as_str()] {
        text.push_str(part);
    }
    write_time(identity.published, text);
    write_time(identity.updated, text);
    match identity.seen {
        Some(seen) => text.push_str(&format!(" {seen}")),
        None => text.push_str(" -"),
    }
    if let Some(withdrawn) = &identity.withdrawn {
        write_time(withdrawn.since, text);
    }
    if let Some(folders) = identity.shown_in() {
        write_feeds(folders, text);
    }
    text.push('\n');
}

fn write_time(time: DateTime<FixedOffset>, text: &mut String) {
    text.push(' ');
    text.push_str(&time.to_rfc3339_opts(SecondsFormat::Secs, true));
}

fn write_feeds(folders: &[String], text: &mut String) {
    text.push(' ');
    for (at, folder) in folders.iter().enumerate() {
        if at > 0 {
            text.push(',');
        }
        text.extend(utf8_percent_encode(folder, FOLDER));
    }
    if folders.is_empty() {
        text.push('-');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blog::fingerprint::{Fingerprint, Seen};
    use crate::blog::identity::{Claim, Mint};

    fn time(text: &str) -> DateTime<FixedOffset> {
        DateTime::parse_from_rfc3339(text).expect(text)
    }

    #[test]
    fn what_is_written_is_read_again_whatever_the_path() {
        let mint = Mint::new("example.org", time("2026-11-22T12:00:00Z").to_utc());
        let mut lock = Lock::default();
        lock.blog(&mint);
        for path in [
            "a.md",
            "a.html",
            "été 2026/100%/index.md",
            "new\nline #1.md",
            "a",
        ] {
            let lastmod = Some(time("2019-01-17T00:00:00-05:00"));
            let title = Fingerprint::of(path);
            let claim = Claim {
                path: path.into(),
                date: None,
                lastmod,
                seen: Seen {
                    title,
                    text: path.ends_with("md").then_some(title),
                },
                minor: false,
            };
            lock.settle(&claim, &mint);
            if path == "a" {
                lock.withdraw(path, &mint);
                let feeds = ["tags/a, b".to_owned(), "authors/zoé".to_owned()];
                lock.remember_feeds(path, &feeds);
            }
            if path == "a.html" {
                lock.withdraw(path, &mint);
                lock.remember_feeds(path, &[]);
            }
        }
        let text = lock.to_string();
        assert_eq!(parse(&text), Ok(lock), "{text}");
        assert_eq!(text.lines().count(), 2 + 6);
        let mut written = vec![];
        write(&parse(&text).expect("a lock"), &mut written).expect("memory");
        assert_eq!(String::from_utf8(written), Ok(text));
    }

    #[test]
    fn a_broken_file_is_an_error_with_its_line() {
        let good =
            "a.md tag:x.org,2026:a 2019-01-17T00:00:00Z 2019-01-17T00:00:00Z 0123456789ab-\n";
        for bad in [
            "# courrier.lock, version 2: x\n",
            "<<<<<<< ours\n",
            "a.md tag:x.org,2026:a soon soon 0123456789ab-\n",
            "b.md tag:x.org,2026:b 2019-01-17T00:00:00Z 2019-01-17T00:00:00Z h\n",
            good,
            &good.replace("a.md", "b.md"),
        ] {
            let text = format!("{good}{bad}");
            let error = parse(&text).expect_err(bad);
            assert_eq!(error.at.start, good.len());
        }
    }
}
