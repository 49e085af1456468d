//! An image of any size, grey or colour.

use crate::grey_image::GreyImage;

/// An image with one byte per value, rows from the top, the channels of a pixel adjacent. Never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raster {
    pub(crate) width: usize,
    pub(crate) height: usize,
    /// 1 or 3.
    pub(crate) channels: usize,
    pub(crate) pixels: Vec<u8>,
}

impl Raster {
    /// Makes an image of `[height × width × channels]` bytes; `None` if there are more or fewer bytes, or neither one
    /// nor three channels.
    pub fn new(width: usize, height: usize, channels: usize, pixels: Vec<u8>) -> Option<Self> {
        let values = width.checked_mul(height)?.checked_mul(channels)?;
        (matches!(channels, 1 | 3) && values == pixels.len() && values > 0).then_some(Self {
            width,
            height,
            channels,
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

    /// 1 for grey, 3 for red, green and blue.
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// The values, `[height × width × channels]`.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// The image in grey.
    pub fn to_grey(&self) -> GreyImage {
        if self.channels == 1 {
            return GreyImage::from_pixels(self.width, self.height, self.pixels.clone());
        }
        let (rgb, _) = self.pixels.as_chunks::<3>();
        let grey = rgb.iter().map(|&[r, g, b]| luma(r, g, b)).collect();
        GreyImage::from_pixels(self.width, self.height, grey)
    }

    /// The image in grey, without a copy if it is grey already.
    pub(crate) fn into_grey(self) -> GreyImage {
        if self.channels == 1 {
            GreyImage::from_pixels(self.width, self.height, self.pixels)
        } else {
            self.to_grey()
        }
    }

    /// Whether some pixel is not grey.
    pub fn has_color(&self) -> bool {
        let (rgb, _) = self.pixels.as_chunks::<3>();
        self.channels == 3 && rgb.iter().any(|[r, g, b]| r != g || g != b)
    }

    /// One channel as an image.
    pub(crate) fn plane(&self, channel: usize) -> GreyImage {
        let values = self.pixels.iter().skip(channel).step_by(self.channels);
        GreyImage::from_pixels(self.width, self.height, values.copied().collect())
    }

    /// Puts channels of one size together.
    pub(crate) fn from_planes(planes: &[GreyImage]) -> Self {
        let (width, height) = (planes[0].width(), planes[0].height());
        let mut pixels = Vec::with_capacity(width * height * planes.len());
        for at in 0..width * height {
            pixels.extend(planes.iter().map(|plane| plane.pixels()[at]));
        }
        Self {
            width,
            height,
            channels: planes.len(),
            pixels,
        }
    }

    /// Applies `f` to each channel.
    pub(crate) fn map_planes(&self, f: impl Fn(&GreyImage) -> GreyImage) -> Self {
        let planes: Vec<GreyImage> = (0..self.channels).map(|c| f(&self.plane(c))).collect();
        Self::from_planes(&planes)
    }

    /// Swaps rows and columns, as EMNIST's images need it.
    pub fn transposed(&self) -> Self {
        self.map_planes(|plane| {
            GreyImage::from_fn(plane.height(), plane.width(), |x, y| plane.at(y, x))
        })
    }

    /// Dark becomes light. The hue of colours changes, too.
    pub fn inverted(&self) -> Self {
        Self {
            pixels: self.pixels.iter().map(|value| 255 - value).collect(),
            ..*self
        }
    }
}

/// Luma with the weights of Rec. 601, in 8-bit fixed point.
pub(crate) fn luma(r: u8, g: u8, b: u8) -> u8 {
    ((u32::from(r) * 77 + u32::from(g) * 150 + u32::from(b) * 29) >> 8) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raster_converts_to_grey_and_transposes() {
        let colour = Raster::new(2, 1, 3, vec![255, 255, 255, 0, 0, 0]).expect("2×1");
        assert_eq!(colour.to_grey().pixels(), [255, 0]);
        let tall = colour.transposed();
        assert_eq!((tall.width, tall.height), (1, 2));
        assert_eq!(tall.pixels(), colour.pixels());
        assert_eq!(colour.inverted().pixels(), [0, 0, 0, 255, 255, 255]);
        assert_eq!(
            Raster::from_planes(&[0, 1, 2].map(|c| colour.plane(c))),
            colour
        );
        assert!(Raster::new(2, 2, 2, vec![0; 8]).is_none());
        assert!(Raster::new(2, 2, 1, vec![0; 5]).is_none());
    }
}
