//! The images of a run: for training, held out, and shown in snapshots.

use protocol::{RequestError, TrainingSpec};
use rand::seq::SliceRandom;
use vae::{ImageShape, Noise, train::TrainingImages};

/// The most values of the images of a run, as many as a data set may have: 160,000 images of 28×28 grey pixels.
pub(crate) const MAX_VALUES: usize = 160_000 * ImageShape::MNIST.values();
/// The most images that are held out: enough for a standard error of half a nat.
const MAX_HELD_OUT: usize = 1000;
/// The stream of random numbers that decides which images are held out.
const SPLIT: u64 = 1 << 62;

/// Images as a request has them.
pub(crate) struct Images {
    /// The shape of an image.
    pub(crate) shape: ImageShape,
    /// `[n, height, width, channels]`.
    pub(crate) pixels: Vec<u8>,
}

/// The images of a run.
pub(super) struct Data {
    /// The training images.
    pub(super) training: TrainingImages,
    /// The held-out images, `[n, values]` in `[0, 1]`; empty when the share rounds to none.
    pub(super) held_out: Vec<f32>,
    /// For each image, training images first, its index in the order in which they were sent.
    pub(super) indices: Vec<u32>,
    held_out_pixels: Vec<u8>,
}

impl Data {
    /// Splits the images in a random order that depends on the seed only, so that a resumed run holds out
    /// the same images as before.
    ///
    /// # Errors
    /// When there are no images or too many, their shape is beyond the limits, or the held-out share is out of range.
    pub(super) fn new(
        spec: &TrainingSpec,
        Images { shape, pixels }: Images,
    ) -> Result<Self, RequestError> {
        shape.validate().map_err(RequestError::bad_request)?;
        let values = shape.values();
        let count = pixels.len() / values;
        if count == 0 || !pixels.len().is_multiple_of(values) {
            return Err(RequestError::bad_request(format!(
                "there are {} bytes of images; training needs at least one image of {shape}",
                pixels.len()
            )));
        }
        let most = MAX_VALUES / values;
        if count > most {
            return Err(RequestError::bad_request(format!(
                "there are {count} images; training takes at most {most} of {shape}"
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
        let mut shuffled = Vec::with_capacity(pixels.len());
        for &index in &indices {
            shuffled.extend_from_slice(&pixels[index as usize * values..][..values]);
        }
        let mut training = TrainingImages::new(shape, shuffled);
        let held_out = training.split_off(held_out);
        Ok(Self {
            training,
            held_out: held_out.to_floats(),
            indices,
            held_out_pixels: held_out.pixels().to_vec(),
        })
    }

    /// The shape of an image.
    pub(super) fn shape(&self) -> ImageShape {
        self.training.shape()
    }

    /// Number of images held out.
    pub(super) fn held_out_count(&self) -> usize {
        self.held_out.len() / self.shape().values()
    }

    /// Number of training images.
    pub(super) fn training_count(&self) -> usize {
        self.training.len()
    }

    /// Images to be shown beside their reconstructions, held-out ones first: `[count, values]`.
    pub(super) fn examples(&self, count: usize) -> Vec<u8> {
        let all = self.held_out_pixels.iter().chain(self.training.pixels());
        all.take(count * self.shape().values()).copied().collect()
    }

    /// The first images and their indices, for the latent plane.
    pub(super) fn first_images(&self, count: usize) -> (Vec<u8>, &[u32]) {
        let count = count.min(self.indices.len());
        let all = self.training.pixels().iter().chain(&self.held_out_pixels);
        let pixels = all.take(count * self.shape().values()).copied();
        (pixels.collect(), &self.indices[..count])
    }
}
