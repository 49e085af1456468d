//! A binary mask of the pixels that are ink.

use crate::grey_image::GreyImage;

/// One flag per pixel, in row-major order.
#[derive(Debug, Clone)]
pub(super) struct Mask {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) set: Vec<bool>,
}

impl Mask {
    /// Sets the pixels of at least `level`.
    pub(super) fn from_level(ink: &GreyImage, level: u8) -> Self {
        Self {
            width: ink.width(),
            height: ink.height(),
            set: ink.pixels().iter().map(|&p| p >= level).collect(),
        }
    }

    pub(super) fn at(&self, x: usize, y: usize) -> bool {
        self.set[y * self.width + x]
    }

    /// Max pooling: whether any pixel is set in each `side × side` square.
    pub(super) fn pooled(&self, side: usize) -> Self {
        let (width, height) = (self.width.div_ceil(side), self.height.div_ceil(side));
        let mut set = vec![false; width * height];
        for (y, row) in self.set.chunks_exact(self.width).enumerate() {
            for (x, _) in row.iter().enumerate().filter(|(_, set)| **set) {
                set[(y / side) * width + x / side] = true;
            }
        }
        Self { width, height, set }
    }

    /// Swaps rows and columns.
    pub(super) fn transposed(&self) -> Self {
        let mut set = Vec::with_capacity(self.set.len());
        for x in 0..self.width {
            set.extend((0..self.height).map(|y| self.at(x, y)));
        }
        Self {
            width: self.height,
            height: self.width,
            set,
        }
    }
}
