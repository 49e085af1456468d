//! The ZIP archive that `torch.save` writes since PyTorch 1.6.

use crate::{CheckpointError, MAX_BYTES, foreign::Foreign, tensor::Storage};
use std::{
    collections::HashMap,
    io::{Cursor, Read},
    sync::Arc,
};
use zip::ZipArchive;

/// Maximum number of entries of the archive.
const MAX_ENTRIES: usize = 100_000;
/// Maximum size of the pickle, in bytes; it contains names and shapes only.
const MAX_PICKLE: u64 = 64 << 20;

/// The archive, the folder in it that PyTorch writes everything to, and the storages read so far.
pub(crate) struct Archive<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    folder: String,
    big_endian: bool,
    storages: HashMap<String, Arc<Vec<u8>>>,
    /// Bytes of the storages read so far.
    total: u64,
}

impl<'a> Archive<'a> {
    pub(crate) fn open(bytes: &'a [u8]) -> Result<Self, CheckpointError> {
        let zip = ZipArchive::new(Cursor::new(bytes))
            .map_err(|error| CheckpointError::Damaged(error.to_string()))?;
        if zip.len() > MAX_ENTRIES {
            return Err(CheckpointError::TooLarge {
                what: "the list of the archive's entries".into(),
                found: zip.len() as u64,
                limit: MAX_ENTRIES as u64,
            });
        }
        let foreign = |kind| Err(CheckpointError::Foreign(kind));
        let Some(folder) = zip
            .file_names()
            .find_map(|name| name.strip_suffix("data.pkl"))
            .filter(|folder| folder.is_empty() || folder.ends_with('/'))
            .map(str::to_owned)
        else {
            let ends_with = |ending: &str| zip.file_names().any(|name| name.ends_with(ending));
            return if ends_with("model.weights.h5") {
                foreign(Foreign::Keras)
            } else if ends_with(".npy") {
                foreign(Foreign::NumPy)
            } else {
                foreign(Foreign::Zip)
            };
        };
        let script = format!("{folder}constants.pkl");
        if zip.file_names().any(|name| name == script) {
            return foreign(Foreign::TorchScript);
        }
        let mut archive = Self {
            zip,
            folder,
            big_endian: false,
            storages: HashMap::new(),
            total: 0,
        };
        archive.big_endian = archive
            .entry("byteorder", 16)
            .is_ok_and(|order| order.trim_ascii() == b"big");
        Ok(archive)
    }

    pub(crate) fn pickle(&mut self) -> Result<Vec<u8>, CheckpointError> {
        self.entry("data.pkl", MAX_PICKLE)
    }

    pub(crate) fn storage(&mut self, key: &str) -> Result<Storage, CheckpointError> {
        let bytes = match self.storages.get(key) {
            Some(bytes) => Arc::clone(bytes),
            None => {
                let left = 2 * MAX_BYTES - self.total;
                let bytes = Arc::new(self.entry(&format!("data/{key}"), left)?);
                self.total += bytes.len() as u64;
                self.storages.insert(key.to_owned(), Arc::clone(&bytes));
                bytes
            }
        };
        Ok(Storage {
            bytes,
            big_endian: self.big_endian,
        })
    }

    fn entry(&mut self, name: &str, limit: u64) -> Result<Vec<u8>, CheckpointError> {
        let entry = self
            .zip
            .by_name(&format!("{}{name}", self.folder))
            .map_err(|_| CheckpointError::Missing(name.to_owned()))?;
        let too_large = |found| CheckpointError::TooLarge {
            what: name.to_owned(),
            found,
            limit,
        };
        if entry.size() > limit {
            return Err(too_large(entry.size()));
        }
        let mut bytes = Vec::new();
        // The declared size may be wrong: never decompress more than the limit.
        entry
            .take(limit + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| CheckpointError::Damaged(error.to_string()))?;
        if bytes.len() as u64 > limit {
            return Err(too_large(bytes.len() as u64));
        }
        Ok(bytes)
    }
}
