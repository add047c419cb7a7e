//! The recording that a post is about: what podcast programs fetch.

use std::cell::RefCell;
use std::path::Path;

use lol_html::{RewriteStrSettings, element, rewrite_str};
use percent_encoding::percent_decode_str;
use url::Url;

use crate::blog::recording::{Recording, is_recording};

/// An audio or video file of a post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enclosure {
    pub url: Url,
    /// Bytes; 0 where nobody knows (RSS Profile 4.1.1.20.5).
    pub length: u64,
    pub media_type: String,
}

impl Enclosure {
    /// The `recording` that the fields of the post at `base` name; nothing where its
    /// address is none. What is said of its length wins over that of its file.
    pub fn named(recording: &Recording, base: &Url, folders: &[&Path]) -> Option<Self> {
        let url = base.join(&recording.address).ok();
        let url = url.filter(|url| matches!(url.scheme(), "http" | "https"))?;
        let stated = recording.media_type.clone();
        let media_type = stated
            .filter(|stated| is_recording(stated))
            .or_else(|| media_type(&url))?;
        Some(Self {
            length: recording.length.unwrap_or_else(|| length(&url, folders)),
            media_type,
            url,
        })
    }

    /// The first recording in `html`, whose addresses are absolute: RSS readers
    /// take no more than one. Its length is that of the file of its name in one
    /// of `folders`.
    pub fn of(html: &str, folders: &[&Path]) -> Option<Self> {
        if !["<audio", "<video"].iter().any(|tag| html.contains(tag)) {
            return None;
        }
        let found = RefCell::new(None);
        let settings = RewriteStrSettings::new().append_element_content_handler(element!(
            "audio[src], video[src], audio source[src], video source[src]",
            |element| {
                let address = element.get_attribute("src").unwrap_or_default();
                let url = Url::parse(&address.replace("&amp;", "&")).ok();
                let is_audio = element.tag_name() == "audio";
                found
                    .borrow_mut()
                    .get_or_insert((url, element.get_attribute("type"), is_audio));
                Ok(())
            }
        ));
        rewrite_str(html, settings).ok()?;
        let (url, stated, is_audio) = found.into_inner()?;
        let url = url?;
        let media_type = media_type(&url)
            .or(stated.filter(|stated| is_recording(stated)))
            .unwrap_or_else(|| if is_audio { "audio/mpeg" } else { "video/mp4" }.to_owned());
        Some(Self {
            length: length(&url, folders),
            media_type,
            url,
        })
    }
}

/// What the ending of `url` says that it is, where that is audio or video.
fn media_type(url: &Url) -> Option<String> {
    let guess = mime_guess::from_path(url.path()).first_raw()?;
    is_recording(guess).then(|| guess.to_owned())
}

fn length(url: &Url, folders: &[&Path]) -> u64 {
    let name = url
        .path_segments()
        .and_then(|mut segments| segments.next_back())
        .unwrap_or_default();
    let name = percent_decode_str(name).decode_utf8_lossy();
    // `..` and the like name no file in the folder.
    let is_name = Path::new(name.as_ref())
        .file_name()
        .is_some_and(|file| file == name.as_ref());
    let files = folders
        .iter()
        .filter_map(|folder| std::fs::metadata(folder.join(name.as_ref())).ok());
    let found = files
        .filter(|file| file.is_file())
        .map(|file| file.len())
        .next();
    found.filter(|_| is_name).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_recording_is_the_enclosure() -> std::io::Result<()> {
        let folder = tempfile::tempdir()?;
        std::fs::write(folder.path().join("a talk.ogg"), b"12345")?;
        let html = "<p>x</p><audio controls><source src=\"https://example.org/a%20talk.ogg?a=1&amp;b=2\"></audio>\
                    <video src=\"https://example.org/b.mp4\"></video>";
        let found = Enclosure::of(html, &[folder.path()]).expect("a recording");
        assert_eq!((found.length, found.media_type.as_str()), (5, "audio/ogg"));
        assert_eq!(found.url.query(), Some("a=1&b=2"));
        assert_eq!(
            Enclosure::of("<p>a video</p><img src=\"https://example.org/x.mp4\">", &[]),
            None
        );
        let unknown = Enclosure::of(
            "<audio src=\"https://example.org/..\"></audio>",
            &[folder.path()],
        );
        assert_eq!(
            unknown.map(|found| (found.length, found.media_type)),
            Some((0, "audio/mpeg".into()))
        );
        Ok(())
    }
}
