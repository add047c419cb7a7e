//! What courrier answers over HTTP.
//!
//! [`service`] is what `courrier serve` answers to everybody: the files of a build,
//! and the pages of subscriptions. [`server`] has the connections, [`front`] what
//! holds for every answer. [`preview`] is the editors' own page, for this machine alone.

pub mod client;
pub mod crowd;
pub mod files;
pub mod front;
pub mod listener;
pub mod metrics;
pub mod notify;
pub mod patient;
pub mod preview;
pub mod room;
pub mod server;
pub mod service;
pub mod subscriptions;
