//! Front matter in any notation: fields, or an error with a place and a remedy.

#![no_main]

use courrier::blog::front_matter::parse::parse;
use courrier::blog::text::decode;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = decode(bytes) else {
        return;
    };
    match parse(&text) {
        Ok(None) => {}
        Ok(Some(front)) => {
            assert!(text.is_char_boundary(front.body));
            for warning in front.warnings {
                assert!(text.get(warning.at.clone()).is_some(), "{warning:?}");
            }
        }
        Err(error) => {
            let problem = error.problem("a.md", &text);
            let place = problem.place.as_ref().expect("a place");
            assert!(text.get(place.span.clone()).is_some(), "{place:?}");
            assert!(problem.help.is_some_and(|help| !help.is_empty()));
        }
    }
});
