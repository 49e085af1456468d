//! The card of a data set that the page fetches: where it comes from, and what its labels mean.

use anyhow::{Context, Result};
use serde::Serialize;
use std::{fs, path::Path};

/// The JSON beside a data set's files.
#[derive(Debug, Serialize)]
pub(crate) struct DatasetCard {
    /// The data set's name: the start of its files' names.
    pub(crate) name: &'static str,
    /// What a person reads in a list.
    pub(crate) title: String,
    /// The file of images, beside the card.
    pub(crate) images: String,
    /// The file of labels, beside the card.
    pub(crate) labels: String,
    /// Sum of both files' sizes in bytes.
    pub(crate) bytes: usize,
    /// Number of images.
    pub(crate) count: usize,
    /// `[height, width]` of grey images, `[height, width, 3]` of images in colour.
    pub(crate) image: Vec<usize>,
    /// The name of each label.
    pub(crate) class_names: Vec<String>,
    /// Where the images come from.
    pub(crate) source: String,
    /// Their licences.
    pub(crate) licence: String,
    /// The list of all fonts or drawings, beside the card.
    pub(crate) list: String,
    /// How the images were made.
    pub(crate) preparation: String,
    /// The command that makes them.
    pub(crate) command: String,
}

impl DatasetCard {
    /// Writes the card into `folder` as `NAME.json`.
    pub(crate) fn write(&self, folder: &Path) -> Result<()> {
        let path = folder.join(format!("{}.json", self.name));
        let text = serde_json::to_string_pretty(self)? + "\n";
        fs::write(&path, text).with_context(|| format!("can't write {}", path.display()))
    }
}
