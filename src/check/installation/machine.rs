//! The machine below: its clock and its disks.

use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::process::Command;

use super::point::{Area, Point};
use crate::store::place::room;

/// What a clock may be behind: as much as two machines may differ.
const SLACK: TimeDelta = TimeDelta::minutes(5);
const MIB: u64 = 1 << 20;
/// Below this nothing is begun ([`crate::store::place`]); below the next it is time to look.
const LEAST: u64 = 64;
const LITTLE: u64 = 512;

/// The clock beside the newest time that the store knows.
pub fn clock(now: DateTime<Utc>, newest: Option<DateTime<Utc>>) -> Point {
    const NAME: &str = "clock";
    match newest.filter(|newest| *newest - SLACK > now) {
        Some(newest) => {
            let said = format!(
                "it shows {}, and the store knows of {}",
                now.format("%Y-%m-%d %H:%M"),
                newest.format("%Y-%m-%d %H:%M")
            );
            Area::Machine.wrong(NAME, said, "set the clock, best by NTP")
        }
        None => Area::Machine.right(NAME, "nothing in the store is newer than now"),
    }
}

/// Whether something keeps the clock right, as far as systemd knows.
pub async fn time_service() -> Point {
    const NAME: &str = "ntp";
    let asked = Command::new("timedatectl")
        .args(["show", "--property=NTPSynchronized", "--value"])
        .kill_on_drop(true)
        .output();
    let answer = tokio::time::timeout(Duration::from_secs(5), asked).await;
    let answer = answer.ok().and_then(Result::ok);
    let answer = answer.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    match answer.as_deref() {
        Some("yes") => Area::Machine.right(NAME, "the clock is kept right over the network"),
        Some("no") => {
            let help = "`timedatectl set-ntp true`; a wrong clock signs mail that receivers doubt";
            Area::Machine.warning(NAME, "nothing keeps the clock right", help)
        }
        _ => {
            let help = "look that the machine, or the host of the container, keeps its time by NTP";
            Area::Machine.unknown(
                NAME,
                "systemd does not tell whether the clock is kept right",
                help,
            )
        }
    }
}

/// How much room there is where `what` lies.
pub fn disk(what: &str, path: &Path) -> Option<Point> {
    let name = format!("disk of {what}");
    let free = room(path)? / MIB;
    let said = format!("{free} MiB are free");
    Some(if free < LEAST {
        Area::Machine.wrong(name, said, "make room: below 64 MiB nothing is begun")
    } else if free < LITTLE {
        Area::Machine.warning(name, said, "make room before the next issue")
    } else {
        Area::Machine.right(name, said)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::installation::point::Verdict;

    #[test]
    fn a_clock_that_is_behind_what_was_written_is_wrong() {
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
        let verdict = |ahead| clock(now, Some(now + ahead)).verdict;

        assert_eq!(verdict(TimeDelta::minutes(-1)), Verdict::Right);
        assert_eq!(verdict(TimeDelta::minutes(5)), Verdict::Right);
        assert_eq!(verdict(TimeDelta::minutes(6)), Verdict::Wrong);
        assert_eq!(clock(now, None).verdict, Verdict::Right);
    }
}
