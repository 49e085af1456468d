//! MNIST's own files, and IDX files of some of their images.

use anyhow::{Context, Result, ensure};
use flate2::read::GzDecoder;
use std::{fs, io::Read, path::Path};

/// The images to train on.
pub(crate) const TRAINING: &str = "train-images-idx3-ubyte.gz";
/// The images to judge by.
pub(crate) const TEST: &str = "t10k-images-idx3-ubyte.gz";

const HEADER: usize = 16;
const PIXELS: usize = 28 * 28;

/// The first `count` images of a file, `[count × 784]`.
pub(crate) fn images(folder: &Path, file: &str, count: usize) -> Result<Vec<u8>> {
    let path = folder.join(file);
    let packed = fs::read(&path).with_context(|| {
        format!(
            "reading {}: `--data` names a folder with MNIST's four files",
            path.display()
        )
    })?;
    let mut bytes = Vec::new();
    GzDecoder::new(packed.as_slice()).read_to_end(&mut bytes)?;
    let end = HEADER + count * PIXELS;
    ensure!(bytes.len() >= end, "{} is too short", path.display());
    Ok(bytes[HEADER..end].to_vec())
}

/// An IDX file of images.
pub(crate) fn idx(images: &[u8]) -> Vec<u8> {
    let sizes = [(images.len() / PIXELS) as u32, 28, 28];
    let header = [0, 0, 8, 3].into_iter();
    header
        .chain(sizes.into_iter().flat_map(u32::to_be_bytes))
        .chain(images.iter().copied())
        .collect()
}
