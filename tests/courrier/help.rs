//! What the program says of itself: help, man pages, completions, version.

use std::process::Command;

use clap::Command as Clap;

use crate::support::ran::{Ran, courrier};
use crate::support::real;
use tempfile::TempDir;

/// Every command, by its words, the program itself among them.
fn all(command: &Clap, words: &[String]) -> Vec<(Vec<String>, Clap)> {
    let mut found = vec![(words.to_vec(), command.clone())];
    for inner in command.get_subcommands() {
        if inner.get_name() != "help" {
            found.extend(all(
                inner,
                &[words, &[inner.get_name().to_owned()]].concat(),
            ));
        }
    }
    found
}

fn commands() -> Vec<(Vec<String>, Clap)> {
    all(&courrier::commands::command(), &[])
}

fn examples(command: &Clap) -> Vec<String> {
    let help = command
        .get_after_help()
        .map(ToString::to_string)
        .unwrap_or_default();
    let lines = help.split("Examples:").nth(1).unwrap_or_default().lines();
    lines
        .map(|line| line.trim().to_owned())
        .filter(|line| !line.is_empty())
        .collect()
}

/// The words of a line, as a shell would split it up to a pipe or a redirection.
pub fn typed(line: &str) -> Vec<String> {
    let mut words = vec![];
    let mut rest = line.trim();
    while !rest.is_empty() && !rest.starts_with(['|', '>']) {
        let (word, after) = match rest.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap(),
            None => rest.split_once(' ').unwrap_or((rest, "")),
        };
        words.push(word.to_owned());
        rest = after.trim_start();
    }
    words
}

#[test]
fn every_command_has_an_example_that_is_a_command_line() {
    let commands = commands();
    assert!(commands.len() > 25, "{}", commands.len());
    for (words, command) in commands.iter().filter(|(words, _)| !words.is_empty()) {
        let lines = examples(command);
        assert!(
            !lines.is_empty(),
            "{words:?} has no example: add one to src/commands/examples.rs"
        );
        for line in lines {
            let read = courrier::commands::command().try_get_matches_from(typed(&line));
            assert!(read.is_ok(), "{line}: {}", read.unwrap_err());
            let own = format!("courrier {}", words.join(" "));
            let plain = line.replace("courrier --json", "courrier");
            assert!(plain.starts_with(&own), "{line} is no example of {own}");
        }
    }
}

#[test]
fn every_help_fits_into_80_columns() {
    let folder = TempDir::new().unwrap();
    for (words, _) in commands() {
        for help in ["-h", "--help"] {
            let ran = Ran::of(
                courrier(folder.path())
                    .env("COLUMNS", "200")
                    .args(&words)
                    .arg(help),
            );
            let ran = ran.ends_with(0);
            let wide = ran.stdout.lines().find(|line| line.chars().count() > 82);
            assert_eq!(wide, None, "of courrier {} {help}", words.join(" "));
        }
    }
}

#[test]
fn the_version_names_the_commit_and_the_features() {
    let folder = TempDir::new().unwrap();
    let short = Ran::of(courrier(folder.path()).arg("-V"))
        .ends_with(0)
        .stdout;
    assert_eq!(short, concat!("courrier ", env!("CARGO_PKG_VERSION"), "\n"));

    let long = Ran::of(courrier(folder.path()).arg("--version"))
        .ends_with(0)
        .stdout;

    let lines: Vec<&str> = long.lines().collect();
    assert!(
        format!("{}\n", lines[0]) == short && lines[1].starts_with("commit "),
        "{long}"
    );
    assert!(lines[2].starts_with("features "), "{long}");
}

#[test]
fn there_is_a_man_page_of_each_command_and_man_can_read_it() {
    let folder = TempDir::new().unwrap();
    Ran::of(courrier(folder.path()).args(["man", "pages"])).ends_with(0);
    let pages: Vec<String> = commands()
        .iter()
        .map(|(words, _)| {
            [&["courrier".to_owned()], words.as_slice()]
                .concat()
                .join("-")
                + ".1"
        })
        .collect();
    for page in &pages {
        let text = std::fs::read_to_string(folder.path().join("pages").join(page));
        let text = text.unwrap_or_else(|error| panic!("{page}: {error}"));
        assert!(
            text.contains(".SH NAME") && text.contains(".SH SYNOPSIS"),
            "{page}"
        );
    }
    let first = Ran::of(courrier(folder.path()).arg("man"))
        .ends_with(0)
        .stdout;
    assert!(first.contains(".SH SUBCOMMANDS"), "{first}");
    let Some(mandoc) = real::program("mandoc") else {
        return;
    };
    let lint = Command::new(mandoc)
        .args(["-T", "lint", "-W", "error"])
        .args(
            pages
                .iter()
                .map(|page| folder.path().join("pages").join(page)),
        )
        .output()
        .unwrap();
    assert!(
        lint.status.success(),
        "{}",
        String::from_utf8_lossy(&lint.stdout)
    );
}

#[test]
fn completions_are_what_their_shells_can_read() {
    let folder = TempDir::new().unwrap();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let ran = Ran::of(courrier(folder.path()).args(["completions", shell]));
        let script = ran.ends_with(0).stdout;
        assert!(
            script.contains("subscribers") && script.contains("doctor"),
            "{shell}"
        );
        if ["bash", "zsh", "fish"].contains(&shell)
            && let Some(program) = real::program(shell)
        {
            let file = folder.path().join(shell);
            std::fs::write(&file, &script).unwrap();
            real::succeeds(Command::new(program).arg("-n").arg(&file));
        }
    }
}

#[test]
fn bash_completes_a_command_and_an_option() {
    let folder = TempDir::new().unwrap();
    let script = Ran::of(courrier(folder.path()).args(["completions", "bash"]))
        .ends_with(0)
        .stdout;
    std::fs::write(folder.path().join("c"), script).unwrap();
    let Some(bash) = real::program("bash") else {
        return;
    };
    let complete = |words: &str| {
        let count = words.split(' ').count() - 1;
        let last = words.split(' ').next_back().unwrap();
        let before = words.split(' ').nth_back(1).unwrap();
        let line = format!(
            "source ./c; COMP_WORDS=({words}); COMP_CWORD={count}; _courrier courrier '{last}' {before}; echo ${{COMPREPLY[@]}}"
        );
        real::succeeds(
            Command::new(&bash)
                .current_dir(folder.path())
                .args(["-c", &line]),
        )
    };

    assert_eq!(complete("courrier subs").trim(), "subscribers");
    assert!(complete("courrier doctor --off").contains("--offline"));
}
