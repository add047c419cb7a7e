//! The fault matrix and the kill harness of `../shared/tools`, where they are: a second judge that is not ours.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;
use tempfile::TempDir;

use crate::support::newsletter::{Newsletter, readers};
use crate::support::real;

/// Prepares a newsletter in the folder $1 for $3 readers of the server at port $2; what follows are its settings.
const SETUP: &str = r#"#!/bin/sh -eu
dir=$1 port=$2 count=$3; shift 3
cp -r "$(dirname "$0")/newsletter/." "$dir"
{ cat "$dir/head.toml"; echo "[smtp]"; printf 'host = "localhost"\nport = %s\ntimeout_seconds = 1\nretry_minutes = 0\n' "$port"
  tls='tls = "none"' hold=
  for word in "$@"; do case $word in
    starttls) tls='tls = "starttls"'; [ ! -e "$dir/cert.pem" ] || tls="$tls
ca_file = \"cert.pem\"" ;;
    untrusted) tls='tls = "starttls"' ;;
    auth) printf 'user = "u"\npassword_file = "password"\n' ;;
    hold) hold='uncertain = "hold"' ;;
  esac; done
  printf '%s\n' "$tls"; } > "$dir/config.toml"
[ -z "$hold" ] || sed -i "s/^\[newsletter\]/[newsletter]\n$hold/" "$dir/config.toml"
(umask 077; printf p > "$dir/password")
head -n $((count + 1)) "$dir/readers.csv" > "$dir/some.csv"
"$COURRIER" --config "$dir/config.toml" --quiet subscribers import "$dir/some.csv" >&2
tail -n +2 "$dir/some.csv" | cut -d, -f1 > "$dir/expected.txt"
"#;

/// Sends from the folder $1. Our 69 says more than the matrix knows: no TCP connection at all, so mail is left: its 75.
const SEND: &str = r#"#!/bin/sh -u
code=0; "$COURRIER" --config "$1/config.toml" send || code=$?
case $1 in */connect-refused) [ $code -ne 69 ] || code=75 ;; esac
exit $code
"#;

/// The scripts that drive courrier, and the newsletter they copy.
struct Driver {
    folder: TempDir,
    tools: PathBuf,
    python: PathBuf,
}

impl Driver {
    /// Nothing where the tools or Python are not here.
    fn new() -> Option<Self> {
        let tools = real::shared("tools/run_matrix.py")?
            .parent()
            .unwrap()
            .to_owned();
        let python = real::python_with("asyncio")?;
        let driver = Self {
            folder: TempDir::new().unwrap(),
            tools,
            python,
        };
        let mut letter = Newsletter::with_posts();
        letter.set("newsletter", "transport", "\"smtp\"");
        driver.write("setup.sh", SETUP);
        driver.write("send.sh", SEND);
        driver.write("newsletter/head.toml", &letter.config());
        driver.write("newsletter/readers.csv", &readers(1000));
        for name in ["operators.md", "mesh.md"] {
            driver.write(
                &format!("newsletter/posts/{name}"),
                &letter.read(&format!("posts/{name}")),
            );
        }
        Some(driver)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
        std::fs::write(self.path(name), text).unwrap();
    }

    /// `tool` of the shared tools, ready for its arguments.
    fn tool(&self, tool: &str) -> Command {
        let mut command = Command::new(&self.python);
        command
            .env("COURRIER", env!("CARGO_BIN_EXE_courrier"))
            .arg(self.tools.join(tool))
            .arg("--dir")
            .arg(self.path("out"));
        command
    }

    fn sh(&self, script: &str, rest: &str) -> String {
        format!("sh {} {rest}", self.path(script).display())
    }

    fn dump(&self) -> String {
        format!(
            "{} --config {{dir}}/config.toml ledger dump",
            env!("CARGO_BIN_EXE_courrier")
        )
    }

    /// How `run_matrix.py` has to drive courrier.
    fn map(&self) -> PathBuf {
        let map = json!({
            "setup": self.sh("setup.sh", "{dir} {port} {count} {args}"),
            "run": self.sh("send.sh", "{dir}"),
            "dump": self.dump(),
            "options": {
                "tls=starttls": "starttls", "tls=starttls-untrusted": "untrusted", "auth=good": "auth",
                "policy=at-most-once": "hold", "policy=at-least-once": "resend",
            },
        });
        self.write("map.json", &map.to_string());
        self.path("map.json")
    }
}

fn cases(matrix: &Path) -> usize {
    let text = std::fs::read_to_string(matrix).unwrap();
    serde_json::from_str::<Vec<serde_json::Value>>(&text)
        .unwrap()
        .len()
}

#[test]
fn every_fault_of_the_matrix_ends_in_the_state_it_has_to() {
    let Some(driver) = Driver::new() else { return };
    let all = cases(&driver.tools.join("smtp_matrix.json"));

    let output = driver
        .tool("run_matrix.py")
        .arg("--map")
        .arg(driver.map())
        .output()
        .unwrap();

    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        all >= 68 && said.ends_with(&format!("{all} passed, 0 failed\n")),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// A campaign of `kill_harness.py` with the arguments `mode`, under our own bound of two connections.
fn campaign(mode: &[&str]) {
    let Some(driver) = Driver::new() else { return };
    let check = "python3 {tools}/ledger_check.py --accepted {dir}/accepted.jsonl --expected {dir}/expected.txt \
        --states {dir}/states.jsonl --kills {kills} --window 2";
    let mut command = driver.tool("kill_harness.py");
    command
        .args(["--rounds", "1"])
        .args(mode)
        .args(["--setup", &driver.sh("setup.sh", "{dir} {port} 300 resend")]);
    command.args([
        "--run",
        &driver.sh("send.sh", "{dir}"),
        "--dump",
        &driver.dump(),
        "--check",
        check,
    ]);

    let output = command.output().unwrap();

    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(
        said.contains("\"failed\": 0") && !said.contains("\"kills\": 0,"),
        "{said}"
    );
}

#[test]
fn the_harness_that_kills_right_after_an_acceptance_finds_nothing() {
    campaign(&["--mode", "accepted", "--kills", "8"]);
}

#[test]
fn the_harness_that_kills_at_any_time_finds_nothing() {
    campaign(&["--mode", "time", "--kills", "8"]);
}

#[test]
fn the_harness_that_kills_before_the_server_takes_a_message_finds_nothing() {
    let Some(point) = real::shared("tools/crash_points/DOT-before.json") else {
        return;
    };
    campaign(&[
        "--mode",
        "server",
        "--server-args",
        &format!("--scenario {}", point.canonicalize().unwrap().display()),
    ]);
}
