//! The mail server: whether it can be reached and takes this sender, without a message.

use chrono::{DateTime, Utc};

use super::expiry;
use super::point::{Area, Point};
use crate::address::EmailAddress;
use crate::config::login::Login;
use crate::config::relay::Tls;
use crate::mail::connect::Server;
use crate::mail::trouble::{Kind, Trouble};
use crate::mail::visit::{Visit, visit};
use crate::store::ledger::Phase;

/// An issue with pictures of its own would not be more; Gmail cuts its HTML at 102 kB.
const LARGEST: usize = 512 << 10;

/// Everything about `server`, which is known to people as `name`.
pub async fn judge(
    (name, server): (&str, &Server),
    login: Option<&Login>,
    sender: &EmailAddress,
    now: DateTime<Utc>,
) -> Vec<Point> {
    match visit(server, login, sender).await {
        Ok(visit) => points((name, server), login, &visit, now),
        Err(trouble) => vec![refused(name, &trouble)],
    }
}

fn points(
    (name, server): (&str, &Server),
    login: Option<&Login>,
    visit: &Visit,
    now: DateTime<Utc>,
) -> Vec<Point> {
    let area = Area::Mail;
    let way = match server.tls {
        Tls::Implicit => "over TLS",
        Tls::Starttls => "over TLS, by STARTTLS",
        Tls::None => "on this machine, without TLS",
    };
    let mut points = vec![area.right(name, format!("it takes this sender, {way}"))];
    if server.tls != Tls::None {
        points.push(expiry::judge(
            area,
            &server.host,
            visit.certificate.as_deref(),
            now,
        ));
    }
    points.extend(login.map(|login| {
        let said = format!("{} may log in", login.user);
        area.right(format!("login {name}"), said)
    }));
    points.push(size(name, visit.offers.size));
    points
}

fn size(name: &str, size: Option<usize>) -> Point {
    let name = format!("size {name}");
    match size {
        Some(size) if size < LARGEST => {
            let said = format!("it takes messages of {size} octets at most");
            Area::Mail.warning(name, said, "ask it for more: an issue has some 100,000")
        }
        Some(size) => Area::Mail.right(name, format!("it takes messages of {} kB", size / 1000)),
        None => Area::Mail.right(name, "it names no limit for the size of a message"),
    }
}

fn refused(name: &str, trouble: &Trouble) -> Point {
    let help = match (trouble.kind, trouble.why.phase) {
        (Kind::Unreachable, _) => {
            "look at [smtp] host, port and tls, and whether this network lets you out at that port"
        }
        (_, Phase::Auth) => {
            "look at user and password; some providers want a password for each program"
        }
        (_, Phase::Mail) => {
            "let this sender be allowed there: the return path is that of [newsletter] bounces, else of `from`"
        }
        (_, Phase::StartTls) => "set tls = \"implicit\", or have STARTTLS mended there",
        (Kind::Passing, _) => "try again in some minutes",
        _ => "look at [smtp] host and tls; a certificate of your own goes into ca_file",
    };
    Area::Mail.wrong(name, trouble.to_string(), help)
}
