//! A grey picture of any size.

use thiserror::Error;

/// A grey picture: rows from the top, one byte a pixel. Never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grey {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
}

/// The pixels are not as many as width times height, or there are none.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("a picture of {width}×{height} pixels can't be made of {found} bytes")]
pub struct WrongSize {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Bytes found.
    pub found: usize,
}

impl Grey {
    /// A picture of `[height × width]` bytes.
    ///
    /// # Errors
    /// [`WrongSize`] when there are more or fewer pixels, or none.
    pub fn new(width: usize, height: usize, pixels: Vec<u8>) -> Result<Self, WrongSize> {
        if pixels.is_empty() || width.checked_mul(height) != Some(pixels.len()) {
            return Err(WrongSize {
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

    /// Columns.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Rows.
    pub fn height(&self) -> usize {
        self.height
    }

    /// `[height × width]`.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// The pixel in column `x` of row `y`. Panics outside the picture, as slices do.
    pub(crate) fn at(&self, x: usize, y: usize) -> u8 {
        self.pixels[y * self.width + x]
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = &[u8]> {
        self.pixels.chunks_exact(self.width)
    }

    /// The same size, each pixel through `f`.
    pub(crate) fn map(&self, f: impl FnMut(u8) -> u8) -> Self {
        Self {
            pixels: self.pixels.iter().copied().map(f).collect(),
            ..*self
        }
    }

    /// Any size that is not empty, each pixel from its column and row.
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
    fn holds_as_many_pixels_as_it_says() {
        assert!(Grey::new(2, 3, vec![0; 6]).is_ok());
        for (width, height, found) in [(2, 3, 5), (0, 0, 0), (0, 5, 0), (usize::MAX, 2, 6)] {
            assert!(Grey::new(width, height, vec![0; found]).is_err());
        }
    }
}
