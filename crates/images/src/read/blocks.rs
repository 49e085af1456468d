//! Images of one shape in blocks of memory.

/// Size of a block in bytes, about.
const BLOCK_BYTES: usize = 4 << 20;

/// Images of one shape. The blocks have a fixed capacity, so that adding images never copies those that are there, and
/// at most one block is partly used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageBlocks {
    values: usize,
    images_per_block: usize,
    blocks: Vec<Vec<u8>>,
    len: usize,
}

impl ImageBlocks {
    /// No images, each of which will have this many values.
    pub(crate) fn new(values: usize) -> Self {
        Self {
            values,
            images_per_block: (BLOCK_BYTES / values.max(1)).max(1),
            blocks: Vec::new(),
            len: 0,
        }
    }

    /// Number of images.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are no images.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The values of an image; `None` beyond the last.
    pub fn get(&self, index: usize) -> Option<&[u8]> {
        let block = self.blocks.get(index / self.images_per_block)?;
        block
            .get(index % self.images_per_block * self.values..)?
            .get(..self.values)
    }

    /// The images in order.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.blocks
            .iter()
            .flat_map(|block| block.chunks_exact(self.values))
    }

    /// The blocks in order; each holds whole images.
    pub fn into_blocks(self) -> Vec<Vec<u8>> {
        self.blocks
    }

    /// Appends an image.
    pub(crate) fn push(&mut self, image: &[u8]) {
        debug_assert_eq!(image.len(), self.values);
        if self.len.is_multiple_of(self.images_per_block) {
            // The first blocks of a small set grow as needed.
            self.blocks
                .push(Vec::with_capacity(if self.blocks.is_empty() {
                    0
                } else {
                    self.images_per_block * self.values
                }));
        }
        if let Some(block) = self.blocks.last_mut() {
            block.extend_from_slice(image);
            self.len += 1;
        }
    }

    /// Removes all images from this index on.
    pub(crate) fn truncate(&mut self, len: usize) {
        let len = len.min(self.len);
        self.blocks.truncate(len.div_ceil(self.images_per_block));
        if let Some(block) = self.blocks.last_mut() {
            let before = (len - 1) / self.images_per_block * self.images_per_block;
            block.truncate((len - before) * self.values);
        }
        self.len = len;
    }

    /// Changes an image.
    pub(super) fn change(&mut self, index: usize, change: impl Fn(&mut [u8])) {
        let at = index % self.images_per_block * self.values;
        let block = self.blocks.get_mut(index / self.images_per_block);
        if let Some(image) = block.and_then(|block| block.get_mut(at..at + self.values)) {
            change(image);
        }
    }

    /// Replaces each value of the images from this index on.
    pub(crate) fn map_from(&mut self, start: usize, f: impl Fn(u8) -> u8) {
        for index in start..self.len {
            let block = &mut self.blocks[index / self.images_per_block];
            let at = index % self.images_per_block * self.values;
            for value in &mut block[at..at + self.values] {
                *value = f(*value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn image_blocks_keep_their_order_across_blocks() {
        let values = BLOCK_BYTES / 3;
        let mut images = ImageBlocks::new(values);
        for level in 0..8 {
            images.push(&vec![level; values]);
        }
        let firsts = |images: &ImageBlocks| images.iter().map(|i| i[0]).collect::<Vec<_>>();
        assert_eq!(firsts(&images), [0, 1, 2, 3, 4, 5, 6, 7]);
        assert_eq!(images.get(5).map(|image| image[0]), Some(5));
        assert!(images.get(8).is_none());
        images.truncate(4);
        images.map_from(2, |level| 100 + level);
        assert_eq!(firsts(&images), [0, 1, 102, 103]);
        images.push(&vec![9; values]);
        assert_eq!(firsts(&images), [0, 1, 102, 103, 9]);
        images.truncate(0);
        assert!(images.is_empty() && images.get(0).is_none());
        assert_eq!(images.into_blocks().len(), 0);
    }
}
