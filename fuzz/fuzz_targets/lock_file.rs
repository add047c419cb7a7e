//! `courrier.lock`: what can be read is written as it was read.

#![no_main]

use courrier::blog::lock_file;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    match lock_file::parse(text) {
        Ok(lock) => {
            let written = lock.to_string();
            let again = lock_file::parse(&written).expect("our own file");
            assert_eq!(again.to_string(), written);
        }
        Err(error) => {
            let problem = error.problem("courrier.lock", text);
            assert!(problem.place.is_some() && problem.help.is_some());
        }
    }
});
