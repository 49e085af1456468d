//! The digits that people have gathered for training.

use crate::features::dataset::image_list::{ImageList, MAX_IMAGES};
use leptos::prelude::*;

/// The set of digits, as signals.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ImageSet {
    list: StoredValue<ImageList>,
    /// Counts the changes: what follows it is drawn anew.
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

    /// Number of digits.
    pub(crate) fn count(&self) -> usize {
        self.with(ImageList::len)
    }

    /// All pixels, `[n × 784]`, light ink on a dark ground. Follows nothing.
    pub(crate) fn pixels(&self) -> Vec<u8> {
        self.list.with_value(|list| list.pixels().to_vec())
    }

    /// Counts the changes.
    pub(crate) fn version(&self) -> u64 {
        self.version.get()
    }

    /// Reads the list, and again after each change.
    pub(crate) fn with<T>(&self, read: impl FnOnce(&ImageList) -> T) -> T {
        self.version.track();
        self.list.with_value(read)
    }

    /// Reads the list once.
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

    /// Adds digits with their labels. When there is no room for all, says so.
    ///
    /// # Errors
    ///
    /// How many were left out, and what can be done.
    pub(crate) fn add(&self, pixels: &[u8], labels: &[u8]) -> Result<(), String> {
        match self.change(|list| list.add(pixels, labels)) {
            0 => Ok(()),
            left_out => Err(format!(
                "{left_out} digits were left out: a set has at most {MAX_IMAGES}. Delete some first."
            )),
        }
    }
}
