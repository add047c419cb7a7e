//! How mails and pages look ([`files`], [`copies`] of them), and their fixed words ([`words`]).

pub mod built_in;
pub mod copies;
pub mod files;
pub mod words;
