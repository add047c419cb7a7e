//! The pages by which people subscribe, choose and leave.
//!
//! | path | GET shows | POST does |
//! |---|---|---|
//! | `/subscribe` | a form | [`join`]: writes a request down; a mail goes out later |
//! | `/confirm/…` | a button | [`confirm`]: subscribes whoever got that mail |
//! | `/agree/…` | a button | [`agree`]: makes an implied consent an express one |
//! | `/unsubscribe/…` | a button | [`leave`]: at once, by one click of a mail program too (RFC 8058) |
//! | `/preferences/…` | what is chosen | [`choose`]: keeps it |
//! | `/stay/…` | | [`leave`]: takes back what was done a moment ago |
//!
//! No GET changes anything, and no answer tells whether an address is known.

pub mod agree;
pub mod choose;
pub mod confirm;
pub mod form;
pub mod join;
pub mod json;
pub mod leave;
pub mod network;
pub mod pages;
pub mod reader;
pub mod reception;
pub mod routes;
pub mod spoken;
pub mod stamp;
pub mod view;
pub mod work;
