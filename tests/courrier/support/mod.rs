//! What the tests stand on: a newsletter in a temporary folder, a mail server that can misbehave, and real programs.

pub mod blog_feeds;
pub mod bounce_mailbox;
pub mod browser;
pub mod certificate;
pub mod counter;
pub mod desk;
pub mod dovecot;
pub mod feed_rules;
pub mod mail;
pub mod mail_server;
pub mod mail_session;
pub mod newsboat;
pub mod newsletter;
pub mod postfix;
pub mod postgres;
pub mod ran;
pub mod real;
pub mod real_server;
pub mod received;
pub mod rule;
pub mod s3;
pub mod serving;
pub mod signature;
pub mod smtp_sink;
pub mod web_server;
pub mod wire;
