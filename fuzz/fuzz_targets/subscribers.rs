//! Lists of subscribers (CSV), and addresses: what is taken can stand in a mail, and
//! nobody is taken of whom nothing says that they agreed.

#![no_main]

use std::fs::File;
use std::io::{Seek, Write};

use chrono::NaiveDate;
use courrier::address::EmailAddress;
use courrier::subscriber::consent::Consent;
use courrier::subscriber::entry::Entry;
use courrier::subscriber::evidence::{Evidence, Way};
use courrier::subscriber::sheet::reader::{Reading, Sheet};
use courrier::subscriber::sheet::terms::{Ground, Terms};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Ok(address) = text.parse::<EmailAddress>()
    {
        let shown = address.as_str();
        assert!(shown.is_ascii() && shown.len() <= 254);
        assert!(!shown.contains(|c: char| c.is_control() || " <>(),;:\\\"[]".contains(c)));
        assert_eq!(shown.parse::<EmailAddress>().expect("our own"), address);
    }
    for columns in [
        "",
        "email,name,language,cities,consent\n",
        "email,status,evidence\n",
        "email\n",
    ] {
        for ground in [None, Some(Ground::Express)] {
            for entry in taken(&[columns.as_bytes(), bytes].concat(), ground) {
                let agreed = entry.consent == Consent::Express;
                assert!(columns != "email\n" || ground.is_some() || !agreed);
                let address = entry.profile.email.as_str();
                assert_eq!(address.parse(), Ok(entry.profile.email.clone()));
            }
        }
    }
});

/// Whom a list of these bytes would bring.
fn taken(bytes: &[u8], ground: Option<Ground>) -> Vec<Entry> {
    let terms = Terms {
        ground,
        evidence: Evidence::new(Way::Import, "a list"),
        today: NaiveDate::MIN,
    };
    match Sheet::open(file(bytes), &Reading::default(), terms) {
        Ok(sheet) => sheet.filter_map(Result::ok).collect(),
        Err(problem) => {
            assert!(problem.help.is_some());
            vec![]
        }
    }
}

fn file(bytes: &[u8]) -> File {
    let mut file = tempfile::tempfile().expect("a file");
    file.write_all(bytes).expect("room");
    file.rewind().expect("its beginning");
    file
}
