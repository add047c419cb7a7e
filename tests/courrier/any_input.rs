//! Whatever is put in, nothing panics, and what comes out keeps its promises.

use std::io::{Seek, Write};

use chrono::{DateTime, Datelike};
use chrono_tz::Tz;
use courrier::address::EmailAddress;
use courrier::blog::body::Markup;
use courrier::blog::fingerprint::{Fingerprint, Seen};
use courrier::blog::front_matter::parse::parse;
use courrier::blog::identity::{Claim, Mint};
use courrier::blog::lock::Lock;
use courrier::blog::{date, lock_file, plain, shortcode, text};
use courrier::header_text::HeaderText;
use courrier::key::Key;
use courrier::mail::bounce::notice;
use courrier::mail::{quoted_printable, verp};
use courrier::subscriber::evidence::{Evidence, Way};
use courrier::subscriber::sheet::reader::{Reading, Sheet};
use courrier::subscriber::sheet::terms::{Ground, Terms};
use courrier::subscriber::token::Token;
use proptest::prelude::*;
use url::Url;

/// Text with the marks that mean something to one of our parsers.
fn marked() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        3 => "\\PC{0,12}",
        2 => "[a-z]{1,8}: ?[\\[\\]{}&*!|>'\"%@`#,?a-z0-9 -]{0,16}\n",
        2 => prop::sample::select(vec!["---\n", "+++\n", "...\n", "{", "}", "{{< ", " >}}", "{% raw %}", "```\n", "<!--more-->"]).prop_map(str::to_owned),
        2 => "</?(p|div|script|img src=x|a href=y|svg|table|b) ?[a-z]{0,3}>?",
        1 => prop::sample::select(vec!["\u{feff}", "\0", "\r", "\u{202e}", "\n"]).prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn front_matter(opening in prop::sample::select(vec!["---\n", "+++\n", "{\"a\":", "Title: x\n", ""]), rest in marked()) {
        let text = opening.to_owned() + &rest;
        match parse(&text) {
            Ok(Some(front)) => prop_assert!(text.is_char_boundary(front.body)),
            Ok(None) => {}
            Err(error) => prop_assert!(!error.to_string().is_empty() && !error.help().is_empty()),
        }
    }

    #[test]
    fn bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(text) = text::decode(&bytes) {
            prop_assert!(!text.contains('\r'));
        }
    }

    #[test]
    fn dates(text in prop_oneof!["\\PC{0,24}", "[0-9]{1,4}[-/][0-9]{1,2}[-/][0-9]{1,2}([T ][0-9]{1,2}:[0-9]{2}(:[0-9]{2})?)?( ?([+-][0-9:]{1,5}|[A-Z]{1,4}))?"]) {
        if let Ok(time) = date::parse(&text, Tz::America__Toronto) {
            prop_assert!((1900..=9999).contains(&time.year()));
            prop_assert_eq!(DateTime::parse_from_rfc3339(&time.to_rfc3339()), Ok(time));
        }
        let _ = (date::of_file_name(&text), date::of_address(&text));
    }

    #[test]
    fn html(html in marked(), markup in prop_oneof![Just(Markup::Html), Just(Markup::Markdown)]) {
        let base = Url::parse("https://example.org/blog/a/").unwrap();
        if let Ok(content) = markup.render(&html, &base) {
            let lower = content.html.to_lowercase();
            prop_assert!(!lower.contains("<script") && !lower.contains("javascript:"));
            prop_assert!(content.summary.chars().count() <= 301);
            // A reader that parses it again (a link may close another then) finds nothing that acts either.
            let again = Markup::Html.render(&content.html, &base).map(|content| content.html.to_lowercase());
            prop_assert!(again.is_ok_and(|html| !html.contains("<script") && !html.contains("javascript:")));
        }
    }

    #[test]
    fn words(text in marked()) {
        let plain = plain::plain_text(&text);
        prop_assert!(!plain.contains('\n') && !plain.contains("  "));
        prop_assert!(plain::cut(&text, 40).chars().count() <= 41);
        let title = HeaderText::from_title(&text);
        prop_assert!(title.as_str().is_empty() || title.as_str().parse::<HeaderText>().is_ok(), "{title:?}");
    }

    #[test]
    fn shortcodes(text in marked()) {
        let stripped = shortcode::strip(&text, &|_| String::new());
        if !text.contains("{{") && !text.contains("{%") {
            prop_assert_eq!(stripped.text, text);
        }
    }

    #[test]
    fn locks(text in marked(), paths in prop::collection::btree_set("\\PC{1,20}", 0..6)) {
        let _ = lock_file::parse(&text);
        let now = DateTime::parse_from_rfc3339("2026-11-22T12:00:00Z").unwrap();
        let mint = Mint::new("example.org", now.to_utc());
        let mut lock = Lock::default();
        for path in &paths {
            let seen = Seen { title: Fingerprint::of(path), text: None };
            let path = path.as_str().into();
            let claim = Claim { path, date: Some(now), lastmod: None, seen, minor: false };
            prop_assert!(lock.settle(&claim, &mint).is_some());
        }
        prop_assert_eq!(lock_file::parse(&lock.to_string()).unwrap(), lock);
    }

    #[test]
    fn returned_messages(pieces in prop::collection::vec(prop_oneof![
        prop::sample::select(vec![
            "From: MAILER-DAEMON@x.org\n", "Subject: Undelivered Mail\n", "Subject: unsubscribe x\n", "\n", "\n\n",
            "Content-Type: multipart/report; boundary=b\n", "Content-Type: message/delivery-status\n", "--b\n", "--b--\n",
            "Content-Type: message/rfc822\n", "Content-Type: message/feedback-report\n", "Feedback-Type: abuse\n",
            "Final-Recipient: rfc822; a@b.cc\n", "Action: failed\n", "Status: 5.1.1\n", "To: bounce+1.aaaaaaaaaaaaaaaa@x.org\n",
            "550 5.1.1 <a@b.cc> user unknown\n", "\r", "\t", "Auto-Submitted: auto-replied\n",
        ]).prop_map(str::to_owned),
        "\\PC{0,20}",
    ], 0..40)) {
        let reading = notice::read(pieces.concat().as_bytes(), &Key::from([1; 32]));
        // Nobody made a tag or a token with this key.
        prop_assert!(reading.delivery.is_none() && reading.token.is_none());
        prop_assert!(reading.kind.word() != "unsubscribe");
        let _ = (reading.cause(), reading.finding(), reading.diagnostic().len());
    }

    #[test]
    fn senders(text in "\\PC{0,40}", delivery in 0..i64::MAX) {
        let key = Key::from([1; 32]);
        prop_assert_eq!(verp::find(&text, &key), None);
        let path = verp::encode(&"bounce@x.org".parse().unwrap(), delivery, &key).unwrap();
        let found = verp::find(&format!("{text}<{path}>{text}"), &key);
        prop_assert_eq!(found, Some(delivery));
    }

    #[test]
    fn quoted_printable_lines(text in "(\\PC|[. \t\r\n]|From ){0,200}") {
        let encoded = String::from_utf8(quoted_printable::encode(&text)).unwrap();
        prop_assert!(encoded.is_ascii() && (encoded.is_empty() || encoded.ends_with("\r\n")));
        for line in encoded.split_terminator("\r\n") {
            prop_assert!(line.len() <= 76 && !line.contains(['\r', '\n']));
            prop_assert!(!line.ends_with([' ', '\t']) && !line.starts_with('.') && !line.starts_with("From "));
        }
        // Read back: soft line breaks go, `=XX` becomes its byte.
        let joined = encoded.replace("=\r\n", "");
        let mut bytes = vec![];
        let mut rest = joined.as_bytes();
        while let Some((first, more)) = rest.split_first() {
            if *first == b'=' {
                let digits = std::str::from_utf8(&more[..2]).unwrap();
                bytes.push(u8::from_str_radix(digits, 16).unwrap());
                rest = &more[2..];
            } else {
                bytes.push(*first);
                rest = more;
            }
        }
        let lines = text.replace("\r\n", "\n").replace('\n', "\r\n");
        prop_assert_eq!(String::from_utf8(bytes).unwrap(), lines);
    }

    #[test]
    fn subscribers(text in marked(), address in "\\PC{0,30}") {
        let mut list = tempfile::tempfile().unwrap();
        list.write_all(format!("email,name,consent\n{text}").as_bytes()).unwrap();
        list.rewind().unwrap();
        let terms = Terms {
            ground: Some(Ground::Express),
            evidence: Evidence::new(Way::Import, "form"),
            today: chrono::NaiveDate::MIN,
        };
        if let Ok(sheet) = Sheet::open(list, &Reading::default(), terms) {
            sheet.for_each(drop);
        }
        if let Ok(address) = address.parse::<EmailAddress>() {
            prop_assert!(address.as_str().is_ascii() && !address.as_str().contains(['<', '>', ' ']));
        }
        prop_assert_eq!(Token::decode(&text, &Key::from([1; 32])), None);
    }
}
