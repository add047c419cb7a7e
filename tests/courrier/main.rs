//! What courrier promises, tried from outside: the program is run as a person or cron would run it.
//!
//! The mail server, the readers of feeds and the readers of mail are real, or are our own and can be told to misbehave.
//! Where a real one is missing the test says so on stderr; with `COURRIER_TESTS_STRICT=1` (`.ci/run`) it fails.

#![allow(clippy::unwrap_used)]

mod answers;
mod any_input;
mod archives;
mod beginners;
mod bounce_corpus;
mod bounce_mailboxes;
mod bounces;
mod broken_feeds;
mod calendars;
mod checking_documents;
mod checking_mails;
mod checking_posts;
mod checking_servers;
mod command_line;
mod corpora;
mod crash;
mod crash_points;
mod cron_runs;
mod cuts;
mod discovery;
mod due_days;
mod editors;
mod errors;
mod fault_matrix;
mod feeds;
mod fetching;
mod floor_plan;
mod guarding;
mod host_trouble;
mod hostile_posts;
mod hubs;
mod imap_mailboxes;
mod importing_ids;
mod imports;
mod issue_feed;
mod issue_pages;
mod links;
mod mail_server_itself;
mod meetups;
mod message_bodies;
mod messages;
mod newcomer;
mod notes;
mod other_programs;
mod pace;
mod posts;
mod preview_page;
mod previewing;
mod published_feeds;
mod readers;
mod real_feeds;
mod rebuilds;
mod recordings;
mod relays;
mod resolving;
mod restores;
mod schedules;
mod secure_sending;
mod seldom_runs;
mod sending;
mod sendmail;
mod served;
mod serving;
mod shipped_files;
mod signing;
mod source_text;
mod state_graph;
mod subscribers;
mod support;
mod trials;
mod unchanged;
