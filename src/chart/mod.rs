//! Where things stand in a picture: templates draw them.

pub mod bars;
pub mod frame;
pub mod lines;
