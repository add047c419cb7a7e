//! The envelope sender of one delivery (VERP): where a message that comes back says whose it was.

use crate::address::{AddressError, EmailAddress};
use crate::key::{Key, Purpose};

/// The alphabet of RFC 4648 §6, in the lower case that mail servers may make of it.
const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
/// Characters of a tag.
const TAG: usize = Key::SHORT * 8 / 5;

/// `bounce+<delivery>.<tag>@bounce-domain`: nobody but the holder of `key` can
/// make the tag, so nobody else can say that a delivery came back.
///
/// # Errors
///
/// Where the part before the `@` becomes longer than 64 octets.
pub fn encode(
    mailbox: &EmailAddress,
    delivery: i64,
    key: &Key,
) -> Result<EmailAddress, AddressError> {
    let (local, domain) = mailbox.as_str().rsplit_once('@').unwrap_or_default();
    let tag = base32(key.sign_short(Purpose::Bounce, &delivery.to_string()));
    format!("{local}+{delivery}.{tag}@{domain}").parse()
}

/// The delivery that the first address in `text` with a tag of `key` names.
///
/// The mailbox itself does not count: an old one may still be forwarded.
pub fn find(text: &str, key: &Key) -> Option<i64> {
    text.match_indices('+')
        .find_map(|(at, _)| delivery(&text[at + 1..], key))
}

/// What stands behind the `+` of a sender: number, point, tag, `@`.
fn delivery(text: &str, key: &Key) -> Option<i64> {
    let end = text.find(|c: char| !c.is_ascii_digit())?;
    let delivery: i64 = text[..end].parse().ok()?;
    let tag = text[end..].strip_prefix('.')?;
    let (tag, rest) = tag.split_at_checked(TAG)?;
    // `=`: in place of the `@` where a forwarder has put the sender into its own.
    rest.starts_with(['@', '=']).then_some(())?;
    let signature = from_base32(tag)?;
    let right = key.verify_short(Purpose::Bounce, &delivery.to_string(), &signature);
    right.then_some(delivery)
}

/// Five bits a character, the highest first.
fn base32(bytes: [u8; Key::SHORT]) -> String {
    let bit = |at: usize| usize::from(bytes[at / 8] >> (7 - at % 8) & 1);
    let character = |at: usize| (0..5).fold(0, |five, more| five << 1 | bit(at * 5 + more));
    (0..TAG)
        .map(|at| char::from(ALPHABET[character(at)]))
        .collect()
}

fn from_base32(text: &str) -> Option<[u8; Key::SHORT]> {
    let mut bytes = [0; Key::SHORT];
    for (at, c) in text.bytes().enumerate() {
        let five = ALPHABET
            .iter()
            .position(|known| *known == c.to_ascii_lowercase())?;
        for more in 0..5 {
            let bit = u8::from(five >> (4 - more) & 1 == 1);
            let place = at * 5 + more;
            bytes[place / 8] |= bit << (7 - place % 8);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mailbox() -> EmailAddress {
        "bounce@news.example.org".parse().expect("an address")
    }

    #[test]
    fn a_sender_names_its_delivery_to_the_holder_of_the_key_alone() {
        let key = Key::from([5; 32]);
        for delivery in [1, 77, i64::MAX] {
            let sender = encode(&mailbox(), delivery, &key).expect("short enough");

            assert_eq!(find(sender.as_str(), &key), Some(delivery), "{sender}");
            let shouted = format!("Delivered-To: <{}>", sender.as_str().to_uppercase());
            assert_eq!(find(&shouted, &key), Some(delivery));
            assert_eq!(find(sender.as_str(), &Key::from([6; 32])), None);
        }
    }

    #[test]
    fn no_character_of_a_tag_can_change() {
        let key = Key::from([5; 32]);
        let sender = encode(&mailbox(), 12, &key).expect("short enough");
        let local = sender.as_str().split('@').next().expect("a local part");

        for at in "bounce+".len()..local.len() {
            let mut forged = sender.as_str().to_owned();
            let other = if &forged[at..=at] == "3" { "4" } else { "3" };
            forged.replace_range(at..=at, other);
            assert_eq!(find(&forged, &key), None, "{forged}");
        }
        assert_eq!(find("bounce+12@news.example.org", &key), None);
        assert_eq!(find("+é.éééééééé@", &key), None);
    }
}
