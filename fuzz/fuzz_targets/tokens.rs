//! Tokens and return paths: nobody without the key makes one, and ours are read back.

#![no_main]

use std::sync::LazyLock;

use chrono::DateTime;
use courrier::key::Key;
use courrier::mail::verp;
use courrier::subscriber::recipient::SubscriberId;
use courrier::subscriber::token::Token;
use libfuzzer_sys::fuzz_target;

/// A key that no input knows.
static KEY: LazyLock<Key> = LazyLock::new(|| Key::generate().expect("random numbers"));

fuzz_target!(|input: (i64, u32, u16, &str)| {
    let (subscriber, issue, at, text) = input;
    assert_eq!(Token::decode(text, &KEY), None);
    assert_eq!(verp::find(text, &KEY), None);
    let Ok(issue) = issue.try_into() else {
        return;
    };
    let subscriber = SubscriberId(subscriber);
    let token = Token {
        subscriber,
        issue: Some(issue),
    };
    let link = token.encode(&KEY, DateTime::UNIX_EPOCH);
    assert_eq!(Token::decode(&link, &KEY), Some(token));
    // What is put into it anywhere makes it none.
    let at = usize::from(at) % (link.len() + 1);
    let forged = format!("{}{text}{}", &link[..at], &link[at..]);
    assert!(text.is_empty() || Token::decode(&forged, &KEY).is_none());
});
