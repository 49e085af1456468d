//! Drawing by pen, finger or mouse: the strokes, and the surface that shows them.

pub(crate) mod inks;
mod pointers;
pub(crate) mod strokes;
pub(crate) mod surface;
