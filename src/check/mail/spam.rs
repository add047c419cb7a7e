//! What mail servers hold against a message: traits of unwanted mail.

use url::Url;

use super::place::Blame;
use super::reading::Reading;
use super::rule::MailRule;

/// Services that hide where a link leads. What one of their users does is held
/// against all of them.
const SHORTENERS: [&str; 12] = [
    "bit.ly",
    "buff.ly",
    "cutt.ly",
    "goo.gl",
    "is.gd",
    "ow.ly",
    "rb.gy",
    "rebrand.ly",
    "shorturl.at",
    "t.co",
    "t.ly",
    "tinyurl.com",
];

/// Traits of unwanted mail.
pub fn spam(subject: &str, reading: &Reading) -> Vec<Blame> {
    let mut blames: Vec<Blame> = shouting(subject).into_iter().collect();
    for link in &reading.links {
        let Ok(url) = Url::parse(&link.address) else {
            continue;
        };
        let host = url.host_str().unwrap_or_default();
        let clues = [link.address.as_str(), link.name.trim()];
        if SHORTENERS.contains(&host) {
            let says = format!("`{}` hides where it leads", link.address);
            blames.push(MailRule::Shortened.blame(says, clues));
        }
        if let Some(named) = host_named(&link.name).filter(|named| !is_same(named, host)) {
            let says = format!("a link says `{named}` and leads to `{host}`");
            blames.push(MailRule::Mismatch.blame(says, clues));
        }
    }
    blames
}

fn shouting(subject: &str) -> Option<Blame> {
    let letters: Vec<char> = subject.chars().filter(|c| c.is_alphabetic()).collect();
    let capitals = letters.iter().filter(|c| c.is_uppercase()).count();
    let says = if letters.len() >= 12 && capitals * 10 > letters.len() * 7 {
        "the subject is written in capitals"
    } else if subject.matches('!').count() > 1 {
        "the subject has more than one exclamation mark"
    } else if ["re:", "fw:", "fwd:"]
        .iter()
        .any(|begin| subject.to_lowercase().starts_with(begin))
    {
        "the subject begins as an answer does, and it is none"
    } else {
        return None;
    };
    Some(MailRule::Shouting.blame(format!("{says}: `{subject}`"), [subject]))
}

/// The host that the words of a link seem to be the address of.
fn host_named(words: &str) -> Option<String> {
    let words = words.trim();
    if words.contains(char::is_whitespace) || words.contains('@') {
        return None;
    }
    let whole = match words.split_once("://") {
        Some(_) => words.to_owned(),
        None if words.starts_with("www.") => format!("https://{words}"),
        None => return None,
    };
    Url::parse(&whole).ok()?.host_str().map(str::to_owned)
}

/// Whether the one is the other, or below it: `www.a.example` and `a.example`.
fn is_same(one: &str, other: &str) -> bool {
    let bare = |host: &str| host.trim_start_matches("www.").to_owned();
    let (one, other) = (bare(one), bare(other));
    one == other || one.ends_with(&format!(".{other}")) || other.ends_with(&format!(".{one}"))
}
