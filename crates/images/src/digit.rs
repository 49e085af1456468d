//! What everything becomes.

/// Rows and columns of a digit, in pixels.
pub const SIDE: usize = 28;

/// A digit, `[28 × 28]` row by row: 0 is the ground, 255 full ink.
pub type Pixels = [u8; SIDE * SIDE];

/// A digit that was found in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// `[28 × 28]`: 0 is the ground, 255 full ink.
    pub pixels: Pixels,
    /// Which digit it is, 0 to 9, where the file says so.
    pub label: Option<u8>,
    /// Where it was found, for people: `photo.jpg`, `train.idx, image 17`, `mine.zip/7/a.png`.
    pub source: String,
}
