//! A letter that several processes send together out of one database.

use chrono::{TimeDelta, Utc};

use super::mail_server::MailServer;
use super::newsletter::{Newsletter, readers};
use super::ran::Ran;
use super::received::{copies, copies_are_identical};

/// Connections of each process.
pub const CONNECTIONS: usize = 2;

/// A letter on `database` that is sent in real time.
pub fn letter_on(database: &str, server: &MailServer, count: usize) -> Newsletter {
    let mut letter = Newsletter::with_posts().on(database);
    letter.now = "";
    letter.import(&readers(count));
    letter.send_to(server.port, 10);
    letter.set("smtp", "connections", &CONNECTIONS.to_string());
    letter
}

/// What is left once nobody can hold anything any more.
pub fn the_rest(letter: &Newsletter) -> Ran {
    let later = (Utc::now() + TimeDelta::minutes(20)).to_rfc3339();
    Ran::of(&mut letter.command(&["--now", &later, "work", "--once"]))
}

/// Everybody has the issue, in so few copies.
#[track_caller]
pub fn everybody_has_it(
    letter: &Newsletter,
    server: &MailServer,
    (count, surplus): (usize, usize),
) {
    let received = server.received();
    let copies = copies(&received);
    assert_eq!(copies.len(), count, "somebody is missing, or is a stranger");
    copies_are_identical(&received);
    let more = received.len() - count;
    assert!(more <= surplus, "{more} copies too many, {surplus} allowed");
    let ledger = letter.ledger();
    assert_eq!(ledger.len(), count);
    let left: Vec<_> = ledger
        .iter()
        .filter(|row| row["state"] != "accepted")
        .collect();
    assert!(left.is_empty(), "{left:?}");
}
