//! The images of a run: for training, held out, and shown in snapshots.

use protocol::{RequestError, TrainingSpec};
use rand::seq::SliceRandom;
use vae::{ImageShape, Noise, train::TrainingImages};

/// The shape of the training images.
pub(super) const IMAGE: ImageShape = ImageShape::MNIST;
const PIXELS: usize = IMAGE.values();

/// The most images of a run: the size of MNIST.
pub(crate) const MAX_IMAGES: usize = 160_000;
/// The most images that are held out: enough for a standard error of half a nat.
const MAX_HELD_OUT: usize = 1000;
/// The stream of random numbers that decides which images are held out.
const SPLIT: u64 = 1 << 62;

/// The images of a run.
pub(super) struct Data {
    /// The training images.
    pub(super) training: TrainingImages,
    /// The held-out images, `[n × 784]` in `[0, 1]`; empty when the share rounds to none.
    pub(super) held_out: Vec<f32>,
    /// For each image, training images first, its index in the order in which they were sent.
    pub(super) indices: Vec<u32>,
    pixels: Vec<u8>,
    training_count: usize,
}

impl Data {
    /// Splits the images in a random order that depends on the seed only, so that a resumed run holds out
    /// the same images as before.
    ///
    /// # Errors
    /// When there are no images or too many, or the held-out share is out of range.
    pub(super) fn new(spec: &TrainingSpec, images: Vec<u8>) -> Result<Self, RequestError> {
        let count = images.len() / PIXELS;
        if count == 0 || !images.len().is_multiple_of(PIXELS) {
            return Err(RequestError::bad_request(format!(
                "there are {} bytes of images; training needs at least one image of 28×28",
                images.len()
            )));
        }
        if count > MAX_IMAGES {
            return Err(RequestError::bad_request(format!(
                "there are {count} images; training takes at most {MAX_IMAGES}"
            )));
        }
        if !(0.0..=0.5).contains(&spec.held_out_share) {
            return Err(RequestError::bad_request(format!(
                "the held-out share is {}; it must be from 0 to 0.5",
                spec.held_out_share
            )));
        }
        let mut indices: Vec<u32> = (0..count as u32).collect();
        indices.shuffle(Noise::seeded(spec.seed, SPLIT).rng());
        let held_out = (count as f64 * spec.held_out_share).round() as usize;
        let held_out = held_out.min(MAX_HELD_OUT);
        let shuffled: Vec<u8> = indices
            .iter()
            .flat_map(|&index| &images[index as usize * PIXELS..(index as usize + 1) * PIXELS])
            .copied()
            .collect();
        let mut training = TrainingImages::new(IMAGE, shuffled.clone());
        let held_out = training.split_off(held_out).to_floats();
        Ok(Self {
            training_count: training.len(),
            training,
            held_out,
            indices,
            pixels: shuffled,
        })
    }

    /// Number of images held out.
    pub(super) fn held_out_count(&self) -> usize {
        self.held_out.len() / PIXELS
    }

    /// Number of training images.
    pub(super) fn training_count(&self) -> usize {
        self.training_count
    }

    /// Images to be shown beside their reconstructions, held-out ones first: `[count × 784]`.
    pub(super) fn examples(&self, count: usize) -> Vec<u8> {
        let held_out = &self.pixels[self.training_count * PIXELS..];
        let training = &self.pixels[..self.training_count * PIXELS];
        held_out
            .iter()
            .chain(training)
            .take(count * PIXELS)
            .copied()
            .collect()
    }

    /// The first images and their indices, for the latent plane.
    pub(super) fn first_images(&self, count: usize) -> (&[u8], &[u32]) {
        let count = count.min(self.indices.len());
        (&self.pixels[..count * PIXELS], &self.indices[..count])
    }
}
