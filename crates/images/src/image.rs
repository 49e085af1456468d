//! The 28×28 image that digits become.

/// Rows and columns of a digit's image, in pixels.
pub const SIDE: usize = 28;

/// A digit's image, `[28 × 28]` in row-major order: 0 is background, 255 full ink.
pub type Pixels = [u8; SIDE * SIDE];
