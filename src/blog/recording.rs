//! The recording that a post is about, where its fields name it, as podcasts have it.

use super::front_matter::value::{Fields, Value};

/// An audio or video file that the fields of a post name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recording {
    /// Whole, or to be read from the post's own.
    pub address: String,
    /// Bytes.
    pub length: Option<u64>,
    pub media_type: Option<String>,
}

/// Fields that hold a recording, the first that does wins.
const RECORDINGS: [&str; 16] = [
    "enclosure",
    "audio",
    "podcast",
    "podcast_file",
    "audio_file",
    "audiofile",
    "audio_url",
    "audiourl",
    "podcast_url",
    "mp3",
    "media",
    "video",
    "extra.audio",
    "extra.enclosure",
    "params.audio",
    "params.podcast",
];
/// What a recording calls its address, its bytes and its media type.
const ADDRESS: [&str; 8] = ["url", "src", "file", "href", "link", "mp3", "audio", "path"];
const LENGTH: [&str; 6] = [
    "length",
    "bytes",
    "size",
    "filesize",
    "file_size",
    "length_bytes",
];
const TYPE: [&str; 4] = ["type", "mime_type", "mimetype", "mime"];
/// Beside a field with nothing but the address.
const LENGTH_BESIDE: [&str; 6] = [
    "podcast_bytes",
    "audio_length",
    "audio_size",
    "audio_bytes",
    "podcast_length",
    "enclosure_length",
];

impl Recording {
    /// The one that `fields` name; nothing where what they name is no file of
    /// audio or video, as a video by its number at some site.
    pub fn of(fields: &Fields) -> Option<Self> {
        let named = RECORDINGS.iter().filter_map(|key| fields.get(key));
        named
            .filter_map(|field| Self::of_value(&field.value, fields))
            .next()
    }

    fn of_value(value: &Value, beside: &Fields) -> Option<Self> {
        let recording = match value {
            Value::Null => return None,
            // Of several, readers take one.
            Value::List(list) => return list.iter().find_map(|one| Self::of_value(one, beside)),
            Value::Scalar(_) => {
                // WordPress writes address, bytes and type on lines of their own.
                let mut words = value.text()?.split_whitespace();
                let address = words.next()?.to_owned();
                let length = words.next().or_else(|| beside.text(&LENGTH_BESIDE));
                Self {
                    address,
                    length: length.and_then(bytes),
                    media_type: words.next().map(str::to_owned),
                }
            }
            Value::Map(fields) => Self {
                address: fields.text(&ADDRESS)?.to_owned(),
                length: fields.text(&LENGTH).and_then(bytes),
                media_type: fields.text(&TYPE).map(str::to_owned),
            },
        };
        recording.is_playable().then_some(recording)
    }

    fn is_playable(&self) -> bool {
        let path = self.address.split(['?', '#']).next().unwrap_or_default();
        let guessed = mime_guess::from_path(path).first_raw();
        let kinds = [guessed, self.media_type.as_deref()];
        kinds.into_iter().flatten().any(is_recording)
    }
}

/// Whether it is a media type of audio or video.
pub fn is_recording(media_type: &str) -> bool {
    media_type.starts_with("audio/") || media_type.starts_with("video/")
}

/// `12,345,678` and `12345678`; a duration like `1:02:03` is none.
fn bytes(text: &str) -> Option<u64> {
    text.replace([',', '_', '\''], "").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blog::front_matter::parse::parse;

    fn of(fields: &str) -> Option<(String, Option<u64>, Option<String>)> {
        let front = parse(&format!("---\n{fields}\n---\n")).expect("front matter");
        let found = Recording::of(&front.expect("fields").fields);
        found.map(|it| (it.address, it.length, it.media_type))
    }

    #[test]
    fn recordings_are_found_as_podcasts_name_them() {
        let mp3 = |length| Some(("/a.mp3".to_owned(), length, None));
        assert_eq!(of("audio: /a.mp3"), mp3(None));
        assert_eq!(
            of("podcast_file: /a.mp3\npodcast_bytes: 12,345"),
            mp3(Some(12345))
        );
        assert_eq!(
            of("podcast:\n  mp3: /a.mp3\n  size: 7\n  duration: 1:02"),
            mp3(Some(7))
        );
        assert_eq!(of("audio:\n  - /a.mp3\n  - /a.ogg"), mp3(None));
        assert_eq!(of("extra:\n  audio: /a.mp3"), mp3(None));
        let typed = Some((
            "/listen?1".to_owned(),
            Some(9),
            Some("audio/mpeg".to_owned()),
        ));
        assert_eq!(
            of("enclosure:\n  url: /listen?1\n  length: 9\n  type: audio/mpeg"),
            typed
        );
        assert_eq!(of("enclosure: |\n  /listen?1\n  9\n  audio/mpeg"), typed);
    }

    #[test]
    fn what_no_program_could_play_is_no_recording() {
        for fields in [
            "video: dQw4w9WgXcQ",
            "audio: true",
            "media: /a.png",
            "podcast: 12",
            "audio: []",
        ] {
            assert_eq!(of(fields), None, "{fields}");
        }
    }
}
