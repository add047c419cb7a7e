//! What one issue holds, why, and how it reads.
//!
//! [`selection`] decides which posts are in, [`grouping`] who sees them and where,
//! [`edition`] fills the sections with [`items`], [`render`] makes HTML and text of them, [`public`] what everybody may read.

pub mod edition;
pub mod grouping;
pub mod items;
pub mod mjml;
pub mod note;
pub mod page;
pub mod public;
pub mod render;
pub mod selection;
pub mod slots;
