//! The files that are to be published, as they lie in a folder.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use ignore::WalkBuilder;
use rayon::prelude::*;

use super::compress::Coding;
use super::object::{Headers, print};

/// When a file is put: what others point to comes before them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Images, styles, archives of feeds.
    Matter,
    Page,
    /// Feeds, and the lists that lead to them.
    Feed,
}

/// How a file is published.
#[derive(Debug, Clone)]
pub struct Handling {
    pub stage: Stage,
    pub headers: Headers,
    /// Whether it is packed on its way, as its headers say; else it is as its bytes are.
    pub is_packed: bool,
}

/// A file to publish.
#[derive(Debug)]
pub struct Item {
    /// Below the folder, with `/`.
    pub name: String,
    pub handling: Handling,
    pub print: String,
    pub size: u64,
    pub modified: SystemTime,
    path: PathBuf,
}

/// Everything in a folder that is to be published.
#[derive(Debug)]
pub struct Stock {
    /// In the order in which they are put.
    pub items: Vec<Item>,
    /// When a file last came, went or changed.
    pub changed: SystemTime,
    /// What cannot be published, and why.
    pub left_out: Vec<String>,
}

impl Stock {
    /// What lies in `folder`, each file handled as `handling` says of its name.
    /// Names that begin with a dot are left out, but for `.well-known` (RFC 8615);
    /// so are links, which may lead anywhere.
    ///
    /// # Errors
    ///
    /// Where the folder or a file in it cannot be read.
    pub fn read(folder: &Path, handling: impl Fn(&str) -> Handling + Sync) -> io::Result<Self> {
        let mut paths = vec![];
        let mut left_out = vec![];
        let mut changed = SystemTime::UNIX_EPOCH;
        let walk = WalkBuilder::new(folder)
            .standard_filters(false)
            .filter_entry(|entry| entry.depth() == 0 || !is_hidden(entry.path()))
            .build();
        for entry in walk {
            let entry = entry.map_err(io::Error::other)?;
            let about = entry.metadata().map_err(io::Error::other)?;
            if about.is_file() || about.is_dir() {
                changed = changed.max(about.modified()?);
            }
            let place = entry.path().strip_prefix(folder).unwrap_or(entry.path());
            match name_of(place) {
                _ if about.is_dir() => {}
                Some(name) if about.is_file() => paths.push((name, entry.into_path())),
                Some(name) => left_out.push(format!("{name} is no file but a link or a device")),
                None => left_out.push(format!("{} is no name in UTF-8", place.display())),
            }
        }
        let items: io::Result<Vec<Item>> = paths
            .into_par_iter()
            .map(|(name, path)| Item::read(handling(&name), name, path))
            .collect();
        let mut items = items?;
        items.sort_by(|a, b| a.order().cmp(&b.order()));
        Ok(Self {
            items,
            // Nothing changed tomorrow, whatever a clock once said.
            changed: changed.min(SystemTime::now()),
            left_out,
        })
    }
}

impl Item {
    fn read(handling: Handling, name: String, path: PathBuf) -> io::Result<Self> {
        let bytes = fs::read(&path)?;
        let about = fs::metadata(&path)?;
        Ok(Self {
            print: print(&handling.headers, &bytes),
            size: bytes.len() as u64,
            modified: about.modified()?,
            name,
            handling,
            path,
        })
    }

    /// The file itself, as it is on disk.
    ///
    /// # Errors
    ///
    /// Where it cannot be read.
    pub fn plain(&self) -> io::Result<Vec<u8>> {
        fs::read(&self.path)
    }

    /// The file as it goes out; nothing where it is another than it was by now.
    ///
    /// # Errors
    ///
    /// Where it cannot be read.
    pub fn bytes(&self) -> io::Result<Option<Vec<u8>>> {
        let bytes = match self.plain() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            bytes => bytes?,
        };
        if print(&self.handling.headers, &bytes) != self.print {
            return Ok(None);
        }
        match self.handling.is_packed {
            true => Coding::Gzip.compress(&bytes).map(Some),
            false => Ok(Some(bytes)),
        }
    }

    fn order(&self) -> (Stage, &str) {
        (self.handling.stage, &self.name)
    }
}

fn is_hidden(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with('.') && name != ".well-known"
}

fn name_of(place: &Path) -> Option<String> {
    let names: Option<Vec<&str>> = place.iter().map(|name| name.to_str()).collect();
    names.map(|names| names.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::publish::manifest::NAME;

    fn handling(name: &str) -> Handling {
        Handling {
            stage: match name.ends_with(".xml") {
                true => Stage::Feed,
                false => Stage::Matter,
            },
            headers: Headers::default(),
            is_packed: false,
        }
    }

    #[test]
    fn what_is_hidden_or_a_link_stays_at_home_and_feeds_come_last() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let put = |name: &str| -> io::Result<()> {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap_or(folder.path()))?;
            fs::write(path, name)
        };
        for name in ["a.xml", "z.png", "tags/b.html", ".git/x", ".well-known/y"] {
            put(name)?;
        }
        put(NAME)?;
        std::os::unix::fs::symlink("/etc/passwd", folder.path().join("passwd"))?;

        let stock = Stock::read(folder.path(), handling)?;

        let names: Vec<&str> = stock.items.iter().map(|item| &*item.name).collect();
        assert_eq!(names, [".well-known/y", "tags/b.html", "z.png", "a.xml"]);
        assert_eq!(stock.left_out, ["passwd is no file but a link or a device"]);
        put("a.xml")?;
        fs::write(folder.path().join("z.png"), "other")?;
        assert!(stock.items[3].bytes()?.is_some());
        assert!(stock.items[2].bytes()?.is_none(), "it changed meanwhile");
        Ok(())
    }
}
