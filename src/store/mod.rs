//! What happened: subscribers, their consent, issues and deliveries.
//!
//! All SQL is in this room, and only here. A call is one transaction; those of
//! several callers that come together are committed together.

pub mod account;
pub mod course;
pub mod database;
pub mod issues;
pub mod ledger;
pub mod periods;
pub mod plan;
pub mod recovery;
pub mod run_lock;
pub mod sent;
pub mod subscribers;
