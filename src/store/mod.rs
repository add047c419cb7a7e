//! What happened: subscribers, their consent, issues and deliveries.
//!
//! All SQL is in this room, and only here: one set of it, for a SQLite file or a
//! PostgreSQL server. A call is one transaction; those of several callers that come
//! together are committed together.

pub mod account;
pub mod acts;
pub mod backup;
pub mod bounces;
pub mod breaker;
pub mod claims;
pub mod confirmations;
pub mod consent;
pub mod course;
pub mod database;
pub mod dossier;
mod draft;
pub mod figures;
mod file_line;
pub mod forget;
mod forgotten;
pub mod health;
pub mod identity;
pub mod intake;
pub mod issues;
mod job;
mod journal;
mod keys;
pub mod ledger;
pub mod move_out;
pub mod notices;
pub mod only;
pub mod pace;
pub mod people;
pub mod periods;
pub mod place;
pub mod plan;
pub mod reconcile;
pub mod recovery;
pub mod reminders;
pub mod requests;
pub mod resolve;
pub mod rotation;
mod rows;
pub mod run_lock;
pub mod sent;
mod server;
mod server_line;
mod server_value;
mod session;
mod sql;
mod sql_error;
mod sqlite;
pub mod step;
mod store_error;
pub mod subscribers;
mod upgrade;
mod value;
mod wish;
