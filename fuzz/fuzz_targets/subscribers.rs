//! Lists of subscribers (CSV), and addresses: what is taken can stand in a mail.

#![no_main]

use courrier::address::EmailAddress;
use courrier::subscriber::csv;
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
    let with_names = [b"email,name,language,cities,consent\n", bytes].concat();
    for file in [bytes, with_names.as_slice()] {
        match csv::read(file, "readers.csv", Some("form")) {
            Ok(entries) => assert!(entries.len() <= file.len()),
            Err(problems) => {
                assert!(!problems.is_empty());
                assert!(problems.iter().all(|problem| problem.help.is_some()));
            }
        }
    }
});
