//! MNIST with its labels, from IDX files or by burn's own download.

use anyhow::{Context, Result, bail, ensure};
use std::path::{Path, PathBuf};
use vae::train::TrainingImages;

/// A split of MNIST.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Split {
    /// The 60,000 training images.
    Train,
    /// The 10,000 test images, t10k.
    Test,
}

/// Height and width of an image.
pub(crate) const IMAGE: [usize; 2] = [28, 28];

/// Number of classes of MNIST's labels.
pub(crate) const CLASSES: usize = 10;

/// Loads the images and labels of a split from the IDX files in `dir`, gzipped or plain, or without a folder by burn's
/// download.
pub(crate) fn load(dir: Option<&Path>, split: Split) -> Result<TrainingImages> {
    match dir {
        Some(dir) => from_idx(dir, split),
        None => download(split),
    }
}

/// The pixels as a model's input: grey, or binarized with random draws of this seed.
pub(crate) fn pixels(images: &TrainingImages, binarized: bool, seed: u64) -> Vec<f32> {
    if binarized {
        images.to_binary(seed)
    } else {
        images.to_floats()
    }
}

fn from_idx(dir: &Path, split: Split) -> Result<TrainingImages> {
    let stem = match split {
        Split::Train => "train",
        Split::Test => "t10k",
    };
    let (path, bytes) = read(dir, &format!("{stem}-images-idx3-ubyte"))?;
    let images = images::parse_images(&bytes).with_context(|| path.display().to_string())?;
    ensure!(
        [images.height, images.width] == IMAGE,
        "{}: the images have {}×{} pixels, not 28×28",
        path.display(),
        images.height,
        images.width
    );
    let (path, bytes) = read(dir, &format!("{stem}-labels-idx1-ubyte"))?;
    let labels = images::parse_labels(&bytes).with_context(|| path.display().to_string())?;
    labelled(images.pixels, labels).with_context(|| path.display().to_string())
}

/// A file, gzipped or plain, with its path.
fn read(dir: &Path, stem: &str) -> Result<(PathBuf, Vec<u8>)> {
    let path = [format!("{stem}.gz"), stem.to_owned()]
        .iter()
        .map(|name| dir.join(name))
        .find(|path| path.is_file())
        .with_context(|| format!("there is neither {stem}.gz nor {stem} in {}", dir.display()))?;
    let bytes = std::fs::read(&path).with_context(|| format!("can't read {}", path.display()))?;
    Ok((path, bytes))
}

fn labelled(pixels: Vec<u8>, labels: Vec<u8>) -> Result<TrainingImages> {
    if let Some(label) = labels.iter().find(|&&label| usize::from(label) >= CLASSES) {
        bail!(
            "invalid label {label}: labels are from 0 to {}",
            CLASSES - 1
        );
    }
    Ok(TrainingImages::new(IMAGE, pixels).with_labels(labels)?)
}

#[cfg(feature = "download")]
fn download(split: Split) -> Result<TrainingImages> {
    use burn::data::dataset::{Dataset, vision::MnistDataset};
    let dataset = match split {
        Split::Train => MnistDataset::train(),
        Split::Test => MnistDataset::test(),
    };
    // burn gives pixels as floats from 0 to 255.
    let (mut pixels, mut labels) = (Vec::new(), Vec::new());
    for item in dataset.iter() {
        let item = item.context("can't read burn's download; give --data DIR")?;
        pixels.extend(item.image.as_flattened().iter().map(|&pixel| pixel as u8));
        labels.push(item.label);
    }
    ensure!(
        !pixels.is_empty(),
        "the download of MNIST contains no images; give --data DIR"
    );
    labelled(pixels, labels)
}

#[cfg(not(feature = "download"))]
fn download(_: Split) -> Result<TrainingImages> {
    bail!(
        "give --data DIR with the MNIST files (train-images-idx3-ubyte.gz and so on), or build with \
         --features download"
    )
}
