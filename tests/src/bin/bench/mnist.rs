//! Reads MNIST's files.

use anyhow::{Context, Result, ensure};
use flate2::read::GzDecoder;
use std::{fs, io::Read, path::Path};
use tests::images::PIXELS;

/// The training set's images.
pub(crate) const TRAINING: &str = "train-images-idx3-ubyte.gz";
/// The test set's images.
pub(crate) const TEST: &str = "t10k-images-idx3-ubyte.gz";

const HEADER: usize = 16;

/// The first `count` images of a file, `[count × 784]`.
pub(crate) fn images(folder: &Path, file: &str, count: usize) -> Result<Vec<u8>> {
    let path = folder.join(file);
    let packed = fs::read(&path).with_context(|| {
        format!(
            "reading {}: `--data` must be a folder with MNIST's four files",
            path.display()
        )
    })?;
    let mut bytes = Vec::new();
    GzDecoder::new(packed.as_slice()).read_to_end(&mut bytes)?;
    let end = HEADER + count * PIXELS;
    ensure!(bytes.len() >= end, "{} is too short", path.display());
    Ok(bytes[HEADER..end].to_vec())
}
