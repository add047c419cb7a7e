//! `courrier` turns a folder of posts into feeds and a newsletter.
//!
//! What editors write ([`blog`]) becomes what readers poll ([`feed`]) and what
//! subscribers receive ([`digest`]). What happened is kept ([`store`]).
//! [`mail`] carries, [`commands`] begins. Every import points down, and rooms of
//! one floor do not know each other (`tests/courrier/floor_plan.rs` checks it):
//!
//! | floor | rooms |
//! |---|---|
//! | 6 | [`commands`]: the verbs, one file each; only they see the whole [`config`] |
//! | 5 | [`check`]: what is wrong with posts, feeds, mails and a whole installation, and how to mend it; [`web`]: what `serve` answers, and the editors' preview |
//! | 4 | [`mail`]: builds messages, hands them over, records what came of it |
//! | 3 | [`feed`], [`digest`], [`store`] (all SQL is there), [`publish`] (files) |
//! | 2 | [`config`], [`subscriber`] |
//! | 1 | [`blog`], [`meetup`], [`templates`] (how mails and pages look, and their words) |
//! | 0 | [`problem`], [`address`], [`header_text`], [`issue`], [`key`], [`language`], [`clock`], [`cache`], [`chart`] (pictures), [`fetch`] (HTTP), [`dns`], [`certificate`] |
//!
//! Values, in this order: nobody is written to who did not agree to it; nobody
//! gets an issue twice or is forgotten in silence; an editor always learns file,
//! line and remedy; easy to read; fast.

pub mod address;
pub mod blog;
pub mod cache;
pub mod certificate;
pub mod chart;
pub mod check;
pub mod clock;
pub mod commands;
pub mod config;
pub mod digest;
pub mod dns;
pub mod feed;
pub mod fetch;
pub mod header_text;
pub mod issue;
pub mod key;
pub mod language;
pub mod mail;
pub mod meetup;
pub mod problem;
pub mod publish;
pub mod store;
pub mod subscriber;
pub mod templates;
pub mod web;
