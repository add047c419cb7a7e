//! Compressed twins of a file, for web servers that send them as they are.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::folder::{Access, Standing, Written, standing, write, write_pieces};

/// How a twin is compressed (RFC 9110 §8.4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    Gzip,
    Brotli,
}

const CODINGS: [Coding; 2] = [Coding::Gzip, Coding::Brotli];

/// Makes `path` hold `content`, which is its pieces in their order, with a `.gz` and a `.br` beside it where that
/// `is_wanted`.
///
/// A twin is as old as its file, to the nanosecond: one that is not was left by a
/// build that ended too early, and is made again. Before its file changes it is
/// taken away, so that nobody is ever given the old text with the new one's name.
/// The folder is to be settled afterwards, as after [`write_pieces`].
///
/// # Errors
///
/// Where the folder cannot be written to.
pub fn write_with_twins(path: &Path, content: &[&[u8]], is_wanted: bool) -> io::Result<Written> {
    if standing(path, content) != Standing::Same {
        CODINGS
            .iter()
            .try_for_each(|coding| remove(&coding.twin(path)))?;
    }
    let written = write_pieces(path, content, Access::Public)?;
    if is_wanted {
        let bytes = content.concat();
        let age = fs::metadata(path)?.modified()?;
        CODINGS
            .iter()
            .try_for_each(|coding| coding.write(path, &bytes, age))?;
    }
    Ok(written)
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

impl Coding {
    /// As `Accept-Encoding` and `Content-Encoding` call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Brotli => "br",
        }
    }

    /// Where the twin of the file at `path` lies.
    pub fn twin(self, path: &Path) -> PathBuf {
        let ending = match self {
            Self::Gzip => ".gz",
            Self::Brotli => ".br",
        };
        let mut name = path.as_os_str().to_owned();
        name.push(ending);
        name.into()
    }

    fn write(self, path: &Path, bytes: &[u8], age: SystemTime) -> io::Result<()> {
        let twin = self.twin(path);
        if fs::metadata(&twin)
            .and_then(|twin| twin.modified())
            .is_ok_and(|own| own == age)
        {
            return Ok(());
        }
        write(&twin, &self.compress(bytes)?, Access::Public)?;
        File::options().write(true).open(&twin)?.set_modified(age)
    }

    /// The same bytes for the same text: no time, no name in them.
    ///
    /// # Errors
    ///
    /// Where the library fails.
    pub fn compress(self, bytes: &[u8]) -> io::Result<Vec<u8>> {
        match self {
            Self::Gzip => {
                let mut gzip = flate2::write::GzEncoder::new(vec![], flate2::Compression::best());
                gzip.write_all(bytes)?;
                gzip.finish()
            }
            Self::Brotli => {
                let mut compressed = vec![];
                let settings = brotli::enc::BrotliEncoderParams {
                    quality: 9,
                    ..Default::default()
                };
                brotli::BrotliCompress(&mut &*bytes, &mut compressed, &settings)?;
                Ok(compressed)
            }
        }
    }
}

/// What `packed` holds.
///
/// # Errors
///
/// Where it is not of gzip.
pub fn gunzip(packed: &[u8]) -> io::Result<Vec<u8>> {
    let mut bytes = vec![];
    flate2::read::MultiGzDecoder::new(packed).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twins_follow_their_file_and_are_left_alone_with_it() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("rss.xml");
        let ages = || -> io::Result<Vec<SystemTime>> {
            ["rss.xml", "rss.xml.gz", "rss.xml.br"]
                .iter()
                .map(|name| fs::metadata(folder.path().join(name))?.modified())
                .collect()
        };
        write_with_twins(&path, &[b"one"], true)?;
        let first = (ages()?, fs::read(folder.path().join("rss.xml.gz"))?);
        assert!(first.0.iter().all(|age| *age == first.0[0]));
        write_with_twins(&path, &[b"one"], true)?;
        assert_eq!(ages()?, first.0);

        // A build that ended between the file and its twins.
        write(&path, b"two", Access::Public)?;
        write_with_twins(&path, &[b"two"], true)?;
        assert_ne!(fs::read(folder.path().join("rss.xml.gz"))?, first.1);
        write_with_twins(&path, &[b"three"], false)?;
        assert!(ages().is_err(), "no twin of another text is left");
        Ok(())
    }
}
