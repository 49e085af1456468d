//! Drawing by pen, finger or mouse: the strokes, and the surface that shows them.

mod strokes;
mod surface;

pub(crate) use surface::{Drawing, DrawingSurface};
