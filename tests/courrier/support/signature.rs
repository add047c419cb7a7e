//! DKIM signatures, judged by dkimpy, which knows nothing of how courrier makes them.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;

use super::newsletter::Newsletter;
use super::real;

/// One signature of a message.
#[derive(Debug, Deserialize)]
pub struct Signature {
    pub valid: bool,
    pub algorithm: String,
    pub domain: String,
    pub selector: String,
    /// Seconds since 1970.
    pub time: String,
    /// The headers that are signed.
    pub names: Vec<String>,
    pub has_length: bool,
}

/// Keys of both kinds in `letter`, which signs with them from now on.
pub fn sign_with_both(letter: &mut Newsletter) {
    for (selector, algorithm) in [("letter-rsa", "rsa"), ("letter-ed", "ed25519")] {
        letter
            .run(&["dkim", "new", selector, "--algorithm", algorithm])
            .ends_with(0);
        letter.set("dkim.keys", selector, &format!("\"dkim/{selector}.pem\""));
    }
}

/// The signatures of each of `files`, judged by the records that `letter` wants in
/// the DNS; nothing where there is no dkimpy.
pub fn signatures(letter: &Newsletter, files: &[PathBuf]) -> Option<Vec<Vec<Signature>>> {
    let python = real::python_with("dkim")?;
    let script =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/courrier/support/verify_dkim.py");
    let records = letter
        .run(&["--json", "dkim", "records"])
        .ends_with(0)
        .stdout;
    let mut child = Command::new(python)
        .arg(script)
        .args(files)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(records.as_bytes()).unwrap();
    drop(input);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    Some(serde_json::from_slice(&output.stdout).unwrap())
}
