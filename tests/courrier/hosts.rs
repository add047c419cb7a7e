//! Workers on hosts with addresses of their own, which are cut off from the servers.

use std::net::Ipv4Addr;
use std::process::Child;
use std::time::{Duration, Instant};

use crate::support::cable::Cable;
use crate::support::mail_server::MailServer;
use crate::support::newsletter::Newsletter;
use crate::support::postgres::database;
use crate::support::rule::{Action, Rule, Verb};
use crate::support::workers::{CONNECTIONS, everybody_has_it, letter_on, the_rest};

/// A host with an address of its own, and its ways to the two servers.
struct Host {
    database: Cable,
    mail: Cable,
    worker: Child,
}

impl Host {
    /// The n-th host, whose worker is at work.
    fn of(
        number: u8,
        letter: &mut Newsletter,
        (database, mail): (&str, u16),
        args: &[&str],
    ) -> Self {
        let address = Ipv4Addr::new(127, 0, 1, number);
        let (before, name) = database.rsplit_once('/').unwrap();
        let port = before.rsplit_once(':').unwrap().1.parse().unwrap();
        let (database, mail) = (Cable::lay(address, port), Cable::lay(address, mail));
        let there = format!("postgres://courrier@{address}:{}/{name}", database.port);
        letter.set("store", "url", &format!("{there:?}"));
        letter.set("smtp", "host", &format!("\"{address}\""));
        letter.set("smtp", "port", &mail.port.to_string());
        let worker = letter.start(args);
        // By then it has read its settings.
        let end = Instant::now() + Duration::from_secs(60);
        while database.connections() == 0 {
            assert!(Instant::now() < end, "host {number} does not connect");
            std::thread::sleep(Duration::from_millis(10));
        }
        Self {
            database,
            mail,
            worker,
        }
    }
}

#[test]
fn hosts_that_are_cut_off_from_the_database_or_the_mail_server_lose_nobody() {
    const HOSTS: u8 = 4;
    const COUNT: usize = 600;
    /// Deliveries that one worker may hold.
    const IN_HAND: usize = 40;
    let Some(database) = database() else { return };
    let server = MailServer::start([Rule::at(
        Verb::Dot,
        Action::Delay(Duration::from_millis(60)),
    )]);
    let mut letter = letter_on(&database, &server, COUNT);
    letter.set("smtp", "timeout_seconds", "2");
    let servers = (database.as_str(), server.port);
    let mut hosts = vec![Host::of(1, &mut letter, servers, &["send"])];
    server.wait_until(|server| server.taken() > 0);
    hosts.extend((2..=HOSTS).map(|n| Host::of(n, &mut letter, servers, &["work", "--once"])));
    letter.set("store", "url", &format!("{database:?}"));
    letter.set("smtp", "host", "\"127.0.0.1\"");
    letter.set("smtp", "port", &server.port.to_string());

    let mut cuts = 0;
    while server.taken() < COUNT / 2 {
        let host = &hosts[cuts % hosts.len()];
        let cable = [&host.database, &host.mail][cuts / hosts.len() % 2];
        cable.cut();
        std::thread::sleep(Duration::from_millis(300 + cuts as u64 % 3 * 1200));
        cable.mend();
        cuts += 1;
    }
    // One that is never heard of again: the others have all but what it holds.
    hosts[0].database.cut();
    server.wait_until(|server| server.taken() > COUNT - usize::from(HOSTS) * IN_HAND);
    for host in &mut hosts {
        host.worker.kill().unwrap();
        host.worker.wait().unwrap();
    }
    the_rest(&letter).ends_with(0);
    assert!(cuts > 1, "it was over too soon");
    let breaks = cuts + 1 + usize::from(HOSTS);
    everybody_has_it(&letter, &server, (COUNT, breaks * CONNECTIONS));
}
