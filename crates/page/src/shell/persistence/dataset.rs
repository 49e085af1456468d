//! Saves and restores the data set.
//!
//! A small set of digits is one entry, in the format of earlier versions, so that these can read it. Of any other set
//! the pixels are stored block by block, each once: a change writes only the blocks that are new, and the entry that
//! says which images are where, after them.

use crate::features::dataset::image_list::{ImageList, PIXELS, StoredImages};
use crate::features::dataset::image_set::ImageSet;
use crate::features::dataset::image_store::Run;
use crate::features::dataset::label_names::LabelNames;
use crate::shell::persistence::store::{Entry, Store, StoreError, Stored};
use crate::shell::persistence::writer::PersistenceWriter;
use protocol::ImageShape;
use serde::{Deserialize, Serialize};
use std::{cell::RefCell, collections::BTreeMap, rc::Rc, time::Duration};
use worker::Bytes;

/// The name is older than the type.
const NAME: &str = "digits";
/// Precedes the number of a block.
const BLOCK: &str = "digits/";
/// Begins an entry that refers to blocks. In the format of earlier versions it would be the number of images.
const MARK: [u8; 4] = u32::MAX.to_le_bytes();
/// Number of digits up to which a set is one entry.
const MAX_DIGITS: usize = 5_000;
/// The largest number of a block that is read: others follow it.
const MAX_BLOCK: u32 = u32::MAX / 2;
const DELAY: Duration = Duration::from_millis(600);

/// The blocks in the browser's storage.
type Blocks = Rc<RefCell<BTreeMap<u32, BlockState>>>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum BlockState {
    /// It is being written or deleted.
    Changing,
    /// It is stored.
    Stored,
}

/// Says which images are where.
#[derive(Debug, Serialize, Deserialize)]
struct Index {
    shape: ImageShape,
    classes: Vec<String>,
    /// Block, first image in it, number of images.
    runs: Vec<(u32, usize, usize)>,
}

/// Saves the images when they change. `stored` are the numbers of the blocks that [`restore`] has found.
pub(crate) fn watch(writer: &PersistenceWriter, images: ImageSet) -> StoredBlocks {
    let blocks = Blocks::default();
    let written = blocks.clone();
    let found = StoredBlocks(blocks.clone());
    writer.watch_written(
        DELAY,
        move || {
            images.version();
        },
        move || images.with_untracked(|list| entries(list, &mut blocks.borrow_mut())),
        move |entries, is_stored| finish(entries, is_stored, &mut written.borrow_mut()),
    );
    found
}

/// The blocks that are stored.
pub(crate) struct StoredBlocks(Blocks);

/// Restores the images of an earlier visit, before those that were added in the meantime.
pub(crate) async fn restore(
    store: &Store,
    images: ImageSet,
    StoredBlocks(stored): StoredBlocks,
) -> Result<(), StoreError> {
    let Some(entry) = store.get_bytes(NAME).await? else {
        return Ok(());
    };
    let restored = if entry.slice(0..MARK.len()).to_vec() == MARK {
        let Some((index, labels)) = decode_index(&entry.to_vec()) else {
            return Ok(());
        };
        let mut numbers: Vec<u32> = index.runs.iter().map(|run| run.0).collect();
        numbers.sort_unstable();
        numbers.dedup();
        let mut blocks = Vec::new();
        for number in numbers {
            if let Some(bytes) = store.get_bytes(&block_name(number)).await? {
                stored.borrow_mut().insert(number, BlockState::Stored);
                blocks.push((number, bytes));
            }
        }
        Some(stored_images(index, labels, blocks))
    } else {
        decode_digits(&entry)
    };
    if let Some(restored) = restored {
        images.change(|list| list.prepend(restored));
    }
    Ok(())
}

/// The images of an index, in these blocks.
fn stored_images(index: Index, labels: Vec<u8>, blocks: Vec<(u32, Bytes)>) -> StoredImages {
    StoredImages {
        shape: index.shape,
        runs: runs(&index.runs),
        classes: index.classes.into(),
        labels,
        blocks,
    }
}

/// The images of an entry, given the content of every block that it names; `None` if it is damaged.
pub(crate) fn decode(entry: &[u8], block: &Bytes) -> Option<StoredImages> {
    if !entry.starts_with(&MARK) {
        return decode_digits(&entry.into());
    }
    let (index, labels) = decode_index(entry)?;
    let mut numbers: Vec<u32> = index.runs.iter().map(|run| run.0).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let blocks = numbers.into_iter().map(|number| (number, block.clone()));
    let blocks = blocks.collect();
    Some(stored_images(index, labels, blocks))
}

fn block_name(number: u32) -> String {
    format!("{BLOCK}{number}")
}

fn runs(runs: &[(u32, usize, usize)]) -> Vec<Run> {
    let runs = runs.iter();
    runs.map(|&(block, start, count)| Run {
        block,
        start,
        count,
    })
    .collect()
}

/// What to write and to delete so that this list is stored.
fn entries(list: &ImageList, stored: &mut BTreeMap<u32, BlockState>) -> Vec<Entry> {
    let is_one_entry = list.shape() == ImageShape::MNIST
        && list.classes().are_digits()
        && list.len() <= MAX_DIGITS;
    let runs = if is_one_entry {
        Vec::new()
    } else {
        list.store().runs(list.ids())
    };
    let mut entries = Vec::new();
    for block in list.store().blocks() {
        let is_used = runs.iter().any(|run| run.block == block.number);
        if is_used && !stored.contains_key(&block.number) {
            stored.insert(block.number, BlockState::Changing);
            let bytes = Stored::from(block.bytes.clone());
            entries.push((block_name(block.number), Some(bytes)));
        }
    }
    let index = match list.len() {
        0 => None,
        _ if is_one_entry => Some(encode_digits(list)),
        _ => encode_index(list, &runs),
    };
    entries.push((NAME.to_owned(), index.map(Into::into)));
    for (&number, state) in stored {
        if *state == BlockState::Stored && !runs.iter().any(|run| run.block == number) {
            *state = BlockState::Changing;
            entries.push((block_name(number), None));
        }
    }
    entries
}

/// A write has ended.
fn finish(entries: &[Entry], is_stored: bool, blocks: &mut BTreeMap<u32, BlockState>) {
    for (name, bytes) in entries {
        let number = name.strip_prefix(BLOCK).and_then(|text| text.parse().ok());
        let Some(number) = number else { continue };
        // After a failure, a block is written or deleted again with the next change.
        if bytes.is_some() == is_stored {
            blocks.insert(number, BlockState::Stored);
        } else {
            blocks.remove(&number);
        }
    }
}

/// The mark, the length of the JSON (little-endian `u32`), the JSON, the labels.
fn encode_index(list: &ImageList, runs: &[Run]) -> Option<Vec<u8>> {
    let index = Index {
        shape: list.shape(),
        classes: list.classes().names().to_vec(),
        runs: runs
            .iter()
            .map(|run| (run.block, run.start, run.count))
            .collect(),
    };
    let json = serde_json::to_vec(&index).ok()?;
    let length = u32::try_from(json.len()).ok()?.to_le_bytes();
    Some([&MARK, &length[..], &json, list.labels()].concat())
}

/// What [`encode_index`] wrote; `None` for any other bytes.
fn decode_index(bytes: &[u8]) -> Option<(Index, Vec<u8>)> {
    let (length, rest) = bytes.strip_prefix(&MARK)?.split_first_chunk::<4>()?;
    let (json, labels) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
    let index: Index = serde_json::from_slice(json).ok()?;
    let count = index
        .runs
        .iter()
        .try_fold(0_usize, |sum, run| sum.checked_add(run.2))?;
    let is_valid = index.shape.validate().is_ok()
        && count == labels.len()
        && index.runs.iter().all(|run| run.0 <= MAX_BLOCK);
    is_valid.then(|| (index, labels.to_vec()))
}

/// The number of digits (little-endian `u32`), their labels, their pixels.
fn encode_digits(list: &ImageList) -> Vec<u8> {
    let count = list.len() as u32;
    [&count.to_le_bytes(), list.labels(), &list.pixels()].concat()
}

/// What [`encode_digits`] wrote; `None` for any other bytes. Its block is none that is stored.
fn decode_digits(bytes: &Bytes) -> Option<StoredImages> {
    let count = u32::from_le_bytes(bytes.slice(0..4).to_vec().try_into().ok()?) as usize;
    let end = count.checked_add(4)?;
    let pixels = bytes.len().checked_sub(end)?;
    if pixels != count.checked_mul(PIXELS)? {
        return None;
    }
    let run = Run {
        block: 0,
        start: 0,
        count,
    };
    Some(StoredImages {
        shape: ImageShape::MNIST,
        classes: LabelNames::default(),
        labels: bytes.slice(4..end).to_vec(),
        blocks: vec![(0, bytes.slice(end..bytes.len()))],
        runs: vec![run],
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::dataset::image_list::NewImages;

    /// What a store has after these entries were written.
    fn write(store: &mut BTreeMap<String, Vec<u8>>, entries: &[Entry]) {
        for (name, bytes) in entries {
            match bytes {
                Some(bytes) => {
                    let bytes = Bytes::concat(bytes.parts()).to_vec();
                    store.insert(name.clone(), bytes);
                }
                None => {
                    store.remove(name);
                }
            }
        }
    }

    fn color(count: usize, value: u8) -> NewImages {
        let shape = ImageShape::color(32, 32);
        NewImages {
            shape,
            blocks: vec![vec![value; count * shape.values()].into()],
            class_names: vec!["cat".into(), "dog".into()],
            classes: vec![1; count],
        }
    }

    #[test]
    fn dataset_of_digits_decodes_to_what_was_encoded_and_rejects_damage() {
        let mut list = ImageList::default();
        list.add(&[[7; PIXELS], [9; PIXELS]].concat(), &[3, 4]);
        let bytes = encode_digits(&list);
        let stored = decode_digits(&bytes.clone().into()).expect("its own");
        assert_eq!(stored.blocks[0].1.to_vec(), list.pixels());
        assert_eq!(stored.labels, list.labels());
        assert_eq!(decode_digits(&bytes[..bytes.len() - 1].into()), None);
        assert_eq!(decode_digits(&Bytes::from(vec![])), None);
        assert_eq!(decode_digits(&vec![255; 8].into()), None);
    }

    #[test]
    fn dataset_of_the_previous_version_decodes() {
        let stored: &[u8] = include_bytes!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../tests/fixtures/previous-version/digits"
        ));
        let decoded = decode_digits(&stored.into()).expect("its format is still read");
        assert_eq!((NAME, decoded.labels.len()), ("digits", 40));
        assert_eq!(decoded.labels[..4], [255, 1, 2, 255]);
        let mut list = ImageList::default();
        list.prepend(decoded);
        assert_eq!(list.pixels()[6 * 28..][..28], [255; 28]);
        let mut blocks = BTreeMap::new();
        let mut store = BTreeMap::new();
        write(&mut store, &entries(&list, &mut blocks));
        assert_eq!(store["digits"], stored, "earlier versions can read it");
        assert_eq!(store.len(), 1);
    }

    #[test]
    fn dataset_writes_each_block_once_and_deletes_unused_ones() {
        let mut list = ImageList::default();
        list.add_images(color(100, 1)).expect("the first");
        list.add_images(color(200, 2)).expect("the same shape");
        let (mut blocks, mut store) = (BTreeMap::new(), BTreeMap::new());
        let first = entries(&list, &mut blocks);
        let names: Vec<_> = first.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(
            names,
            ["digits/0", "digits/1", "digits"],
            "the index is last"
        );
        write(&mut store, &first);
        finish(&first, true, &mut blocks);

        let gone: std::collections::BTreeSet<_> = list.ids()[..101].iter().copied().collect();
        list.remove(&gone);
        let second = entries(&list, &mut blocks);
        let names: Vec<_> = second.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["digits", "digits/0"]);
        assert_eq!(second[1].1, None);
        write(&mut store, &second);
        finish(&second, true, &mut blocks);

        let (index, labels) = decode_index(&store["digits"]).expect("its own");
        assert_eq!(
            (index.runs.as_slice(), labels.len()),
            (&[(1, 1, 199)][..], 199)
        );
        assert_eq!(index.classes, ["cat", "dog"]);
        let mut restored = ImageList::default();
        restored.prepend(StoredImages {
            shape: index.shape,
            classes: index.classes.into(),
            labels,
            blocks: vec![(1, store["digits/1"].clone().into())],
            runs: runs(&index.runs),
        });
        assert_eq!(restored.pixels(), list.pixels());
        assert_eq!(restored.labels(), list.labels());

        list.undo();
        let third = entries(&list, &mut blocks);
        assert_eq!(third[0].0, "digits/0", "it is written again");
        list.clear();
        let names: Vec<_> = entries(&list, &mut blocks)
            .into_iter()
            .map(|(name, bytes)| (name, bytes.is_some()))
            .collect();
        assert_eq!(
            names,
            [("digits".to_owned(), false), ("digits/1".to_owned(), false)]
        );
    }

    #[test]
    fn dataset_writes_blocks_again_after_a_failure() {
        let mut list = ImageList::default();
        list.add_images(color(1, 1)).expect("the first");
        let mut blocks = BTreeMap::new();
        let failed = entries(&list, &mut blocks);
        assert_eq!(entries(&list, &mut blocks).len(), 1, "it is being written");
        finish(&failed, false, &mut blocks);
        assert_eq!(entries(&list, &mut blocks).len(), 2);
    }

    #[test]
    fn decode_index_rejects_damage() {
        let mut list = ImageList::default();
        list.add_images(color(3, 1)).expect("the first");
        let bytes = encode_index(&list, &list.store().runs(list.ids())).expect("plain data");
        assert!(decode_index(&bytes).is_some());
        for end in 0..bytes.len() {
            assert!(decode_index(&bytes[..end]).is_none(), "{end}");
        }
        assert_eq!(decode_digits(&bytes.into()), None);
    }
}
