//! Who subscribed, and who may be written to.

pub mod consent;
pub mod csv;
pub mod recipient;
pub mod suppression;
pub mod token;
