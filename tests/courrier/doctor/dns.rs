//! The DNS of the sending domain, as a real name server has it.

use insta::assert_snapshot;
use serde_json::Value;

use super::{said, verdicts};
use crate::support::mail_server::port_without_server;
use crate::support::name_server::NameServer;
use crate::support::newsletter::Newsletter;
use crate::support::signature::sign_with_both;

/// A domain that lacks nothing; its mail leaves by relay.test.
const SOUND: &[&str] = &[
    "example.org. MX 10 mx.example.org.",
    "mx.example.org. A 192.0.2.10",
    "example.org. TXT \"v=spf1 a:out.example.org include:_spf.relay.test -all\"",
    "out.example.org. A 192.0.2.11",
    "_spf.relay.test. TXT \"v=spf1 ip4:198.51.100.0/24 ~all\"",
    "_dmarc.example.org. TXT \"v=DMARC1; p=quarantine; rua=mailto:dmarc@example.org\"",
    "smtp.relay.test. A 198.51.100.7",
    "7.100.51.198.in-addr.arpa. PTR smtp.relay.test.",
];

/// What `doctor dns` says of `letter` where the DNS has `records`.
fn of_dns(letter: &Newsletter, records: &[&str]) -> Option<String> {
    let server = NameServer::with(records)?;
    Some(said(letter, &["dns", "--resolver", &server.address()]))
}

/// A newsletter that leaves by a relay elsewhere.
fn relayed() -> Newsletter {
    let mut letter = Newsletter::with_posts();
    letter.send_to(465, 5);
    letter.set("smtp", "host", "\"smtp.relay.test\"");
    letter.set("smtp", "tls", "\"implicit\"");
    letter
}

/// The lines of a zone with the keys of `letter`.
fn key_records(letter: &Newsletter) -> Vec<String> {
    let records = letter.run(&["dkim", "records"]).ends_with(0).stdout;
    let bare = |line: &str| line.replace("( ", "").replace(" )", "");
    records.lines().map(bare).collect()
}

#[test]
fn a_sound_zone() {
    let Some(said) = of_dns(&relayed(), SOUND) else {
        return;
    };
    assert_snapshot!(said, @r#"
    dns
      right    mx: example.org takes mail at mx.example.org
      right    spf: v=spf1 a:out.example.org include:_spf.relay.test -all (2 of 10
               look-ups)
      right    dmarc: example.org: v=DMARC1; p=quarantine;
               rua=mailto:dmarc@example.org
      warning  alignment: only the return path belongs to example.org
               -> let a key sign for the domain of `from`: forwarded mail passes by
               its signature alone
      right    ptr smtp.relay.test: its address has a name that leads back
      right    spf smtp.relay.test: its addresses may send by the SPF record

    5 right, 1 to look at, 0 wrong, 0 unknown
    exit code 0
    "#);
}

#[test]
fn the_keys_in_the_dns_are_those_that_sign() {
    let mut letter = relayed();
    sign_with_both(&mut letter);
    let keys = key_records(&letter);
    let all: Vec<&str> = SOUND
        .iter()
        .copied()
        .chain(keys.iter().map(String::as_str))
        .collect();
    let Some(server) = NameServer::with(&all) else {
        return;
    };

    let found = verdicts(&letter, &["dns", "--resolver", &server.address()]);

    for name in ["dkim letter-ed", "dkim letter-rsa", "alignment"] {
        let right = ("dns".to_owned(), name.to_owned(), "right".to_owned());
        assert!(found.contains(&right), "{found:?}");
    }
    letter
        .run(&[
            "dkim",
            "check",
            "letter-ed",
            "--resolver",
            &server.address(),
        ])
        .ends_with(0)
        .tells(&["letter-ed._domainkey.example.org", "holds this key"]);
}

#[test]
fn the_keys_in_the_dns_are_others_or_none() {
    let mut letter = relayed();
    sign_with_both(&mut letter);
    let other = "letter-rsa._domainkey.example.org. TXT \"v=DKIM1; k=rsa; p=AAAA\"";
    let all: Vec<&str> = SOUND.iter().copied().chain([other]).collect();
    let Some(server) = NameServer::with(&all) else {
        return;
    };

    let told = said(&letter, &["dns", "--resolver", &server.address()]);

    for words in [
        "there is no record letter-ed._domainkey.example.org",
        "it holds another key",
        "letter-ed._domainkey.example.org. IN TXT",
        "exit code 77",
    ] {
        assert!(
            told.split_whitespace()
                .collect::<Vec<_>>()
                .join(" ")
                .contains(words),
            "{told}"
        );
    }
    letter
        .run(&[
            "dkim",
            "check",
            "letter-ed",
            "--resolver",
            &server.address(),
        ])
        .ends_with(77)
        .complains_of(&["there is none"]);
}

#[test]
fn a_domain_without_anything() {
    let Some(said) = of_dns(&relayed(), &["smtp.relay.test. A 198.51.100.7"]) else {
        return;
    };
    assert_snapshot!(said, @r#"
    dns
      wrong    mx: example.org takes no mail: it has neither a record MX nor an
               address
               -> name its mail server in a record MX: receivers refuse senders who
               cannot be answered
      wrong    spf: example.org has no SPF record
               -> example.org. IN TXT "v=spf1 include:YOUR-MAIL-SERVER -all", as the
               mail server's own pages say
      wrong    dmarc: neither example.org nor a domain above it has a DMARC record
               -> _dmarc.example.org. IN TXT "v=DMARC1; p=none; rua=mailto:…": Gmail
               and Yahoo ask it of those who send to many
      warning  ptr smtp.relay.test: no name leads back to 198.51.100.7
               -> where this server sends the mail itself, have its provider set the
               name (PTR); where it passes mail on, all is well

    0 right, 1 to look at, 3 wrong, 0 unknown
    exit code 77
    "#);
}

#[test]
fn a_zone_in_which_everything_is_nearly_right() {
    let mut letter = relayed();
    letter.set("newsletter", "bounces", "\"bounce@mailer.test\"");
    let records = [
        "example.org. MX 0 .",
        "mailer.test. MX 10 gone.mailer.test.",
        "mailer.test. TXT \"v=spf1 ip4:192.0.2.1 ?all\"",
        "_dmarc.example.org. TXT \"v=DMARC1; p=none; rua=mailto:x@reports.test\"",
        "smtp.relay.test. A 198.51.100.7",
        "7.100.51.198.in-addr.arpa. PTR elsewhere.test.",
    ];
    let Some(said) = of_dns(&letter, &records) else {
        return;
    };
    assert_snapshot!(said, @r#"
    dns
      wrong    mx: example.org says that it takes no mail, so mail from it is
               refused
               -> name its mail server in a record MX, or send from a domain that
               takes mail
      wrong    mx mailer.test: mailer.test names the mail server gone.mailer.test,
               which has no address
               -> mend the record MX, or the address of that name
      warning  spf: it says nothing of other senders: v=spf1 ip4:192.0.2.1 ?all
               -> end it with -all or ~all
      right    dmarc: example.org: v=DMARC1; p=none; rua=mailto:x@reports.test
      wrong    alignment: neither signature nor return path counts for example.org
               -> set [dkim] domain, or [newsletter] bounces, to the domain of
               `from`; or take adkim=s and aspf=s away
      warning  dmarc reports: reports.test does not say that it wants reports of
               example.org, so none are sent
               -> example.org._report._dmarc.reports.test. IN TXT "v=DMARC1", at
               reports.test
      warning  ptr smtp.relay.test: no name leads back to 198.51.100.7
               -> where this server sends the mail itself, have its provider set the
               name (PTR); where it passes mail on, all is well
      unknown  spf smtp.relay.test: its addresses are not those that the SPF record
               names
               -> look at the SPF line that the mail server's own pages ask for; a
               relay may send from other addresses than it takes mail at

    1 right, 3 to look at, 3 wrong, 1 unknown
    exit code 77
    "#);
}

/// The line on SPF where the record of example.org is `spf`.
fn of_spf(spf: &str, more: &[&str]) -> Option<String> {
    let record = format!("example.org. TXT \"{spf}\"");
    let own = [
        "one.test. TXT \"v=spf1 a:h1.test a:h2.test a:h3.test mx:h4.test -all\"",
        "two.test. TXT \"v=spf1 exists:%{i}.test ptr -all\"",
        "loop.test. TXT \"v=spf1 include:loop.test -all\"",
        "h1.test. A 192.0.2.1",
        "h2.test. A 192.0.2.2",
        "h3.test. A 192.0.2.3",
        "h4.test. MX 1 h1.test.",
    ];
    let all: Vec<&str> = own
        .iter()
        .chain(more)
        .copied()
        .chain([record.as_str()])
        .collect();
    let server = NameServer::with(&all)?;
    let letter = Newsletter::with_posts();
    let ran = letter.run(&["--json", "doctor", "dns", "--resolver", &server.address()]);
    let told: Value = serde_json::from_str(&ran.stdout).unwrap();
    let points = told["points"].as_array().unwrap();
    let spf = points.iter().find(|point| point["name"] == "spf").unwrap();
    let text = |key: &str| spf[key].as_str().unwrap();
    Some(format!("{}: {}", text("verdict"), text("said")))
}

#[test]
fn spf_is_followed_to_its_end_and_its_look_ups_are_counted() {
    let rows = [
        (
            "v=spf1 include:one.test -all",
            "right: v=spf1 include:one.test -all (5 of 10 look-ups)",
        ),
        (
            "v=spf1 include:one.test include:two.test a -all",
            "warning: v=spf1 include:one.test include:two.test a -all (9 of 10 look-ups)",
        ),
        (
            "v=spf1 include:one.test include:two.test a mx redirect=one.test",
            "it makes receivers ask the DNS 15 times",
        ),
        (
            "v=spf1 include:loop.test -all",
            "it makes receivers ask the DNS",
        ),
        (
            "v=spf1 a:n1.test a:n2.test a:n3.test -all",
            "3 of its names do not exist",
        ),
        (
            "v=spf1 include:none.test -all",
            "it names none.test, which has no SPF record",
        ),
        (
            "v=spf1 ipv4:192.0.2.1 -all",
            "`ipv4:192.0.2.1` is no term of SPF",
        ),
        (
            "v=spf1 ip4:192.0.2.0/33 -all",
            "`ip4:192.0.2.0/33` is no term of SPF",
        ),
        ("v=spf1 +all", "wrong: it lets everybody send"),
        (
            "v=spf1 a:h1.test",
            "warning: it says nothing of other senders",
        ),
        (
            "v=spf1 redirect=one.test",
            "right: v=spf1 redirect=one.test (5 of 10 look-ups)",
        ),
    ];
    for (record, expected) in rows {
        let Some(found) = of_spf(record, &[]) else {
            return;
        };
        assert!(found.contains(expected), "{record}: {found}");
    }
    let second = "example.org. TXT \"v=spf1 ~all\"";
    let found = of_spf("v=spf1 -all", &[second]).unwrap();
    assert!(found.contains("example.org has 2 SPF records"), "{found}");
}

#[test]
fn a_name_server_that_refuses_or_is_silent_leaves_all_unknown() {
    let mut letter = relayed();
    letter.set("newsletter", "from", "\"A <a@refused.test>\"");
    let Some(server) = NameServer::with(&[]) else {
        return;
    };
    let silent = format!("127.0.0.1:{}", port_without_server());
    for resolver in [server.address(), silent] {
        letter.set("doctor", "resolver", &format!("{resolver:?}"));

        let ran = letter.run(&["--json", "doctor", "dns"]);

        let told: Value = serde_json::from_str(&ran.stdout).unwrap();
        assert_eq!(told["right"], 0, "{told}");
        assert!(told["unknown"].as_u64() >= Some(3), "{told}");
        assert!(ran.stdout.contains("nobody answered for"), "{told}");
    }
}
