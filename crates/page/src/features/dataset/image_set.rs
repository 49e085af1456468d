//! The data set as signals.

use crate::features::dataset::image_list::{ImageId, ImageList, NewImages};
use client::training_client::TrainingImages;
use leptos::{prelude::*, reactive::owner::LocalStorage};
use protocol::ImageShape;
use std::ops::Range;

/// The images to train on, as signals.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ImageSet {
    list: StoredValue<ImageList, LocalStorage>,
    /// Counts the changes, to notify those that read the list.
    version: RwSignal<u64>,
}

impl ImageSet {
    /// An empty set.
    pub(crate) fn new() -> Self {
        Self {
            list: StoredValue::new_local(ImageList::default()),
            version: RwSignal::new(0),
        }
    }

    /// Number of images.
    pub(crate) fn count(&self) -> usize {
        self.with(ImageList::len)
    }

    /// The shape of the images; that of digits while there are none.
    pub(crate) fn shape(&self) -> ImageShape {
        self.with(ImageList::shape)
    }

    /// The names of the classes.
    pub(crate) fn class_names(&self) -> Vec<String> {
        self.with(|list| list.classes().names().to_vec())
    }

    /// The images for a training run. Tracks nothing and copies no pixels.
    pub(crate) fn training_images(&self) -> TrainingImages {
        self.with_untracked(|list| TrainingImages {
            shape: list.shape(),
            parts: list.parts(),
        })
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

    /// Adds digits, `[n × 784]`, with their labels.
    ///
    /// # Errors
    ///
    /// As for [`add_images`](Self::add_images).
    pub(crate) fn add(&self, pixels: &[u8], labels: &[u8]) -> Result<(), String> {
        self.add_images(NewImages::digits(pixels, labels))
    }

    /// Adds images.
    ///
    /// # Errors
    ///
    /// If the set has images of another shape, or not all of them fit: why, and what the user can do.
    pub(crate) fn add_images(&self, images: NewImages) -> Result<(), String> {
        let shape = images.shape;
        match self.change(|list| list.add_images(images)) {
            Ok(rejected) => all_added(rejected, shape),
            Err(_) => Err(self.wrong_shape(shape)),
        }
    }

    /// Replaces the images with these ids by others, which come last.
    ///
    /// # Errors
    ///
    /// As for [`add_images`](Self::add_images).
    pub(crate) fn replace(&self, ids: Range<ImageId>, images: NewImages) -> Result<(), String> {
        let shape = images.shape;
        match self.change(|list| list.replace(ids, images)) {
            Ok(rejected) => all_added(rejected, shape),
            Err(_) => Err(self.wrong_shape(shape)),
        }
    }

    fn wrong_shape(&self, shape: ImageShape) -> String {
        let own = self.with_untracked(ImageList::shape);
        format!(
            "these images are {}, and those of the data set {}: delete all of them first",
            shape_text(shape),
            shape_text(own)
        )
    }
}

/// A shape in words, width first: `28×28 grey`.
pub(crate) fn shape_text(shape: ImageShape) -> String {
    let kind = if shape.is_color() { "colour" } else { "grey" };
    format!("{}×{} {kind}", shape.width, shape.height)
}

/// An error if images were rejected because the list is full.
fn all_added(rejected: usize, shape: ImageShape) -> Result<(), String> {
    match rejected {
        0 => Ok(()),
        rejected => Err(format!(
            "{rejected} images were not added: a data set has at most {} of this size. Delete some first.",
            ImageList::limit(shape)
        )),
    }
}
