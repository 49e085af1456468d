//! Gathering the input of each output position, and the reverse in the backward pass.

use spec::FeatureMap;

/// Square patches at regular positions of a map, with zeros outside the map.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patches {
    /// The map.
    pub(super) map: FeatureMap,
    /// Rows and columns of positions.
    pub(super) positions: [usize; 2],
    /// Rows and columns of a patch.
    pub(super) side: usize,
    /// Rows and columns from one position to the next. The first patch begins one row above and one column to the left
    /// of the map.
    pub(super) stride: usize,
}

impl Patches {
    /// Number of positions.
    pub(super) fn count(&self) -> usize {
        self.positions[0] * self.positions[1]
    }

    /// Values of a patch.
    pub(super) fn size(&self) -> usize {
        self.side * self.side * self.map.channels
    }

    /// Calls `segment(patch, range of the patch, range of the map)` for each row of each patch that is partly inside the
    /// map: values of a row that are adjacent in both.
    #[inline(always)]
    fn for_each_segment(
        &self,
        mut segment: impl FnMut(usize, std::ops::Range<usize>, std::ops::Range<usize>),
    ) {
        let FeatureMap {
            height,
            width,
            channels,
        } = self.map;
        let Self { side, stride, .. } = *self;
        let [rows, columns] = self.positions;
        for y in 0..rows {
            for ky in 0..side {
                let Some(row) = (y * stride + ky).checked_sub(1).filter(|&row| row < height) else {
                    continue;
                };
                for x in 0..columns {
                    // The patch's columns x · stride − 1 + kx that are inside.
                    let first = usize::from(x == 0);
                    let last = (width + 1).saturating_sub(x * stride).min(side);
                    if first >= last {
                        continue;
                    }
                    let from = (row * width + x * stride + first - 1) * channels;
                    let to = (ky * side + first) * channels;
                    let length = (last - first) * channels;
                    segment(y * columns + x, to..to + length, from..from + length);
                }
            }
        }
    }

    /// Gathers the patches of each image, row by row: `[n · count, size]`.
    ///
    /// # Shapes
    /// - `maps`: `[n, map]`
    pub(super) fn gather(&self, maps: &[f32], patches: &mut Vec<f32>) {
        let (size, image_size) = (self.size(), self.count() * self.size());
        let n = maps.len() / self.map.values();
        patches.clear();
        patches.resize(n * image_size, 0.0);
        let images = patches.chunks_exact_mut(image_size);
        for (patches, map) in images.zip(maps.chunks_exact(self.map.values())) {
            self.for_each_segment(|patch, to, from| {
                patches[patch * size..][to].copy_from_slice(&map[from]);
            });
        }
    }

    /// Adds each value of the patches to the value of the map that it was gathered from.
    ///
    /// # Shapes
    /// - `patches`: `[n · count, size]`
    /// - `maps`: `[n, map]`
    pub(super) fn scatter_add(&self, patches: &[f32], maps: &mut [f32]) {
        let (size, image_size) = (self.size(), self.count() * self.size());
        let images = patches.chunks_exact(image_size);
        for (patches, map) in images.zip(maps.chunks_exact_mut(self.map.values())) {
            self.for_each_segment(|patch, to, from| {
                let values = &patches[patch * size..][to];
                for (sum, value) in map[from].iter_mut().zip(values) {
                    *sum += value;
                }
            });
        }
    }
}
