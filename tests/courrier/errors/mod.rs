//! A gallery of what courrier says when something is wrong: what, where, and what to do about it.

mod posts;
mod publishing;
mod sending;
mod settings;

use crate::support::newsletter::Newsletter;
use crate::support::ran::{Ran, courrier};

/// What `args` say on stderr, run where `config.toml` lies, and the exit code below it.
fn said(letter: &Newsletter, args: &[&str]) -> String {
    let mut command = courrier(&letter.path(""));
    let ran = Ran::of(command.args(["--now", letter.now]).args(args));
    let code = ran
        .code
        .map_or_else(|| "none".to_owned(), |code| code.to_string());
    format!("{}exit code {code}", ran.stderr)
}

/// What `build` says where `old` in `config.toml` is `new`.
fn build_with(old: &str, new: &str) -> String {
    let letter = Newsletter::with_posts();
    let config = letter.config();
    assert!(config.contains(old), "{old} is not in\n{config}");
    letter.write("config.toml", config.replacen(old, new, 1));
    said(&letter, &["build"])
}

/// What `build` says of the one post `text`.
fn build_of(text: &str) -> String {
    let letter = Newsletter::empty();
    letter.post("summer.md", text);
    said(&letter, &["build"])
}
