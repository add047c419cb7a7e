//! Messages of the bounce mailbox: a reading, and no effect without a good tag.

#![no_main]

use std::sync::LazyLock;

use courrier::key::Key;
use courrier::mail::bounce::notice;
use courrier::mail::bounce::reading::Kind;
use libfuzzer_sys::fuzz_target;

/// A key that no input knows.
static KEY: LazyLock<Key> = LazyLock::new(|| Key::generate().expect("random numbers"));

fuzz_target!(|bytes: &[u8]| {
    let reading = notice::read(bytes, &KEY);
    assert!(reading.delivery.is_none() && reading.token.is_none());
    assert!(reading.kind != Kind::Unsubscribe);
    let _ = (reading.cause(), reading.finding());
    for recipient in &reading.recipients {
        assert!(recipient.diagnostic.len() <= 4 * bytes.len() + 300);
    }
});
