//! Text and times as every format of a feed writes them.

use chrono::{DateTime, FixedOffset, SecondsFormat, Utc};

/// `text` without the characters that XML 1.0 forbids (§2.2): one of them, and
/// readers lose everything behind it. The crates that write XML let them through.
pub fn legal(text: &str) -> String {
    let is_char = |c: &char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    // Nearly every text is of bytes that no forbidden character has in UTF-8.
    let is_harmless = |byte: u8| matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=0xee | 0xf0..);
    match text.bytes().all(is_harmless) {
        true => text.to_owned(),
        false => text.chars().filter(is_char).collect(),
    }
}

/// `text` as it stands in HTML and XML.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// RFC 3339 in UTC, with an upper-case T and Z (RFC 4287 §3.3).
pub fn rfc3339(time: DateTime<FixedOffset>) -> String {
    time.with_timezone(&Utc)
        .to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// RFC 822 with four digits of the year, in UTC (RSS Profile 3.2). Years are 1900
/// to 9999 here, which chrono can write.
pub fn rfc822(time: DateTime<FixedOffset>) -> String {
    time.with_timezone(&Utc).to_rfc2822()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_xml_allows_is_left() {
        assert_eq!(
            legal("a\u{0}\u{8}\u{b}\u{c}\u{1f}b\u{fffe}\u{ffff}\t\n\u{85}é😀"),
            "ab\t\n\u{85}é😀"
        );
    }
}
