//! A greyscale image of any size.

use thiserror::Error;

/// A greyscale image with one byte per pixel, rows from the top. Never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GreyImage {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
}

/// The number of pixels is not width times height, or is zero.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("an image of {width}×{height} pixels does not have {found} bytes")]
pub struct SizeMismatch {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Number of bytes that were given.
    pub found: usize,
}

impl GreyImage {
    /// Makes an image of `[height × width]` bytes.
    ///
    /// # Errors
    /// [`SizeMismatch`] if `pixels` does not have `width · height` bytes, or is empty.
    pub fn new(width: usize, height: usize, pixels: Vec<u8>) -> Result<Self, SizeMismatch> {
        if pixels.is_empty() || width.checked_mul(height) != Some(pixels.len()) {
            return Err(SizeMismatch {
                width,
                height,
                found: pixels.len(),
            });
        }
        Ok(Self {
            width,
            height,
            pixels,
        })
    }

    /// Makes an image whose number of pixels is right, and not zero.
    pub(crate) fn from_pixels(width: usize, height: usize, pixels: Vec<u8>) -> Self {
        debug_assert!(!pixels.is_empty() && width * height == pixels.len());
        Self {
            width,
            height,
            pixels,
        }
    }

    /// Columns.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Rows.
    pub fn height(&self) -> usize {
        self.height
    }

    /// The pixels, `[height × width]`.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// The pixel in column `x` of row `y`. Panics outside the image, like slice indexing.
    pub(crate) fn at(&self, x: usize, y: usize) -> u8 {
        self.pixels[y * self.width + x]
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = &[u8]> {
        self.pixels.chunks_exact(self.width)
    }

    /// Applies `f` to each pixel.
    pub(crate) fn map(&self, f: impl FnMut(u8) -> u8) -> Self {
        Self {
            pixels: self.pixels.iter().copied().map(f).collect(),
            ..*self
        }
    }

    /// Makes an image of a non-zero size by calling `f(column, row)` for each pixel.
    pub(crate) fn from_fn(
        width: usize,
        height: usize,
        mut f: impl FnMut(usize, usize) -> u8,
    ) -> Self {
        let mut pixels = Vec::with_capacity(width * height);
        for y in 0..height {
            for x in 0..width {
                pixels.push(f(x, y));
            }
        }
        Self {
            width,
            height,
            pixels,
        }
    }

    pub(crate) fn histogram(&self) -> [u32; 256] {
        let mut counts = [0; 256];
        for &pixel in &self.pixels {
            counts[usize::from(pixel)] += 1;
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_requires_width_times_height_pixels() {
        assert!(GreyImage::new(2, 3, vec![0; 6]).is_ok());
        for (width, height, found) in [(2, 3, 5), (0, 0, 0), (0, 5, 0), (usize::MAX, 2, 6)] {
            assert!(GreyImage::new(width, height, vec![0; found]).is_err());
        }
    }
}
