//! `courrier subscribers import`: lists of spreadsheets and of people.

use serde_json::Value;

use crate::support::newsletter::Newsletter;
use crate::support::ran::Ran;

pub const SAID: [&str; 2] = ["--evidence", "signed the list at the meetup of 2 October"];

/// Imports `list`, and gives back what courrier says.
pub fn import(letter: &Newsletter, list: impl AsRef<[u8]>, more: &[&str]) -> Ran {
    letter.write("list.csv", list);
    let file = letter.path("list.csv");
    let import = ["subscribers", "import", file.to_str().unwrap()];
    letter.run(&[&import[..], more].concat())
}

/// What is kept of an address, as JSON.
pub fn evidence(letter: &Newsletter, address: &str) -> Value {
    let told = letter
        .run(&["subscribers", "evidence", address, "--json"])
        .ends_with(0);
    serde_json::from_str(&told.stdout).unwrap()
}

fn consent(letter: &Newsletter, address: &str) -> String {
    evidence(letter, address)["consent"]
        .as_str()
        .unwrap()
        .to_owned()
}

/// Addresses of everybody, and how they stand.
pub fn everybody(letter: &Newsletter) -> Vec<String> {
    let list = letter.run(&["subscribers", "list", "--json"]).ends_with(0);
    let line = |line: &str| {
        let person: Value = serde_json::from_str(line).unwrap();
        let (email, consent) = (&person["email"], &person["consent"]);
        format!("{} {}", email.as_str().unwrap(), consent.as_str().unwrap())
    };
    list.stdout.lines().map(line).collect()
}

#[test]
fn columns_of_any_list_can_be_named() {
    let letter = Newsletter::empty();
    let list = "Nom complet;Adresse;Villes préférées\nZoé;zoe@example.org;\"Montréal, Québec\"\n";

    import(&letter, list, &SAID)
        .ends_with(65)
        .complains_of(&["email", "--map", "Adresse"]);
    let maps = [
        "Adresse=email",
        "Nom complet=name",
        "Villes préférées=cities",
    ];
    let maps: Vec<&str> = maps.iter().flat_map(|map| ["--map", map]).collect();
    import(&letter, list, &[&SAID[..], &maps].concat()).ends_with(0);

    let zoe = evidence(&letter, "zoe@example.org");
    assert_eq!(zoe["name"], "Zoé");
    assert_eq!(zoe["cities"], serde_json::json!(["Montréal", "Québec"]));
}

#[test]
fn a_list_is_read_however_a_spreadsheet_wrote_it() {
    let text = "email\tname\tconsent\r\nzoe@example.org\t\"Zoé, \"\"la\"\" poète\"\tform\r\n";
    let wide: Vec<u8> = format!("\u{feff}{text}")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let windows: Vec<u8> = text.chars().map(|c| u8::try_from(c).unwrap()).collect();
    let commas = text.replace('\t', ",").into_bytes();
    let semicolons = format!("\u{feff}{}", text.replace('\t', ";")).into_bytes();
    for list in [text.as_bytes().to_vec(), wide, commas, semicolons] {
        let letter = Newsletter::empty();
        import(&letter, list, &[]).ends_with(0);
        assert_eq!(
            evidence(&letter, "zoe@example.org")["name"],
            "Zoé, \"la\" poète"
        );
    }
    let letter = Newsletter::empty();
    import(&letter, windows, &[])
        .ends_with(0)
        .complains_of(&["windows-1252", "--encoding"]);
    assert_eq!(
        evidence(&letter, "zoe@example.org")["name"],
        "Zoé, \"la\" poète"
    );
}

#[test]
fn a_consent_that_is_implied_ends_by_its_basis() {
    let letter = Newsletter::empty();
    let list = "email,since\nada@example.org,2026-01-10\nbob@example.org,2024-12-31\n";
    let bought = [
        "--basis",
        "purchase",
        "--evidence",
        "bought a ticket in our shop",
    ];

    import(&letter, list, &bought).ends_with(0);
    import(&letter, list, &bought[..2])
        .ends_with(64)
        .complains_of(&["evidence"]);
    import(&letter, list, &["--basis", "implied", "--evidence", "x"])
        .ends_with(64)
        .complains_of(&["purchase", "inquiry"]);

    let ada = evidence(&letter, "ada@example.org");
    assert_eq!(
        (&ada["consent"], &ada["until"]),
        (&"implied".into(), &"2028-01-10".into())
    );
    assert_eq!(ada["ledger"][0]["basis"], "purchase");
    letter
        .run(&["subscribers", "expiring", "--within", "6w"])
        .ends_with(0)
        .tells(&[
            "2026-12-31\tbob@example.org\tpurchase of 2024-12-31",
            "1 implied consent ends",
        ]);
}

#[test]
fn a_newer_purchase_makes_an_implied_consent_last_longer_and_an_older_one_does_not() {
    let letter = Newsletter::empty();
    let bought = |day: &str| format!("email,basis,since\nada@example.org,purchase,{day}\n");
    import(&letter, bought("2026-01-10"), &[]).ends_with(0);

    import(&letter, bought("2025-01-10"), &[])
        .ends_with(0)
        .tells(&["1 was subscribed already"]);
    import(&letter, bought("2026-10-10"), &[])
        .ends_with(0)
        .tells(&["1 agreed anew"]);

    let ada = evidence(&letter, "ada@example.org");
    assert_eq!(ada["until"], "2028-10-10");
    assert_eq!(ada["ledger"].as_array().unwrap().len(), 2);
}

#[test]
fn a_dry_run_says_what_would_be_and_does_nothing() {
    let letter = Newsletter::empty();
    let list = "email,consent\nada@example.org,form\n";

    import(&letter, list, &["--dry-run"])
        .ends_with(0)
        .tells(&["nothing was done", "1 added"]);
    assert_eq!(everybody(&letter), [""; 0]);
    import(&letter, format!("{list}nobody,form\n"), &["--dry-run"])
        .ends_with(65)
        .complains_of(&["list.csv:3"]);
}

#[test]
fn who_would_leave_by_a_list_that_is_not_kept_is_in_no_journal() {
    let letter = Newsletter::with_readers(1);
    let leaves = "email,consent\nreader00000@example.org,withdrawn\nother@example.org,withdrawn\n";
    let journal = || std::fs::read(letter.path("courrier.db.left.log")).unwrap_or_default();
    let before = journal();

    import(&letter, leaves, &["--dry-run"]).ends_with(0);
    import(&letter, format!("{leaves}nobody,express\n"), &[]).ends_with(65);
    assert_eq!(journal(), before);

    import(&letter, leaves, &[]).ends_with(0);
    assert_ne!(journal(), before);
}

#[test]
fn bad_lines_can_be_put_aside_mended_and_imported() {
    let letter = Newsletter::empty();
    let list = "email,name,consent\nada@example.org,Ada,form\n\"bob at example.org\",\"Bob, \"\"B\"\"\",form\neve@example.org,Eve,no\n";
    let bad = letter.path("bad.csv");
    let aside = ["--skip-bad", bad.to_str().unwrap()];

    import(&letter, list, &[]).ends_with(65);
    assert_eq!(everybody(&letter), [""; 0]);
    import(&letter, list, &aside)
        .ends_with(0)
        .complains_of(&["list.csv:3", "list.csv:4"])
        .tells(&["1 added", "2 not taken"]);

    let kept = letter.read("bad.csv");
    assert!(
        kept.starts_with("email,name,consent,problem\nbob at example.org,\"Bob, \"\"B\"\"\",form,"),
        "{kept}"
    );
    let mended = kept.replace("bob at", "bob@").replace("@ ", "@");
    import(&letter, mended.replace("Eve,no", "Eve,phone"), &[])
        .ends_with(0)
        .tells(&["2 added"]);
    assert_eq!(consent(&letter, "eve@example.org"), "express");
    assert_eq!(evidence(&letter, "bob@example.org")["name"], "Bob, \"B\"");
}

#[test]
fn bad_lines_take_the_place_of_no_list_and_are_for_their_owner_alone() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let letter = Newsletter::empty();
    let list = "email,name,consent\nada@example.org,Ada,form\nbob,=1+1,form\n";
    letter.write("list.csv", list);
    symlink(letter.path("list.csv"), letter.path("other.csv")).unwrap();
    for name in ["list.csv", "other.csv"] {
        let bad = letter.path(name);
        import(&letter, list, &["--skip-bad", bad.to_str().unwrap()])
            .ends_with(64)
            .complains_of(&["list.csv is the list itself"]);
    }
    assert_eq!(letter.read("list.csv"), list);
    assert_eq!(everybody(&letter), [""; 0]);

    letter.write("bad.csv", "what was there before");
    let bad = letter.path("bad.csv");
    std::fs::set_permissions(&bad, PermissionsExt::from_mode(0o644)).unwrap();
    import(&letter, list, &["--skip-bad", bad.to_str().unwrap()]).ends_with(0);
    let mode = std::fs::metadata(&bad).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let kept = letter.read("bad.csv");
    assert!(kept.contains("bob,'=1+1,form,"), "{kept}");
    import(&letter, kept.replace("bob,", "bob@example.org,"), &[]).ends_with(0);
    assert_eq!(evidence(&letter, "bob@example.org")["name"], "=1+1");
}

#[test]
fn a_quote_that_is_never_closed_is_named_and_takes_nobody() {
    let letter = Newsletter::empty();
    let mut list =
        "email,name,consent\nada@example.org,Ada,form\nbob@example.org,\"Bob,form\n".to_owned();
    for number in 0..60_000 {
        list.push_str(&format!(
            "reader{number}@example.org,Reader {number},form\n"
        ));
    }
    let bad = letter.path("bad.csv");

    for more in [&[][..], &["--skip-bad", bad.to_str().unwrap()]] {
        import(&letter, &list, more)
            .ends_with(65)
            .complains_of(&["list.csv:3", "quote"]);
        assert_eq!(everybody(&letter), [""; 0]);
        assert!(!bad.exists());
    }
}

#[test]
fn a_comma_without_quotes_shifts_nobody_into_another_column() {
    let letter = Newsletter::empty();
    let list = "email,name,consent\nada@example.org,Lovelace, Ada,form\n";

    import(&letter, list, &[]).ends_with(65).complains_of(&[
        "list.csv:2",
        "4 fields",
        "3 columns",
        "quotes",
    ]);
}

#[test]
fn a_name_with_a_line_break_in_quotes_is_refused_and_the_lines_after_it_keep_their_numbers() {
    let letter = Newsletter::empty();
    let list = "email,name,consent\r\nada@example.org,\"Ada\r\nLovelace\",form\r\nnobody,,form\r\n";

    import(&letter, list, &[])
        .ends_with(65)
        .complains_of(&["list.csv:2", "list.csv:4"]);
}

#[test]
fn formulas_are_names_and_nothing_else_on_the_way_in_and_out() {
    let letter = Newsletter::empty();
    let list = "email,name,consent\nada@example.org,\"=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\",form\nbob@example.org,'@SUM(A1),form\n";
    import(&letter, list, &[]).ends_with(0);

    let export = letter.run(&["subscribers", "export"]).ends_with(0).stdout;

    assert!(export.contains("\"'=HYPERLINK("), "{export}");
    assert!(export.contains(",'@SUM(A1),"), "{export}");
    let other = Newsletter::empty();
    import(&other, &export, &[]).ends_with(0);
    assert_eq!(
        evidence(&other, "ada@example.org")["name"],
        "=HYPERLINK(\"http://x\",\"y\")"
    );
    assert_eq!(other.run(&["subscribers", "export"]).stdout, export);
}

#[test]
fn a_list_moves_from_one_store_to_another_with_its_evidence() {
    let letter = Newsletter::empty();
    let wording = letter.path("wording.txt");
    letter.write("wording.txt", "Oui, je veux la lettre.\nJe peux partir.");
    let told = "add,ada@example.org,--consent,bought a ticket,--by,Zoé,--basis,purchase,\
        --since,2026-03-01,--way,purchase,--on,2026-03-01,--wording-language,fr,--wording";
    let mut add = vec!["subscribers"];
    add.extend(told.split(','));
    add.push(wording.to_str().unwrap());
    letter.run(&add).ends_with(0);
    for act in [
        "add,bob@example.org,--consent,told me",
        "pause,bob@example.org,--until,2027-01-31",
    ] {
        let act: Vec<&str> = act.split(',').collect();
        letter
            .run(&[&["subscribers"], &act[..]].concat())
            .ends_with(0);
    }

    let other = Newsletter::empty();
    let list = letter.run(&["subscribers", "export"]).stdout;
    import(&other, list, &[]).ends_with(0);

    let timeless = |letter: &Newsletter| {
        let mut ada = evidence(letter, "ada@example.org");
        ada["ledger"][0]["at"] = Value::Null;
        ada
    };
    let (here, there) = (timeless(&letter), timeless(&other));
    assert_eq!(here["until"], "2028-03-01");
    assert_eq!(here, there);
    assert_eq!(evidence(&other, "bob@example.org")["paused"], "2027-01-31");
}

#[test]
fn a_list_of_everything_is_written_as_json_too() {
    let letter = Newsletter::with_readers(3);
    letter
        .run(&["subscribers", "remove", "reader00001@example.org"])
        .ends_with(0);

    let export = letter
        .run(&["subscribers", "export", "--json"])
        .ends_with(0);

    let people: Vec<Value> = export
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let acts = |at: usize| people[at]["ledger"].as_array().unwrap().len();
    assert_eq!((people.len(), acts(0), acts(1)), (3, 1, 2));
}

#[test]
fn two_thousand_people_are_more_than_one_page_of_the_list() {
    let letter = Newsletter::with_readers(2_345);

    assert_eq!(everybody(&letter).len(), 2_345);
    let export = letter.run(&["subscribers", "export"]).ends_with(0);
    assert_eq!(export.stdout.lines().count(), 2_346);
}

#[test]
fn a_quote_that_is_not_closed_takes_nobody_with_it() {
    let letter = Newsletter::empty();
    for list in [
        "email,name,consent\na@example.org,\"A,express\nb@example.org,B,express\n",
        "email,consent,evidence\na@example.org,express,\"a form\nb@example.org,express,a form\n",
        "email,\"name,consent\na@example.org,A,express\n",
    ] {
        letter.write("list.csv", list);
        letter
            .run(&["subscribers", "import", "list.csv"])
            .ends_with(65)
            .complains_of(&["a quote in this line is not closed", "close the quote"]);
    }
}

#[test]
fn a_column_that_is_not_read_and_a_city_without_a_meetup_are_named() {
    let letter = Newsletter::empty();
    letter.write(
        "list.csv",
        "email,phone,city,consent,evidence\na@example.org,1,MONTREAL; Monreal,express,a form\n",
    );
    let ran = letter
        .run(&["subscribers", "import", "list.csv"])
        .ends_with(0)
        .complains_of(&["not read: phone", "no meetup is in Monreal"]);
    assert_eq!(ran.stderr.matches("warning").count(), 2, "{}", ran.stderr);
    let add = [
        "subscribers",
        "add",
        "b@example.org",
        "--consent",
        "x",
        "--city",
    ];
    letter
        .run(&[&add[..], &["Otawa"]].concat())
        .ends_with(0)
        .complains_of(&["in Otawa"]);
}
