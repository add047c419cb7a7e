//! What a file is, by its name.

use axum::http::HeaderValue;

use crate::feed::format::Format;

/// What a file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kind {
    pub media_type: HeaderValue,
    /// Feeds and their lists are for programs of other sites too.
    pub is_feed: bool,
    /// Worth the trouble to compress.
    pub is_text: bool,
}

/// The kind of the file `name`, a path with `/`.
pub fn kind(name: &str) -> Kind {
    let last = name.rsplit('/').next().unwrap_or(name);
    let is_format = |format: &Format| [format.file_name(), format.issues_file()].contains(&last);
    if let Some(format) = Format::ALL.into_iter().find(is_format) {
        return feed(format.media_type());
    }
    if last.ends_with(".opml") {
        return feed("text/x-opml");
    }
    let guessed = mime_guess::from_path(last).first_or_octet_stream();
    let essence = guessed.essence_str();
    let is_text = guessed.type_() == "text"
        || guessed
            .suffix()
            .is_some_and(|suffix| suffix == "xml" || suffix == "json")
        || [
            "application/json",
            "application/xml",
            "application/javascript",
            "application/wasm",
        ]
        .contains(&essence);
    let has_charset = guessed.type_() == "text" || essence == "application/xml";
    let media_type = match has_charset {
        true => format!("{essence}; charset=utf-8"),
        false => essence.to_owned(),
    };
    Kind {
        media_type: value(&media_type),
        is_feed: false,
        is_text,
    }
}

fn feed(media_type: &str) -> Kind {
    let media_type = value(&format!("{media_type}; charset=utf-8"));
    Kind {
        media_type,
        is_feed: true,
        is_text: true,
    }
}

fn value(media_type: &str) -> HeaderValue {
    let unknown = HeaderValue::from_static("application/octet-stream");
    HeaderValue::from_str(media_type).unwrap_or(unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn feeds_have_the_media_types_that_readers_want() {
        let of = |name: &str| {
            let kind = kind(name);
            (
                kind.media_type.to_str().unwrap_or_default().to_owned(),
                kind.is_feed,
                kind.is_text,
            )
        };
        let feed = |media_type: &str| (format!("{media_type}; charset=utf-8"), true, true);
        assert_eq!(of("fr/rss.xml"), feed("application/rss+xml"));
        assert_eq!(of("issues.atom.xml"), feed("application/atom+xml"));
        assert_eq!(of("feed.json"), feed("application/feed+json"));
        assert_eq!(of("feeds.opml"), feed("text/x-opml"));
        assert_eq!(
            of("feeds.html"),
            ("text/html; charset=utf-8".into(), false, true)
        );
        assert_eq!(
            of("events/x.ics"),
            ("text/calendar; charset=utf-8".into(), false, true)
        );
        assert_eq!(of("icon.png"), ("image/png".into(), false, false));
        assert!(of("icon.svg").2);
        assert_eq!(of("rss.xml.gz"), ("application/gzip".into(), false, false));
        assert_eq!(
            of("thing"),
            ("application/octet-stream".into(), false, false)
        );
    }
}
