//! What happened: subscribers, their consent, issues and deliveries.
//!
//! All SQL is in this room, and only here. A call is one transaction; those of
//! several callers that come together are committed together.

pub mod account;
pub mod acts;
pub mod backup;
pub mod bounces;
pub mod claims;
pub mod confirmations;
pub mod consent;
pub mod course;
pub mod database;
pub mod dossier;
pub mod figures;
pub mod forget;
mod forgotten;
pub mod holders;
pub mod identity;
pub mod intake;
pub mod issues;
mod journal;
mod keys;
pub mod ledger;
pub mod notices;
pub mod only;
pub mod pace;
pub mod people;
pub mod periods;
pub mod place;
pub mod plan;
pub mod pulse;
pub mod reconcile;
pub mod recovery;
pub mod requests;
pub mod resolve;
pub mod rotation;
pub mod run_lock;
pub mod sent;
mod sql;
mod sqlite;
pub mod step;
mod store_error;
pub mod subscribers;
mod value;
