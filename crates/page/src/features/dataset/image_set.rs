//! The data set as signals.

use crate::features::dataset::image_list::{ImageList, MAX_IMAGES};
use leptos::prelude::*;

/// The images to train on, as signals.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ImageSet {
    list: StoredValue<ImageList>,
    /// Counts the changes, to notify those that read the list.
    version: RwSignal<u64>,
}

impl ImageSet {
    /// An empty set.
    pub(crate) fn new() -> Self {
        Self {
            list: StoredValue::new(ImageList::default()),
            version: RwSignal::new(0),
        }
    }

    /// Number of images.
    pub(crate) fn count(&self) -> usize {
        self.with(ImageList::len)
    }

    /// All pixels, `[n × 784]`, light ink on a dark ground. Tracks nothing.
    pub(crate) fn pixels(&self) -> Vec<u8> {
        self.list.with_value(|list| list.pixels().to_vec())
    }

    /// The number of changes so far.
    pub(crate) fn version(&self) -> u64 {
        self.version.get()
    }

    /// Reads the list and tracks its changes.
    pub(crate) fn with<T>(&self, read: impl FnOnce(&ImageList) -> T) -> T {
        self.version.track();
        self.list.with_value(read)
    }

    /// Reads the list without tracking its changes.
    pub(crate) fn with_untracked<T>(&self, read: impl FnOnce(&ImageList) -> T) -> T {
        self.list.with_value(read)
    }

    /// Changes the list.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut ImageList) -> T) -> T {
        let result = self
            .list
            .try_update_value(change)
            .expect("the set lives as long as the page");
        self.version.update(|version| *version += 1);
        result
    }

    /// Adds images with their labels.
    ///
    /// # Errors
    ///
    /// When not all of them fit: how many were not added, and what the user can do.
    pub(crate) fn add(&self, pixels: &[u8], labels: &[u8]) -> Result<(), String> {
        all_added(self.change(|list| list.add(pixels, labels)))
    }

    /// Adds images with their labels, in blocks, as one change.
    ///
    /// # Errors
    ///
    /// As for [`add`](Self::add).
    pub(crate) fn add_blocks<'a>(
        &self,
        blocks: impl Iterator<Item = (&'a [u8], &'a [u8])>,
    ) -> Result<(), String> {
        all_added(self.change(|list| list.add_blocks(blocks)))
    }
}

/// An error if images were rejected because the list is full.
fn all_added(rejected: usize) -> Result<(), String> {
    match rejected {
        0 => Ok(()),
        rejected => Err(format!(
            "{rejected} images were not added: a data set has at most {MAX_IMAGES}. Delete some first."
        )),
    }
}
