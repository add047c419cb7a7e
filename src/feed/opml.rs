//! The list of all feeds (OPML 2.0), which feed readers import; and what it says
//! of the feeds that were published last.

use std::io;

use percent_encoding::percent_decode_str;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use quick_xml::{Reader, Writer, XmlVersion};

use super::cut::Cut;
use super::document::Feed;
use super::format::Format;
use super::text::rfc822;

/// The name of the file.
pub const FILE: &str = "feeds.opml";

/// Writes the list of `feeds`, that of the site first, those of a kind below a
/// heading: the word that `heading` has for it.
///
/// Each feed stands in it once, as RSS: whoever imports the list has every post once.
///
/// # Errors
///
/// None that a list of ours can cause.
pub fn write(feeds: &[Feed], heading: impl Fn(&Cut) -> String) -> io::Result<Vec<u8>> {
    let mut xml = Writer::new_with_indent(Vec::new(), b' ', 1);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    xml.create_element("opml")
        .with_attribute(("version", "2.0"))
        .write_inner_content(|xml| {
            xml.create_element("head")
                .write_inner_content(|xml| head(xml, feeds))?;
            xml.create_element("body")
                .write_inner_content(|xml| body(xml, feeds, &heading))?;
            Ok(())
        })?;
    let mut bytes = xml.into_inner();
    bytes.push(b'\n');
    Ok(bytes)
}

fn head(xml: &mut Writer<Vec<u8>>, feeds: &[Feed]) -> io::Result<()> {
    let text = |xml: &mut Writer<Vec<u8>>, name: &str, text: &str| {
        xml.create_element(name)
            .write_text_content(BytesText::new(text))
            .map(|_| ())
    };
    if let Some(site) = feeds.first() {
        text(xml, "title", &site.title)?;
    }
    if let Some(changed) = feeds.iter().map(|feed| feed.updated).max() {
        text(xml, "dateModified", &rfc822(changed))?;
    }
    text(xml, "docs", "http://opml.org/spec2.opml")
}

fn body(
    xml: &mut Writer<Vec<u8>>,
    feeds: &[Feed],
    heading: &impl Fn(&Cut) -> String,
) -> io::Result<()> {
    for group in feeds.chunk_by(|one, other| one.cut.kind() == other.cut.kind()) {
        match group.first().filter(|feed| feed.cut.kind().is_some()) {
            None => outlines(xml, group)?,
            Some(first) => {
                let heading = heading(&first.cut);
                let start =
                    BytesStart::new("outline").with_attributes([("text", heading.as_str())]);
                xml.write_event(Event::Start(start))?;
                outlines(xml, group)?;
                xml.write_event(Event::End(BytesEnd::new("outline")))?;
            }
        }
    }
    Ok(())
}

fn outlines(xml: &mut Writer<Vec<u8>>, feeds: &[Feed]) -> io::Result<()> {
    for feed in feeds {
        let name = match feed.cut.name() {
            "" => &feed.title,
            name => name,
        };
        let attributes = [
            ("type", "rss"),
            ("text", name),
            ("title", &feed.title),
            ("xmlUrl", &feed.address(Format::Rss)),
            ("htmlUrl", feed.home.as_str()),
            ("language", feed.language.as_str()),
        ];
        let start = BytesStart::new("outline").with_attributes(attributes);
        xml.write_event(Event::Empty(start))?;
    }
    Ok(())
}

/// The cuts of the feeds in `list`, which this program wrote earlier. What it
/// could not have written is left out.
pub fn cuts(list: &[u8]) -> Vec<Cut> {
    let mut reader = Reader::from_reader(list);
    let mut cuts = vec![];
    loop {
        match reader.read_event() {
            Ok(Event::Empty(outline)) => cuts.extend(cut(&outline)),
            Ok(Event::Eof) | Err(_) => return cuts,
            Ok(_) => {}
        }
    }
}

fn cut(outline: &BytesStart<'_>) -> Option<Cut> {
    let attribute = |name: &str| {
        let attribute = outline.try_get_attribute(name).ok()??;
        attribute
            .normalized_value(XmlVersion::Implicit1_0)
            .ok()
            .map(|value| value.into_owned())
    };
    let (address, name) = (attribute("xmlUrl")?, attribute("text")?);
    let path = percent_decode_str(&address)
        .decode_utf8()
        .ok()?
        .into_owned();
    let folder = path
        .strip_suffix(Format::Rss.file_name())?
        .strip_suffix('/')?;
    let mut names = folder.rsplit('/');
    let (last, before) = (names.next()?, names.next()?);
    Cut::in_folder(&format!("{before}/{last}"), &name).or_else(|| Cut::in_folder(last, &name))
}
