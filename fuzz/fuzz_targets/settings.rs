//! `config.toml`: settings, or a message with its remedy.

#![no_main]

use std::fs;
use std::sync::LazyLock;

use courrier::config::Config;
use libfuzzer_sys::fuzz_target;
use tempfile::TempDir;

static FOLDER: LazyLock<TempDir> = LazyLock::new(|| TempDir::new().expect("a folder"));

fuzz_target!(|text: &[u8]| {
    let path = FOLDER.path().join("config.toml");
    fs::write(&path, text).expect("a file");
    match Config::load(&path) {
        Ok(config) => {
            let _ = config.newsletter();
            let _ = (config.lock_file(), config.public(), config.store());
        }
        Err(problem) => assert!(!problem.one_line().is_empty() && problem.help.is_some()),
    }
});
