//! The issues as pages of the web.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use walkdir::WalkDir;

use crate::messages::{letter, sent_to_outbox};
use crate::support::newsletter::{Newsletter, files_below};
use crate::support::real;

fn pages(letter: &Newsletter) -> Vec<String> {
    let folder = letter.path("public/issues");
    let files = files_below(&folder, "html");
    let names = files.iter().map(|file| {
        file.strip_prefix(&folder)
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned()
    });
    names.collect()
}

#[test]
fn each_mail_links_to_the_page_of_its_issue_in_its_language() {
    let letter = letter();
    let Some(mails) = sent_to_outbox(&letter) else {
        return;
    };

    assert_eq!(
        pages(&letter),
        ["2026-11-22-1/en.html", "2026-11-22-1/fr.html", "index.html"]
    );
    for mail in mails {
        let is_french = mail.html().contains("<html lang=\"fr\"");
        let language = if is_french { "fr" } else { "en" };
        let link = format!("https://blog.example.org/issues/2026-11-22-1/{language}.html");
        assert!(
            mail.html().contains(&link) && mail.text().contains(&link),
            "{}",
            mail.text()
        );
    }
}

#[test]
fn a_page_says_nothing_of_any_reader() {
    let letter = Newsletter::with_readers(2);
    letter.run(&["run"]).ends_with(0);

    let page = letter.read("public/issues/2026-11-22-1/en.html");

    for word in [
        "reader0",
        "Reader ",
        "nsubscribe",
        "courrier-slot",
        "View in browser",
    ] {
        assert!(!page.contains(word), "{word} is in\n{page}");
    }
    for word in [
        "A mesh for everyone",
        "Operators, the second day",
        "hreflang=\"fr\"",
        "canonical",
    ] {
        assert!(page.contains(word), "{word} is not in\n{page}");
    }
    assert!(!page.contains("noindex"));
    let list = letter.read("public/issues/index.html");
    assert!(
        list.contains("/issues/2026-11-22-1/en.html") && list.contains("A mesh for everyone"),
        "{list}"
    );
}

#[test]
fn a_page_stays_as_it_was_sent_and_comes_back_where_it_is_lost() {
    let letter = Newsletter::with_readers(1);
    letter.run(&["run"]).ends_with(0);
    let page = letter.read("public/issues/2026-11-22-1/en.html");
    letter.post(
        "mesh.md",
        "---\ntitle: Another\nlastmod: 2026-11-18\n---\nOther words\n",
    );
    fs::remove_dir_all(letter.path("public")).unwrap();

    letter.run(&["build"]).ends_with(0);

    assert_eq!(letter.read("public/issues/2026-11-22-1/en.html"), page);
    assert!(
        letter
            .read("public/issues.xml")
            .contains("https://blog.example.org/issues/2026-11-22-1/en.html")
    );
}

#[test]
fn unlisted_pages_ask_search_engines_to_stay_away() {
    let mut letter = Newsletter::with_readers(1);
    letter.set("newsletter", "archive", "\"unlisted\"");
    letter.run(&["run"]).ends_with(0);

    for page in pages(&letter) {
        assert!(
            letter
                .read(&format!("public/issues/{page}"))
                .contains("content=\"noindex\""),
            "{page}"
        );
    }
}

#[test]
fn without_an_archive_no_mail_links_to_it() {
    let mut letter = Newsletter::with_readers(1);
    letter.set("newsletter", "archive", "\"none\"");
    letter.run(&["run"]).ends_with(0);

    assert_eq!(pages(&letter), [""; 0]);
    let mail = fs::read_to_string(&letter.outbox()[0]).unwrap();
    assert!(!mail.contains("issues/2026"), "{mail}");
}

#[test]
fn a_page_is_well_formed_enough_for_an_independent_parser() {
    let Some(xmllint) = real::program("xmllint") else {
        return;
    };
    let letter = Newsletter::with_readers(1);
    letter.run(&["run"]).ends_with(0);
    let page = letter.path("public/issues/2026-11-22-1/fr.html");

    let title = std::process::Command::new(xmllint)
        .args(["--html", "--xpath", "string(//title)"])
        .arg(page)
        .output()
        .unwrap();

    let title = String::from_utf8_lossy(&title.stdout).trim().to_owned();
    assert_eq!(title, "A mesh for everyone, et un autre article");
}

#[test]
fn whatever_the_umask_is_a_web_server_can_read_all_that_is_public() {
    let letter = Newsletter::with_readers(1);
    let program = letter.command(&["run"]).get_program().to_owned();
    let mut command = Command::new("sh");
    command.args([
        "-c",
        "umask 077; exec \"$0\" --now 2026-11-22T12:00:00Z run",
    ]);
    let done = command
        .arg(program)
        .current_dir(letter.path(""))
        .output()
        .unwrap();
    assert!(done.status.success(), "{done:?}");

    let public = WalkDir::new(letter.path("public"));
    let mut pages = 0;
    for entry in public.into_iter().map(Result::unwrap) {
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        let wanted = if entry.file_type().is_dir() {
            0o755
        } else {
            0o644
        };
        assert_eq!(mode, wanted, "{}", entry.path().display());
        pages += usize::from(entry.path().to_string_lossy().contains("issues/"));
    }
    assert!(pages > 1, "no issue has a page");
}
