//! A local program that takes mail as `sendmail` does.
//!
//! Not lettre's own transport: that gives no exit status, which alone tells
//! "later" from "never".

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::process::{Child, Command};

use super::clerk::Clerk;
use super::handover::{Handed, Item};
use super::trouble::{Trouble, printable};
use crate::store::ledger::{Phase, Why};

/// The program may wait for a disk, not for a network.
const PATIENCE: Duration = Duration::from_secs(600);

/// Whether the program is there.
///
/// # Errors
///
/// A trouble that does not pass by itself.
pub fn find(command: &Path) -> Result<(), Trouble> {
    match std::fs::metadata(command) {
        Ok(file) if file.is_file() => Ok(()),
        Ok(_) => Err(Trouble::unreachable(format!(
            "{} is no program",
            command.display()
        ))),
        Err(error) => Err(Trouble::unreachable(format!(
            "{}: {error}",
            command.display()
        ))),
    }
}

/// Gives the message to the program: `sendmail -i -f FROM -- TO`, the text on its standard input.
pub async fn hand_over(command: &Path, item: &Item, clerk: &mut Clerk<'_>) -> Handed {
    // First: a program whose input ends early may mail what it has.
    if let Err(handed) = clerk.let_go(&item.claim).await {
        return handed;
    }
    let parcel = &item.parcel;
    let started = Command::new(command)
        .args(["-i", "-f", parcel.from.as_str(), "--", parcel.to.as_str()])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn();
    let child = match started {
        Ok(child) => child,
        Err(error) => {
            return Handed::Trouble(Trouble::unreachable(format!(
                "{}: {error}",
                command.display()
            )));
        }
    };
    match tokio::time::timeout(PATIENCE, feed(child, &parcel.bytes)).await {
        Ok(Ok(output)) => judge(
            output.status.code(),
            &String::from_utf8_lossy(&output.stderr),
        ),
        Ok(Err(error)) => uncertain(error.to_string()),
        Err(_) => uncertain("the program does not end".to_owned()),
    }
}

/// Local programs want the line ends of the system.
async fn feed(mut child: Child, bytes: &[u8]) -> std::io::Result<std::process::Output> {
    let text: Vec<u8> = bytes
        .iter()
        .copied()
        .filter(|byte| *byte != b'\r')
        .collect();
    let written = match child.stdin.take() {
        Some(mut stdin) => stdin.write_all(&text).await,
        None => Ok(()),
    };
    let output = child.wait_with_output().await?;
    // A program that refuses before it has read all tells why by its status.
    if output.status.success() {
        written.map(|()| output)
    } else {
        Ok(output)
    }
}

/// What an exit status of sysexits.h means.
fn judge(status: Option<i32>, said: &str) -> Handed {
    let why = |code| Why {
        phase: Phase::Dot,
        code: Some(code),
        reply: printable(&format!("exit status {status:?}: {said}")),
    };
    match status {
        Some(0) => Handed::Accepted {
            reply: "exit status 0".to_owned(),
        },
        // EX_TEMPFAIL and what the machine lacks now.
        Some(75 | 71 | 69 | 70 | 73 | 74) => Handed::Refused { why: why(450) },
        // EX_NOUSER, EX_NOHOST, EX_DATAERR.
        Some(67 | 68) => Handed::Refused { why: why(550) },
        Some(65) => Handed::Refused { why: why(554) },
        // EX_USAGE, EX_NOPERM, EX_CONFIG: the next reader fares no better.
        Some(64 | 77 | 78 | 126 | 127) => {
            Handed::Trouble(Trouble::lasting(Phase::Mail, why(550).reply))
        }
        _ => uncertain(why(0).reply),
    }
}

fn uncertain(text: String) -> Handed {
    Handed::Uncertain {
        why: Why {
            phase: Phase::Dot,
            code: None,
            reply: printable(&text),
        },
    }
}
