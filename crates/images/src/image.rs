//! The 28×28 image that every reader produces.

/// Rows and columns of an image, in pixels.
pub const SIDE: usize = 28;

/// An image, `[28 × 28]` in row-major order: 0 is background, 255 full ink.
pub type Pixels = [u8; SIDE * SIDE];

/// An image that was extracted from a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtractedImage {
    /// `[28 × 28]`: 0 is background, 255 full ink.
    pub pixels: Pixels,
    /// The class, 0 to 9, if the file states it.
    pub label: Option<u8>,
    /// Where the image comes from, for display: `photo.jpg`, `train.idx, image 17`,
    /// `mine.zip/7/a.png`.
    pub source: String,
}
