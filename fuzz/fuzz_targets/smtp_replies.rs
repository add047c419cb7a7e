//! What mail servers say: each reply is taken whole, once, and is read or refused.

#![no_main]

use courrier::mail::line::{parse, text_of, whole_reply};
use courrier::mail::offers::Offers;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut rest = bytes;
    while let Some(end) = whole_reply(rest) {
        assert!(end > 0 && end <= rest.len());
        if let Ok(reply) = parse(&rest[..end]) {
            let text = text_of(&reply);
            assert!(!text.contains(|c: char| c.is_control()) && text.chars().count() <= 300);
            let _ = Offers::read(&reply);
        }
        rest = &rest[end..];
    }
});
