//! Who subscribed, and who may be written to.

pub mod consent;
pub mod entry;
pub mod evidence;
pub mod inbox;
pub mod pass;
pub mod recipient;
pub mod sheet;
pub mod standing;
pub mod suppression;
pub mod term;
pub mod token;
