//! How mails and pages look ([`files`]), and their fixed words ([`words`]).

pub mod files;
pub mod words;
