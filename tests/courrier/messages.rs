//! The mail itself, read by Python's `email`: from the outbox, from our server and from Postfix's.

use std::collections::HashSet;

use serde_json::json;

use crate::support::mail::{Mail, bracketed, words_of};
use crate::support::mail_server::MailServer;
use crate::support::newsletter::{Newsletter, post};
use crate::support::smtp_sink::SmtpSink;

const READERS: &str = "email,name,language,cities,consent
ada@example.org,Ada Lovelace,en,Montreal,form
zoe@example.org,Zoé Étienne,fr,Quebec,form
bob@example.org,,en,,form
";

/// The headers that have to be there once, and no more (rules of mail 1, 7, 11, 16).
const ONCE: &[&str] = &[
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "MIME-Version",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "List-Id",
    "Auto-Submitted",
    "Precedence",
    "Content-Type",
];

/// What the folder transport wrote for `letter`, read; nothing where there is no Python.
pub fn sent_to_outbox(letter: &Newsletter) -> Option<Vec<Mail>> {
    letter.run(&["send"]).ends_with(0);
    Mail::read_all(&letter.outbox())
}

/// Two posts and three readers, one of them French and one without a name.
pub fn letter() -> Newsletter {
    let letter = Newsletter::with_posts();
    letter.import(READERS);
    letter
}

/// Fails unless `mail` is what the rules ask of every message.
#[track_caller]
fn keeps_the_rules(mail: &Mail) {
    assert_eq!(mail.0["defects"], json!([]));
    assert_eq!(mail.0["type"], "multipart/alternative");
    let types: Vec<_> = mail.0["parts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|part| part[0].clone())
        .collect();
    assert_eq!(types, ["text/plain", "text/html"]);
    for name in ONCE {
        mail.header(name);
    }
    assert!(
        bracketed(mail.header("List-Unsubscribe")).starts_with("https://blog.example.org/"),
        "{}",
        mail.header("List-Unsubscribe")
    );
    assert_eq!(
        mail.header("List-Unsubscribe-Post"),
        "List-Unsubscribe=One-Click"
    );
    assert_eq!(mail.header("Auto-Submitted"), "auto-generated");
    assert_eq!(mail.header("Precedence"), "bulk");
    assert!(
        bracketed(mail.header("List-Id")).contains("example.org"),
        "{}",
        mail.header("List-Id")
    );
    assert!(
        bracketed(mail.header("Message-ID")).ends_with("@example.org"),
        "{}",
        mail.header("Message-ID")
    );
    assert!(mail.0["longest_header_line"].as_u64().unwrap() <= 998);
    assert!(mail.0["longest_line"].as_u64().unwrap() <= 998);
}

#[test]
fn every_message_of_the_outbox_keeps_the_rules() {
    let Some(mails) = sent_to_outbox(&letter()) else {
        return;
    };

    assert_eq!(mails.len(), 3);
    mails.iter().for_each(keeps_the_rules);
}

#[test]
fn every_message_that_reached_a_server_keeps_the_rules() {
    let server = MailServer::start([]);
    let mut letter = letter();
    letter.send_to(server.port, 5);
    letter.run(&["send"]).ends_with(0);

    let received = server.received();
    let names: Vec<_> = (0..received.len())
        .map(|n| letter.path(&format!("received/{n}")))
        .collect();
    for (name, message) in names.iter().zip(&received) {
        letter.write(name.to_str().unwrap(), &message.bytes);
    }
    let Some(mails) = Mail::read_all(&names) else {
        return;
    };

    assert_eq!(mails.len(), 3);
    mails.iter().for_each(keeps_the_rules);
}

#[test]
fn postfix_takes_the_issue_and_a_second_send_brings_it_nothing() {
    let Some(sink) = SmtpSink::start() else {
        return;
    };
    let mut letter = letter();
    letter.send_to(sink.port, 10);

    letter.run(&["send"]).ends_with(0);
    let taken = sink.messages();
    letter.run(&["send"]).ends_with(0);

    assert_eq!(
        sink.messages(),
        taken,
        "the second send delivered something"
    );
    let Some(mails) = Mail::read_all(&taken) else {
        return;
    };
    assert_eq!(mails.len(), 3);
    mails.iter().for_each(keeps_the_rules);
    let envelopes: HashSet<_> = mails
        .iter()
        .map(|mail| mail.header("X-Rcpt-Args"))
        .collect();
    assert_eq!(
        envelopes,
        HashSet::from([
            "<ada@example.org>",
            "<zoe@example.org>",
            "<bob@example.org>"
        ])
    );
}

#[test]
fn a_digest_of_the_shared_posts_reaches_postfix_without_a_defect() {
    let (Some(mut letter), Some(sink)) = (Newsletter::of_the_shared_posts(), SmtpSink::start())
    else {
        return;
    };
    letter.import(READERS);
    letter.send_to(sink.port, 10);

    letter.run(&["send"]).ends_with(0);

    let Some(mails) = Mail::read_all(&sink.messages()) else {
        return;
    };
    assert_eq!(mails.len(), 3);
    for mail in &mails {
        keeps_the_rules(mail);
        for part in [mail.text(), mail.html()] {
            let seen = words_of(&part);
            assert!(
                seen.contains("CNCF Ambassador Spill") && seen.contains("CloudOps"),
                "{part}"
            );
        }
        assert!(
            mail.html()
                .contains("https://blog.example.org/images/blog/post/KubeConCloudNativeCon.png")
        );
    }
}

#[test]
fn the_wire_carries_crlf_alone_and_no_byte_above_ascii() {
    let server = MailServer::start([]);
    let mut letter = letter();
    letter.post(
        "ete.md",
        &post(
            "L’été des conteneurs",
            "2026-11-20",
            "Zoé",
            "<p>Déjà vu. 日本</p>",
        ),
    );
    letter.send_to(server.port, 5);
    letter.run(&["send"]).ends_with(0);

    for message in server.received() {
        let bare = message.text().replace("\r\n", "");
        assert!(!bare.contains(['\r', '\n']), "a bare CR or LF");
        assert!(message.bytes.is_ascii());
        assert!(message.text().lines().all(|line| line.len() <= 998));
    }
}

#[test]
fn names_and_subjects_beyond_ascii_arrive_as_they_were_written() {
    let mut letter = letter();
    letter.set("newsletter", "title", "\"Le Courrier des étés – 日本\"");
    letter.set("newsletter", "from", "\"Équipe Été <digest@example.org>\"");
    let Some(mails) = sent_to_outbox(&letter) else {
        return;
    };

    let zoe = mails
        .iter()
        .find(|mail| mail.0["to"][0][1] == "zoe@example.org")
        .unwrap();
    assert_eq!(zoe.0["to"], json!([["Zoé Étienne", "zoe@example.org"]]));
    assert_eq!(zoe.0["from"], json!([["Équipe Été", "digest@example.org"]]));
    for mail in &mails {
        keeps_the_rules(mail);
    }
    assert!(
        zoe.text().contains("Le Courrier des étés – 日本"),
        "{}",
        zoe.text()
    );
}

#[test]
fn a_post_with_a_title_beyond_ascii_gives_a_subject_that_decodes() {
    let letter = Newsletter::empty();
    letter.import(READERS);
    let title = "L’été où Kubernetes devint ennuyeux, et pourquoi c’est une très bonne nouvelle pour nous tous au Québec";
    letter.post("ete.md", &post(title, "2026-11-20", "Zoé", "<p>Oui.</p>"));

    let Some(mails) = sent_to_outbox(&letter) else {
        return;
    };

    for mail in &mails {
        keeps_the_rules(mail);
        let subject = mail.header("Subject");
        assert!(
            !subject.contains("=?") && !subject.contains('\u{fffd}'),
            "{subject}"
        );
        assert!(words_of(&mail.text()).contains(title), "{}", mail.text());
    }
}

#[test]
fn answers_go_where_the_configuration_says() {
    let mut letter = letter();
    letter.set("newsletter", "reply_to", "\"editors@example.org\"");

    let Some(mails) = sent_to_outbox(&letter) else {
        return;
    };

    assert_eq!(mails[0].header("Reply-To"), "editors@example.org");
    keeps_the_rules(&mails[0]);
}

#[test]
fn a_title_without_end_makes_no_line_too_long() {
    let letter = Newsletter::empty();
    letter.import(READERS);
    letter.post(
        "long.md",
        &post(
            &"w".repeat(3000),
            "2026-11-20",
            &"Zoé ".repeat(400),
            "<p>Yes.</p>",
        ),
    );

    let Some(mails) = sent_to_outbox(&letter) else {
        return;
    };

    mails.iter().for_each(keeps_the_rules);
}

#[test]
fn no_line_break_of_a_title_or_an_author_reaches_a_header() {
    let letter = Newsletter::empty();
    letter.import("email,name,language,cities,consent\neve@example.org,Eve,en,,form\n");
    let title = r"Break\r\nBcc: all@example.org\r\n\r\nOwned";
    letter.post(
        "eve.md",
        &format!(
            "---\ntitle: \"{title}\"\nlastmod: 2026-11-20\nauthor: \"Eve\\nX-Evil: 1\"\n---\n\nBody\n"
        ),
    );

    let Some(mails) = sent_to_outbox(&letter) else {
        return;
    };

    keeps_the_rules(&mails[0]);
    assert!(
        mails[0].headers("Bcc").is_empty() && mails[0].headers("X-Evil").is_empty(),
        "{}",
        mails[0].0["headers"]
    );
}
