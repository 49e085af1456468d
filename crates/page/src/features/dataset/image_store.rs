//! The pixels of images, in blocks outside of the page's own memory.

use crate::features::dataset::image_list::ImageId;
use std::collections::BTreeSet;
use worker::Bytes;

/// Blocks up to this size, in bytes, are merged with the images that follow: a set of drawings would otherwise have a
/// block for each.
const MERGE_BYTES: usize = 256 << 10;

/// Pixels by the images' ids. Blocks are never changed, so that a training run or the browser's storage can share them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ImageStore {
    /// In ascending order of their ids.
    blocks: Vec<Block>,
    /// The number of the next block.
    next_number: u32,
}

/// Pixels of images with consecutive ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Block {
    /// Its number, by which it is stored.
    pub(crate) number: u32,
    /// The id of the first image.
    first: u32,
    /// Number of values of each image.
    values: usize,
    /// `[n × values]`.
    pub(crate) bytes: Bytes,
}

/// Images that are adjacent in a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Run {
    /// The number of the block.
    pub(crate) block: u32,
    /// The index of the first image in the block.
    pub(crate) start: usize,
    /// Number of images.
    pub(crate) count: usize,
}

impl Block {
    fn count(&self) -> usize {
        self.bytes.len() / self.values.max(1)
    }

    fn end(&self) -> u32 {
        self.first + self.count() as u32
    }

    fn part(&self, start: usize, count: usize) -> Bytes {
        self.bytes
            .slice(start * self.values..(start + count) * self.values)
    }
}

impl ImageStore {
    /// Adds whole images of this many values, whose ids follow each other from `first` on and are above all others.
    pub(crate) fn push(&mut self, first: u32, values: usize, bytes: Bytes) {
        let number = self.next_number;
        self.next_number += 1;
        if let Some(last) = self.blocks.last_mut()
            && (last.values, last.end()) == (values, first)
            && last.bytes.len() + bytes.len() <= MERGE_BYTES
        {
            *last = Block {
                number,
                bytes: Bytes::concat(&[last.bytes.clone(), bytes]),
                ..*last
            };
            return;
        }
        self.blocks.push(Block {
            number,
            first,
            values,
            bytes,
        });
    }

    /// Adds a block that is stored under a number. The blocks so far get numbers above it.
    pub(crate) fn push_stored(&mut self, number: u32, first: u32, values: usize, bytes: Bytes) {
        self.next_number = self.next_number.max(number + 1);
        for block in &mut self.blocks {
            if block.number == number {
                block.number = self.next_number;
                self.next_number += 1;
            }
        }
        self.blocks.push(Block {
            number,
            first,
            values,
            bytes,
        });
    }

    /// The pixels of an image.
    pub(crate) fn get(&self, ImageId(id): ImageId) -> Option<Bytes> {
        let block = self.block_of(id)?;
        Some(block.part((id - block.first) as usize, 1))
    }

    /// The pixels of images, in order, in as few parts as possible. They share the store's memory.
    pub(crate) fn parts(&self, ids: &[ImageId]) -> Vec<Bytes> {
        let parts = self.runs_with_blocks(ids).into_iter();
        parts
            .map(|(block, run)| block.part(run.start, run.count))
            .collect()
    }

    /// Where images are, in order.
    pub(crate) fn runs(&self, ids: &[ImageId]) -> Vec<Run> {
        let runs = self.runs_with_blocks(ids).into_iter();
        runs.map(|(_, run)| run).collect()
    }

    /// All blocks.
    pub(crate) fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// Size of all blocks, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.blocks.iter().map(|block| block.bytes.len()).sum()
    }

    /// Frees the blocks that have none of these images.
    pub(crate) fn retain(&mut self, used: impl Iterator<Item = ImageId>) {
        let mut numbers = BTreeSet::new();
        let mut last: Option<&Block> = None;
        for ImageId(id) in used {
            if last.is_none_or(|block| !(block.first..block.end()).contains(&id)) {
                last = self.block_of(id);
                numbers.extend(last.map(|block| block.number));
            }
        }
        self.blocks.retain(|block| numbers.contains(&block.number));
    }

    fn block_of(&self, id: u32) -> Option<&Block> {
        let after = self.blocks.partition_point(|block| block.first <= id);
        let block = self.blocks.get(after.checked_sub(1)?)?;
        (id < block.end()).then_some(block)
    }

    fn runs_with_blocks(&self, ids: &[ImageId]) -> Vec<(&Block, Run)> {
        let mut runs: Vec<(&Block, Run)> = Vec::new();
        for &ImageId(id) in ids {
            if let Some((block, run)) = runs.last_mut()
                && id < block.end()
                && id as usize == block.first as usize + run.start + run.count
            {
                run.count += 1;
            } else if let Some(block) = self.block_of(id) {
                let run = Run {
                    block: block.number,
                    start: (id - block.first) as usize,
                    count: 1,
                };
                runs.push((block, run));
            }
        }
        runs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(value: u8, images: usize) -> Bytes {
        Bytes::from(vec![value; images * 4])
    }

    fn ids(ids: impl IntoIterator<Item = u32>) -> Vec<ImageId> {
        ids.into_iter().map(ImageId).collect()
    }

    #[test]
    fn image_store_merges_small_blocks_and_finds_images() {
        let mut store = ImageStore::default();
        store.push(0, 4, bytes(1, 2));
        store.push(2, 4, bytes(2, 1));
        store.push(3, 2, bytes(3, 1));
        assert_eq!(store.blocks().len(), 2, "another size is another block");
        let image = |id| store.get(ImageId(id)).map(|bytes| bytes.to_vec());
        assert_eq!(image(1), Some(vec![1; 4]));
        assert_eq!(image(2), Some(vec![2; 4]));
        assert_eq!(image(4), Some(vec![3; 2]));
        assert_eq!(image(5), None);
        let parts = store.parts(&ids([0, 1, 4, 2]));
        let lengths: Vec<_> = parts.iter().map(Bytes::len).collect();
        assert_eq!(lengths, [8, 2, 4]);
    }

    #[test]
    fn image_store_frees_blocks_without_images() {
        let mut store = ImageStore::default();
        store.push(0, 4, bytes(1, MERGE_BYTES / 4));
        store.push(65_536, 4, bytes(2, 3));
        store.retain(ids([65_537]).into_iter());
        assert_eq!(store.bytes(), 12);
        assert!(store.get(ImageId(0)).is_none());
        store.retain(std::iter::empty());
        assert!(store.blocks().is_empty());
    }

    #[test]
    fn image_store_keeps_the_numbers_of_stored_blocks() {
        let mut store = ImageStore::default();
        store.push(0, 4, bytes(1, 1));
        store.push_stored(0, 1, 4, bytes(2, 1));
        store.push_stored(5, 2, 4, bytes(3, 1));
        let runs = store.runs(&ids([1, 2, 0]));
        let numbers: Vec<_> = runs.iter().map(|run| run.block).collect();
        assert_eq!(numbers, [0, 5, 1]);
        store.push(9, 4, bytes(4, 1));
        assert_eq!(store.runs(&ids([9]))[0].block, 6);
    }
}
