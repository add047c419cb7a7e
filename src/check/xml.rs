//! Bytes to text, and text to a tree: what every feed in XML has to keep first.

use encoding_rs::{Encoding, UTF_8};
use roxmltree::{Document, Error, ParsingOptions, TextPos};

use super::finding::{About, Found, Severity, rules};

rules! { XmlRule
    WellFormed Error "xml/well-formed"
        "A feed in XML is well-formed"
        "Strict readers show nothing at all; the others guess, and lose what stands behind the mistake."
        "Escape `&` and `<` in text, close every element, and write feeds with a library for XML rather than with text templates."
        "XML 1.0 §2.1"
    Character Error "xml/character"
        "Only characters that XML allows stand in a feed"
        "One control character, and newsboat and others destroy the markup behind it; strict readers refuse the feed."
        "Take out U+0000 to U+001F (but for tab, line feed and carriage return), U+FFFE and U+FFFF before the feed is written."
        "XML 1.0 §2.2"
    Prefix Error "xml/undeclared-prefix"
        "Every prefix is declared"
        "Strict readers refuse the feed; others lose the text of the element."
        "Declare it on the first element, as in `xmlns:content=\"http://purl.org/rss/1.0/modules/content/\"`."
        "Namespaces in XML 1.0 §5; RSS Best Practices Profile §1"
    Encoding Error "xml/encoding"
        "The bytes are those of the declared encoding"
        "Readers show `Ã©` or `\u{fffd}` for every letter beyond ASCII, or refuse the feed."
        "Save the feed as UTF-8 and say so: `<?xml version=\"1.0\" encoding=\"utf-8\"?>`, without a charset in the header that says otherwise."
        "XML 1.0 §4.3.3; RFC 7303 §3"
    Utf8 Warning "xml/not-utf-8"
        "A feed is in UTF-8"
        "Readers need to know no other encoding (XML 1.0 asks for UTF-8 and UTF-16 alone)."
        "Write the feed as UTF-8."
        "XML 1.0 §4.3.3; RSS Best Practices Profile §2"
    Namespace Warning "xml/wrong-namespace"
        "The address of a namespace is spelt exactly as its standard spells it"
        "Readers compare it letter by letter: to them the elements are unknown ones."
        "Copy the address of the namespace from its standard, with its slash or `#` at the end."
        "Namespaces in XML 1.0 §2.3"
}

/// Namespaces that feeds use, as their standards spell them.
const NAMESPACES: &[&str] = &[
    "http://www.w3.org/2005/Atom",
    "http://purl.org/rss/1.0/modules/content/",
    "http://purl.org/rss/1.0/modules/syndication/",
    "http://purl.org/rss/1.0/modules/slash/",
    "http://purl.org/dc/elements/1.1/",
    "http://purl.org/dc/terms/",
    "http://purl.org/syndication/history/1.0",
    "http://purl.org/syndication/thread/1.0",
    "http://search.yahoo.com/mrss/",
    "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "http://wellformedweb.org/CommentAPI/",
];

/// The text of `bytes`. `charset` is what the web server says of it: a byte order
/// mark wins over that, and that over the declaration (RFC 7303 §3).
pub fn decode(bytes: &[u8], charset: Option<&str>) -> (String, Vec<Found>) {
    let named = |label: &str| Encoding::for_label(label.trim().as_bytes());
    let declared = declared_encoding(bytes);
    let mark = Encoding::for_bom(bytes).map(|(encoding, _)| encoding);
    let encoding = mark
        .or_else(|| charset.and_then(named))
        .or_else(|| declared.as_deref().and_then(named))
        .unwrap_or(UTF_8);
    let (text, used, is_broken) = encoding.decode(bytes);
    let mut found = vec![];
    if let Some(label) = declared.as_deref().filter(|label| named(label).is_none()) {
        found.push(XmlRule::Encoding.at(0, format!("there is no encoding `{label}`")));
    }
    // Old labels mean what browsers take them for: ISO-8859-1 is windows-1252.
    let label = charset.or(declared.as_deref()).unwrap_or(used.name());
    if is_broken {
        let at = text.find('\u{fffd}').unwrap_or(0);
        let says = format!(
            "these bytes are no {}, which the feed is said to be in",
            used.name()
        );
        found.push(XmlRule::Encoding.at(at, says));
    } else if used != UTF_8 {
        found.push(XmlRule::Utf8.of_all(format!("the feed is in {label}")));
    }
    (text.into_owned(), found)
}

/// The encoding of the XML declaration. It is in ASCII in all encodings that do
/// not begin with a byte order mark.
fn declared_encoding(bytes: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(200)]).into_owned();
    let declaration = head
        .trim_start()
        .strip_prefix("<?xml")?
        .split("?>")
        .next()?;
    let value = declaration
        .split_once("encoding")?
        .1
        .trim_start()
        .strip_prefix('=')?;
    let value = value.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    value[1..].split(quote).next().map(str::to_owned)
}

/// The tree of `text`; where it is none, why.
pub fn parse(text: &str) -> Result<Document<'_>, Vec<Found>> {
    let forbidden: Vec<Found> = text
        .char_indices()
        .filter(|(_, c)| !is_char(*c))
        .map(character)
        .collect();
    if !forbidden.is_empty() {
        return Err(forbidden);
    }
    let options = ParsingOptions {
        allow_dtd: true,
        ..ParsingOptions::default()
    };
    Document::parse_with_options(text, options).map_err(|error| vec![broken(&error, text)])
}

fn character((at, c): (usize, char)) -> Found {
    XmlRule::Character.at(
        at,
        format!("the character U+{:04X} is not allowed in XML", u32::from(c)),
    )
}

fn is_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

fn broken(error: &Error, text: &str) -> Found {
    let at = offset(error.pos(), text);
    // The parser adds the place, which is told apart from the words.
    let words = error.to_string();
    let words = words.split(" at ").next().unwrap_or_default().to_owned();
    match error {
        Error::UnknownNamespace(prefix, _) => {
            XmlRule::Prefix.at(at, format!("the prefix `{prefix}` is not declared"))
        }
        _ => XmlRule::WellFormed.at(at, words),
    }
}

fn offset(place: TextPos, text: &str) -> usize {
    let rows = place.row.saturating_sub(1) as usize;
    let begin: usize = text.split_inclusive('\n').take(rows).map(str::len).sum();
    let columns = place.col.saturating_sub(1) as usize;
    let line = text.get(begin..).unwrap_or_default();
    begin
        + line
            .chars()
            .take(columns)
            .map(char::len_utf8)
            .sum::<usize>()
}

/// Namespaces that are misspelt.
pub fn namespaces(document: &Document<'_>) -> Vec<Found> {
    let root = document.root_element();
    let misspelt = root.namespaces().filter_map(|namespace| {
        let uri = namespace.uri();
        let plain = |uri: &str| {
            let uri = uri.trim_end_matches(['/', '#']).to_lowercase();
            uri.replacen("https:", "http:", 1)
        };
        let right = NAMESPACES.iter().find(|right| plain(right) == plain(uri))?;
        let says = format!("the namespace `{uri}` is written `{right}`");
        (*right != uri).then(|| XmlRule::Namespace.at(root.range().start, says))
    });
    misspelt.collect()
}
