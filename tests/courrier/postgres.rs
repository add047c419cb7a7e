//! A store on a real PostgreSQL, and several processes that send one issue together.

use std::process::{Child, Command};
use std::time::{Duration, Instant};

use crate::support::certificate::Certificate;
use crate::support::mail_server::MailServer;
use crate::support::newsletter::{Newsletter, ON_POSTGRES};
use crate::support::postgres::{Postgres, database};
use crate::support::ran::Ran;
use crate::support::rule::{Action, Rule, Verb};
use crate::support::workers::{CONNECTIONS, everybody_has_it, letter_on, the_rest};

/// Tests of this binary that are run once more with each store on PostgreSQL.
const MAIN_FLOWS: &[&str] = &[
    "sending::",
    "consent::",
    "subscribers::",
    "bounces::",
    "complaints::",
    "schedules::",
    "editors::",
    "resolving::",
    "pace::",
];
/// What of them opens the file by itself, counts on a clock of a second, or on a run
/// that was killed being over: on a server it may live on another host.
const NOT_THERE: &[&str] = &[
    "errors::",
    "the_issue_under_way_does_not_reach_who_leaves",
    "a_run_ends_when_the_time_comes",
    "an_issue_that_was_changed_in_the_store",
    "a_run_that_was_killed_does_not_begin_it_anew",
    "sixteen_planners_without_a_lock",
];

fn ended(worker: &mut Child) -> bool {
    worker.try_wait().unwrap().is_some()
}

fn signal(worker: &Child, name: &str) {
    let sent = Command::new("kill")
        .args([&format!("-{name}"), &worker.id().to_string()])
        .status();
    assert!(sent.unwrap().success());
}

#[test]
fn the_main_flows_run_on_postgresql_too() {
    if database().is_none() || std::env::var_os(ON_POSTGRES).is_some() {
        return;
    }
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(MAIN_FLOWS).args(["--test-threads", "2"]);
    for name in NOT_THERE {
        command.args(["--skip", name]);
    }
    let ended = command.env(ON_POSTGRES, "1").output().unwrap();
    let told = String::from_utf8_lossy(&ended.stdout);
    assert!(ended.status.success(), "{told}");
}

#[test]
fn two_who_plan_at_once_make_one_issue() {
    let Some(database) = database() else { return };
    let server = MailServer::start([]);
    let letter = letter_on(&database, &server, 5);
    let plans: Vec<Child> = (0..4).map(|_| letter.start(&["send"])).collect();
    for plan in plans {
        plan.wait_with_output().unwrap();
    }
    the_rest(&letter).ends_with(0);
    everybody_has_it(&letter, &server, (5, 0));
}

#[test]
fn workers_share_an_issue_and_nobody_has_it_twice() {
    let Some(database) = database() else { return };
    let server = MailServer::start([]);
    let letter = letter_on(&database, &server, 400);
    let first = letter.start(&["send"]);
    server.wait_until(|server| server.taken() > 0);
    let workers: Vec<Child> = (0..3).map(|_| letter.start(&["work", "--once"])).collect();
    let mut shares = 0;
    for worker in workers {
        let told = Ran::from(worker.wait_with_output().unwrap())
            .ends_with(0)
            .stdout;
        shares += usize::from(!told.contains("handed over 0"));
    }
    first.wait_with_output().unwrap();
    assert!(shares > 0, "no worker had a share");
    everybody_has_it(&letter, &server, (400, 0));
}

#[test]
fn nobody_is_lost_though_workers_the_database_and_the_mail_server_die_again_and_again() {
    let Some(mut postgres) = Postgres::start() else {
        return;
    };
    let count = std::env::var("COURRIER_TESTS_WORKERS_READERS");
    let count = count.map_or(1000, |count| count.parse().unwrap());
    let server = MailServer::start([]);
    let letter = letter_on(&postgres.database(), &server, count);
    let mut workers = vec![letter.start(&["send"])];
    server.wait_until(|server| server.taken() > 0);
    workers.extend((0..3).map(|_| letter.start(&["work", "--once"])));
    let (mut kills, mut round) = (0, 0);
    let end = Instant::now() + Duration::from_secs(count as u64 / 20);
    while server.taken() + 4 * 40 < count && Instant::now() < end {
        std::thread::sleep(Duration::from_millis(100 + round as u64 * 37 % 300));
        let at = round % workers.len();
        match round % 7 {
            0 | 3 | 5 => {
                workers[at].kill().unwrap();
                workers[at].wait().unwrap();
                kills += 1;
                workers[at] = letter.start(&["work", "--once"]);
            }
            1 if !ended(&mut workers[at]) => {
                signal(&workers[at], "STOP");
                std::thread::sleep(Duration::from_millis(300));
                signal(&workers[at], "CONT");
            }
            2 => postgres.crash_and_come_back(),
            4 => server.change_rules([Rule::at(Verb::Data, Action::HangUp).once()]),
            6 => postgres.restart(),
            _ => {}
        }
        round += 1;
    }
    for mut worker in workers {
        worker.kill().unwrap();
        worker.wait().unwrap();
        kills += 1;
    }
    assert!(round > 5, "it was over too soon");
    for _ in 0..5 {
        if the_rest(&letter).code == Some(0) {
            break;
        }
    }
    everybody_has_it(&letter, &server, (count, kills * CONNECTIONS));
}

#[test]
fn a_database_that_is_spread_over_hosts_keeps_them_apart_by_itself() {
    let Some(database) = database() else { return };
    let server = MailServer::start([]);
    let mut letter = letter_on(&database, &server, 150);
    letter.set("store", "spread", "true");
    let first = letter.start(&["send"]);
    server.wait_until(|server| server.taken() > 0);
    let workers: Vec<Child> = (0..3).map(|_| letter.start(&["work", "--once"])).collect();
    for worker in workers {
        Ran::from(worker.wait_with_output().unwrap()).ends_with(0);
    }
    first.wait_with_output().unwrap();
    everybody_has_it(&letter, &server, (150, 0));
}

#[test]
fn a_worker_that_waits_for_a_mail_server_ends_as_soon_as_it_is_asked_to() {
    let Some(database) = database() else { return };
    let server = MailServer::start([Rule::at(Verb::Rcpt, Action::Reply("451 4.7.1 later"))]);
    let mut letter = letter_on(&database, &server, 3);
    letter.run(&["send"]).ends_with(75);
    letter.set("smtp", "timeout_seconds", "300");
    server.change_rules([Rule::at(Verb::Ehlo, Action::Silence)]);
    let heard = server.commands().len();
    let worker = letter.start(&["work"]);
    server.wait_until(|server| server.commands().len() > heard);

    let asked = Instant::now();
    signal(&worker, "TERM");
    let told = Ran::from(worker.wait_with_output().unwrap()).ends_with(0);

    assert!(asked.elapsed() < Duration::from_secs(20), "{told:?}");
    told.tells(&["handed over 0 messages"]);
    assert_eq!(letter.ledger().len(), 3);
}

#[test]
fn a_worker_that_stands_still_for_too_long_finds_its_deliveries_in_other_hands() {
    let Some(database) = database() else { return };
    let server = MailServer::start([]);
    let letter = letter_on(&database, &server, 100);
    let frozen = letter.start(&["send"]);
    server.wait_until(|server| server.taken() > 10);
    signal(&frozen, "STOP");
    let had = server.taken();

    the_rest(&letter).ends_with(0);
    everybody_has_it(&letter, &server, (100, CONNECTIONS));
    assert!(had < 100, "it was through before it stood still");

    let before = server.taken();
    signal(&frozen, "CONT");
    let told = Ran::from(frozen.wait_with_output().unwrap());
    assert!(matches!(told.code, Some(0 | 75)), "{told:?}");
    assert!(server.taken() - before <= CONNECTIONS, "it sent on");
}

#[test]
fn a_clock_that_is_an_hour_off_changes_nothing() {
    let (Some(database), Some(faketime)) = (database(), crate::support::real::program("faketime"))
    else {
        return;
    };
    let server = MailServer::start([]);
    let mut letter = letter_on(&database, &server, 90);
    letter.set("smtp", "per_minute", "600");
    let off = |by: &str, args: &[&str]| {
        let command = letter.command(args);
        let mut fake = Command::new(&faketime);
        fake.args(["-f", by])
            .env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        fake.arg(command.get_program()).args(command.get_args());
        fake.current_dir(command.get_current_dir().unwrap());
        fake.envs(
            command
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        );
        fake.stdout(std::process::Stdio::piped()).spawn().unwrap()
    };
    let begun = Instant::now();
    let first = letter.start(&["send"]);
    server.wait_until(|server| server.taken() > 0);
    let ahead = off("+1h", &["work", "--once"]);
    let behind = off("-1h", &["work", "--once"]);
    for worker in [ahead, behind] {
        Ran::from(worker.wait_with_output().unwrap()).ends_with(0);
    }
    first.wait_with_output().unwrap();

    everybody_has_it(&letter, &server, (90, 0));
    // Sixty at once and ten a second, for all together.
    assert!(
        begun.elapsed() > Duration::from_millis(2500),
        "the pace was not kept"
    );
}

#[test]
fn a_store_of_a_newer_courrier_is_refused() {
    let Some(postgres) = Postgres::start() else {
        return;
    };
    let database = postgres.database();
    let letter = Newsletter::with_posts().on(&database);
    letter.run(&["status"]).ends_with(0);
    let name = database.rsplit('/').next().unwrap();
    postgres.ask(name, "UPDATE schema_version SET version = 999");

    letter
        .run(&["status"])
        .ends_with(78)
        .complains_of(&["made by a newer courrier"]);
}

#[test]
fn over_a_network_the_server_proves_its_name_and_courrier_knows_the_password() {
    let certificate = Certificate::for_loopback();
    let Some(postgres) = Postgres::with(Some(&certificate)) else {
        return;
    };
    let database = postgres.database();
    postgres.ask_for("hush hush");
    let mut letter = Newsletter::with_posts().on(&format!("{database}?sslmode=verify-full"));

    let refused = letter.run(&["status"]);
    refused.ends_with(74).complains_of(&["certificate"]);

    letter.write("ca.pem", &certificate.pem);
    letter.set("store", "ca_file", "\"ca.pem\"");
    letter.set("store", "password_file", "\"password\"");
    letter.write("password", "hush\n");
    letter.chmod("password", 0o600);
    let refused = letter.run(&["status"]);
    refused.ends_with(74).complains_of(&["28P01"]);

    letter.write("password", "hush hush\n");
    letter.run(&["status"]).ends_with(0);
    let plain = letter.on(&format!("{database}?sslmode=disable"));
    plain
        .run(&["status"])
        .ends_with(74)
        .complains_of(&["pg_hba.conf"]);
}

#[test]
fn a_password_in_the_address_is_refused() {
    let mut letter = Newsletter::with_posts();
    let url = "\"postgres://courrier:secret@127.0.0.1/courrier\"";
    letter.set("store", "url", url);

    letter
        .run(&["status"])
        .ends_with(78)
        .complains_of(&["no secret stands in an address"]);
}

#[test]
fn a_server_that_is_not_there_is_named() {
    let mut letter = Newsletter::with_posts();
    letter.set(
        "store",
        "url",
        "\"postgres://courrier@127.0.0.1:1/courrier\"",
    );

    letter
        .run(&["status"])
        .ends_with(74)
        .complains_of(&["postgres://courrier@127.0.0.1:1/courrier cannot be opened"]);
}

#[test]
fn work_wants_a_store_on_a_server() {
    Newsletter::with_posts()
        .run(&["work"])
        .ends_with(78)
        .complains_of(&["a store in a file is for one process at a time"]);
}
