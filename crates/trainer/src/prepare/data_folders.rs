//! Where a data set is made.

use std::path::PathBuf;

/// The folders of a data set.
pub(crate) struct DataFolders {
    /// `node_modules` of the packages.
    pub(crate) modules: PathBuf,
    /// The images to train on.
    pub(crate) data: PathBuf,
    /// What the page fetches.
    pub(crate) samples: PathBuf,
}
