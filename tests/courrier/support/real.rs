//! The real programs and files that the tests need, or a loud word on their absence.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

/// The path of the program `name`, where it is installed.
pub fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin", "/sbin"].map(PathBuf::from));
    let found = folders
        .map(|folder| folder.join(name))
        .find(|file| file.is_file());
    if found.is_none() {
        missing(&format!("the program {name}"));
    }
    found
}

/// A Python that can `import feedparser`, or just any where `module` is of its own library.
pub fn python_with(module: &str) -> Option<PathBuf> {
    let can = |python: &&str| {
        let tried = Command::new(python)
            .args(["-c", &format!("import {module}")])
            .output();
        tried.is_ok_and(|output| output.status.success())
    };
    // Where tests/run puts what Debian does not have.
    let own = std::env::var("COURRIER_TESTS_PYTHON").unwrap_or_default();
    let found = ["python3", "/usr/bin/python3", &own]
        .into_iter()
        .filter(|python| !python.is_empty())
        .find(can)
        .map(PathBuf::from);
    if found.is_none() {
        missing(&format!("python3 with the module {module}"));
    }
    found
}

/// A file below the programs from npm that `tests/run` installs for the tests.
pub fn from_npm(name: &str) -> Option<PathBuf> {
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tools/node_modules");
    let found = Some(tools.join(name)).filter(|path| path.exists());
    if found.is_none() {
        missing(&format!("{name} from npm"));
    }
    found
}

/// A file or folder of `../shared`, which only some machines have.
pub fn shared(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared")
        .join(name);
    if !path.exists() {
        say(&format!("not tried: {} is not here", path.display()));
    }
    path.exists().then_some(path)
}

/// What `command` printed; it has to end well.
#[track_caller]
pub fn succeeds(command: &mut Command) -> String {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().unwrap();
    let (stdout, stderr) = (
        String::from_utf8_lossy(&stdout),
        String::from_utf8_lossy(&stderr),
    );
    assert!(
        status.success(),
        "{command:?} ended with {status}:\n{stdout}\n{stderr}"
    );
    stdout.into_owned()
}

/// Says aloud that something was not tried, and why.
pub fn not_tried(why: &str) {
    say(&format!("not tried: {why}"));
}

fn missing(what: &str) {
    let strict = std::env::var("COURRIER_TESTS_STRICT").is_ok_and(|value| value == "1");
    assert!(!strict, "{what} is missing; tests/run installs it");
    say(&format!(
        "not tried: {what} is missing; tests/run installs it"
    ));
}

/// Speaks past the test harness, which hides what a passing test prints; once for each sentence.
fn say(sentence: &str) {
    static SAID: OnceLock<std::sync::Mutex<Vec<String>>> = OnceLock::new();
    let mut said = SAID.get_or_init(Default::default).lock().unwrap();
    if !said.iter().any(|old| old == sentence) {
        let line = format!("{sentence}\n");
        std::io::stderr().write_all(line.as_bytes()).unwrap();
        said.push(sentence.to_owned());
    }
}
