//! What is wrong, where, which readers care, and the remedy.
//!
//! A family of rules is a file: its table of rules first ([`finding`] says what
//! stands in a row), the functions that look for each below it.

pub mod atom;
pub mod catalogue;
pub mod common;
pub mod document;
pub mod finding;
pub mod html;
pub mod http;
pub mod installation;
pub mod json;
pub mod mail;
pub mod media;
pub mod opml;
pub mod page;
pub mod post;
pub mod rss;
pub mod tree;
pub mod xml;
