//! Data sets with their labels: from IDX files, or MNIST by burn's own download.

use anyhow::{Context, Result, bail, ensure};
use flate2::read::GzDecoder;
use serde::{Deserialize, Serialize};
use std::{
    io::Read as _,
    path::{Path, PathBuf},
};
use vae::{ImageShape, train::TrainingImages};

/// A split of a data set.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Split {
    /// The training images; of MNIST, 60,000.
    Train,
    /// The test images; of MNIST, the 10,000 of t10k.
    Test,
}

/// What a card says of a data set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DatasetInfo {
    /// Name, authors and licence.
    pub(crate) name: String,
    /// The shape of an image.
    pub(crate) image: ImageShape,
    /// The name of the test set.
    pub(crate) test: String,
    /// The name of each label, or empty for labels that are numbers.
    #[serde(default)]
    pub(crate) class_names: Vec<String>,
}

impl Default for DatasetInfo {
    /// MNIST.
    fn default() -> Self {
        Self {
            name: "MNIST, Yann LeCun and Corinna Cortes, CC BY-SA 3.0".into(),
            image: ImageShape::MNIST,
            test: "MNIST t10k".into(),
            class_names: Vec::new(),
        }
    }
}

impl DatasetInfo {
    /// The letters that `trainer prepare letters` makes.
    pub(crate) fn letters() -> Self {
        Self {
            name: "Capitals of 386 typefaces, open fonts under the OFL 1.1 or the Apache License 2.0, listed in \
                   samples/letters-families.tsv"
                .into(),
            image: ImageShape::grey(28, 28),
            test: "letters of 49 other typefaces".into(),
            class_names: ('A'..='Z').map(String::from).collect(),
        }
    }

    /// The emoji that `trainer prepare emoji` makes.
    pub(crate) fn emoji() -> Self {
        Self {
            name: "Fluent Emoji Flat by Microsoft (MIT), Noto Emoji by Google (Apache License 2.0) and Twemoji by Twitter \
                   and contributors (CC BY 4.0)"
                .into(),
            image: ImageShape::color(32, 32),
            test: "emoji of other subjects, in the same three styles".into(),
            class_names: EMOJI_CATEGORIES.map(String::from).to_vec(),
        }
    }
}

/// The categories of emoji that Unicode defines, in alphabetical order.
const EMOJI_CATEGORIES: [&str; 9] = [
    "Activities",
    "Animals & Nature",
    "Flags",
    "Food & Drink",
    "Objects",
    "People & Body",
    "Smileys & Emotion",
    "Symbols",
    "Travel & Places",
];

/// Number of classes of MNIST's labels.
pub(crate) const CLASSES: usize = 10;

/// The most classes of a data set's labels.
const MAX_CLASSES: usize = 200;

/// The number of classes of these labels: one more than the largest.
pub(crate) fn classes(labels: &[u8]) -> usize {
    let largest = labels.iter().max().copied();
    largest.map_or(0, |label| usize::from(label) + 1)
}

/// Loads a split from the IDX files in `dir`, gzipped or plain, or MNIST without a folder by burn's download.
///
/// The files have the names of MNIST's: `train-images-idx3-ubyte.gz` and `train-labels-idx1-ubyte.gz` for training,
/// `t10k-…` for the test. Images in colour, `[n, height, width, 3]`, have `idx4` in their name. The labels may be missing.
pub(crate) fn load(dir: Option<&Path>, split: Split, image: ImageShape) -> Result<TrainingImages> {
    match dir {
        Some(dir) => from_idx(dir, split, image),
        None if image == ImageShape::MNIST => download(split),
        None => bail!("give --data DIR with the images"),
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

fn from_idx(dir: &Path, split: Split, image: ImageShape) -> Result<TrainingImages> {
    let stem = match split {
        Split::Train => "train",
        Split::Test => "t10k",
    };
    let axes = if image.is_color() { 4 } else { 3 };
    let file = format!("{stem}-images-idx{axes}-ubyte");
    let (path, bytes) = read(dir, &file)?
        .with_context(|| format!("there is neither {file}.gz nor {file} in {}", dir.display()))?;
    let images = parse_idx(&bytes, image).with_context(|| path.display().to_string())?;
    match read(dir, &format!("{stem}-labels-idx1-ubyte"))? {
        Some((path, bytes)) => {
            let labels = images::parse_labels(&bytes);
            let labels = labels.with_context(|| path.display().to_string())?;
            labelled(images, labels).with_context(|| path.display().to_string())
        }
        None => Ok(images),
    }
}

/// A file, gzipped or plain, with its path; `None` if there is none.
fn read(dir: &Path, stem: &str) -> Result<Option<(PathBuf, Vec<u8>)>> {
    let paths = [format!("{stem}.gz"), stem.to_owned()].map(|name| dir.join(name));
    let Some(path) = paths.into_iter().find(|path| path.is_file()) else {
        return Ok(None);
    };
    let bytes = std::fs::read(&path).with_context(|| format!("can't read {}", path.display()))?;
    Ok(Some((path, bytes)))
}

/// An IDX file of bytes with the axes `[n, height, width]`, or `[n, height, width, 3]` for colour; gzipped or plain.
fn parse_idx(bytes: &[u8], image: ImageShape) -> Result<TrainingImages> {
    let mut plain = Vec::new();
    let bytes = match bytes {
        [0x1f, 0x8b, ..] => {
            GzDecoder::new(bytes).read_to_end(&mut plain)?;
            &plain
        }
        _ => bytes,
    };
    // The first axis, the number of images, may have any size.
    let each: Vec<usize> = match image.channels {
        1 => vec![image.height, image.width],
        channels => vec![image.height, image.width, channels],
    };
    let (magic, rest) = bytes
        .split_first_chunk::<4>()
        .context("the file is too short")?;
    ensure!(
        *magic == [0, 0, 8, 1 + each.len() as u8],
        "this is not an IDX file of bytes with {} axes (it starts with {magic:02x?})",
        1 + each.len()
    );
    let (sizes, pixels) = rest
        .split_at_checked(4 * (1 + each.len()))
        .context("the header is too short")?;
    let (sizes, _) = sizes.as_chunks::<4>();
    let sizes: Vec<usize> = sizes
        .iter()
        .map(|size| u32::from_be_bytes(*size) as usize)
        .collect();
    ensure!(
        sizes[1..] == each,
        "the images have the shape {:?}, not {each:?}",
        &sizes[1..]
    );
    ensure!(
        pixels.len() == sizes.iter().product::<usize>(),
        "the header declares {} images, but {} bytes of pixels follow",
        sizes[0],
        pixels.len()
    );
    Ok(TrainingImages::new(image, pixels.to_vec()))
}

fn labelled(images: TrainingImages, labels: Vec<u8>) -> Result<TrainingImages> {
    if let Some(label) = labels
        .iter()
        .find(|&&label| usize::from(label) >= MAX_CLASSES)
    {
        bail!("invalid label {label}: there are at most {MAX_CLASSES} classes");
    }
    Ok(images.with_labels(labels)?)
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
    labelled(TrainingImages::new(ImageShape::MNIST, pixels), labels)
}

#[cfg(not(feature = "download"))]
fn download(_: Split) -> Result<TrainingImages> {
    bail!(
        "give --data DIR with the MNIST files (train-images-idx3-ubyte.gz and so on), or build with \
         --features download"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parse_idx_reads_grey_and_colour_images_of_the_expected_shape() {
        let file = |axes: &[u32], pixels: usize| -> Vec<u8> {
            let magic = [0, 0, 8, axes.len() as u8];
            let sizes = axes.iter().flat_map(|size| size.to_be_bytes());
            let pixels = (0..pixels).map(|i| i as u8);
            magic.into_iter().chain(sizes).chain(pixels).collect()
        };
        let color = ImageShape::color(2, 3);
        let read = parse_idx(&file(&[2, 2, 3, 3], 36), color).expect("two images");
        assert_eq!((read.len(), read.shape()), (2, color));
        assert_eq!(read.to_floats()[35], 35.0 / 255.0);
        let grey = ImageShape::grey(4, 2);
        assert_eq!(
            parse_idx(&file(&[3, 4, 2], 24), grey).expect("three").len(),
            3
        );
        for (bytes, says) in [
            (file(&[2, 2, 3, 3], 35), "35 bytes"),
            (file(&[2, 3, 2, 3], 36), "shape"),
            (file(&[2, 2, 3], 12), "4 axes"),
            (b"PK".to_vec(), "too short"),
        ] {
            let error = parse_idx(&bytes, color).expect_err(says).to_string();
            assert!(error.contains(says), "{error}");
        }
    }
}
