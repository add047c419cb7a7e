//! How each file of the folder is published: when, and what web servers say of it.

use super::context::Context;
use crate::config::publish::{Encoding, Place, Publish};
use crate::feed::format::Format;
use crate::feed::opml;
use crate::publish::object::Headers;
use crate::publish::stock::{Handling, Stage};

/// Compressed twins: how they end, and what their coding is called.
const TWINS: [(&str, &str); 2] = [(".gz", "gzip"), (".br", "br")];
/// Media types that are text, besides `text/...` and what ends in `+xml` or `+json`.
const TEXTS: [&str; 4] = [
    "application/xml",
    "application/json",
    "application/javascript",
    "application/manifest+json",
];

/// How the file called `name` is published. A web server knows by itself what it
/// says of a file in a folder.
pub fn handling(name: &str, publish: &Publish, context: &Context) -> Handling {
    let twin = TWINS.iter().find_map(|(end, coding)| {
        let file = name.strip_suffix(end)?;
        let is_twin = context.config.public().join(file).is_file();
        is_twin.then_some((file, *coding))
    });
    let (file, coding) = match twin {
        Some((file, coding)) => (file, Some(coding)),
        None => (name, None),
    };
    let media_type = media_type(file);
    let stage = stage(file, &media_type);
    if matches!(publish.to, Place::Folder(_)) {
        return Handling {
            stage,
            headers: Headers::default(),
            is_packed: false,
        };
    }
    let is_packed = publish.encoding == Encoding::Gzip && coding.is_none() && is_text(&media_type);
    let age = match is_feed(file) || stage != Stage::Matter {
        true => publish.max_age,
        false => publish.max_age_files,
    };
    Handling {
        stage,
        headers: Headers {
            media_type: match is_text(&media_type) {
                true => format!("{media_type}; charset=utf-8"),
                false => media_type,
            },
            cache: format!("public, max-age={age}"),
            coding: if is_packed { Some("gzip") } else { coding },
        },
        is_packed,
    }
}

/// The format of the feed that is called `name`, where it is one.
fn format(name: &str) -> Option<Format> {
    let file = file_name(name);
    let is_its = |format: &Format| [format.file_name(), format.issues_file()].contains(&file);
    Format::ALL.into_iter().find(is_its)
}

/// Whether `name` is a feed of ours in Atom: its news are those of the others too.
pub fn is_atom(name: &str) -> bool {
    format(name) == Some(Format::Atom) && !is_archived(name)
}

fn is_feed(name: &str) -> bool {
    format(name).is_some() || name == opml::FILE
}

/// Whether it is a document of an archive, `archive/7/atom.xml`, to which feeds lead.
fn is_archived(name: &str) -> bool {
    let mut parts = name.rsplit('/').skip(1);
    let is_number = parts
        .next()
        .is_some_and(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    is_number && parts.next() == Some("archive")
}

fn stage(name: &str, media_type: &str) -> Stage {
    let is_map = file_name(name).starts_with("sitemap") && name.ends_with(".xml");
    match media_type {
        _ if is_archived(name) => Stage::Matter,
        _ if is_feed(name) || is_map => Stage::Feed,
        "text/html" => Stage::Page,
        _ => Stage::Matter,
    }
}

fn media_type(name: &str) -> String {
    match format(name) {
        Some(format) => format.media_type().to_owned(),
        None if name == opml::FILE => "text/x-opml".to_owned(),
        None => mime_guess::from_path(name)
            .first_raw()
            .unwrap_or("application/octet-stream")
            .to_owned(),
    }
}

fn is_text(media_type: &str) -> bool {
    let is_written = media_type.starts_with("text/")
        || media_type.ends_with("+xml")
        || media_type.ends_with("+json");
    is_written || TEXTS.contains(&media_type)
}

fn file_name(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_feeds_lead_to_is_put_before_them() {
        for (name, expected) in [
            ("rss.xml", Stage::Feed),
            ("tags/rust/feed.json", Stage::Feed),
            ("issues.atom.xml", Stage::Feed),
            ("feeds.opml", Stage::Feed),
            ("sitemap.xml", Stage::Feed),
            ("archive/12/atom.xml", Stage::Matter),
            ("tags/archive/atom.xml", Stage::Feed),
            ("issues/index.html", Stage::Page),
            ("a/cover.webp", Stage::Matter),
            ("LICENSE", Stage::Matter),
        ] {
            assert_eq!(stage(name, &media_type(name)), expected, "{name}");
        }
        assert!(is_atom("fr/atom.xml") && !is_atom("archive/1/atom.xml"));
    }

    #[test]
    fn a_media_type_is_the_feed_s_own_or_that_of_the_ending() {
        for (name, expected) in [
            ("fr/rss.xml", "application/rss+xml"),
            ("issues.json", "application/feed+json"),
            ("data.json", "application/json"),
            ("x.svg", "image/svg+xml"),
            ("README", "application/octet-stream"),
        ] {
            assert_eq!(media_type(name), expected, "{name}");
        }
        assert!(is_text("image/svg+xml") && is_text("text/css") && !is_text("image/png"));
    }
}
