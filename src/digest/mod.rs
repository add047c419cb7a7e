//! What one issue holds, why, and how it reads.
//!
//! [`selection`] decides which posts are in, [`edition`] fills the sections,
//! [`render`] makes HTML and text of them, [`public`] what everybody may read.

pub mod edition;
pub mod note;
pub mod page;
pub mod public;
pub mod render;
pub mod selection;
pub mod slots;
