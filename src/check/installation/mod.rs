//! A whole installation: its files, its mail server, its DNS, its place on the web.

pub mod dmarc;
pub mod expiry;
pub mod files;
pub mod machine;
pub mod mail_server;
pub mod point;
pub mod sending_domain;
pub mod spf;
pub mod website;
