//! The images of a run: what is trained on, what is held out, and what is shown.

use crate::refusal::Refusal;
use protocol::TrainingSpec;
use rand::seq::SliceRandom;
use vae::{Noise, train::TrainingImages};

/// Height and width of the images that are trained on.
pub(super) const IMAGE: [usize; 2] = [28, 28];
const PIXELS: usize = IMAGE[0] * IMAGE[1];

/// The most images that a run takes: MNIST's own number.
pub(crate) const MAX_IMAGES: usize = 60_000;
/// The most images that are held out: enough for a standard error of half a nat.
const MAX_HELD_OUT: usize = 1000;
/// Below this many images none is held out: each is needed.
const TOO_FEW_TO_HOLD_OUT: usize = 20;
/// The stream of randomness that decides which images are held out.
const SPLIT: u64 = 1 << 62;

/// The images of a run.
pub(super) struct Data {
    /// What is trained on.
    pub(super) training: TrainingImages,
    /// What is held out, as grey values; empty when there are too few images.
    pub(super) held_out: Vec<f32>,
    /// For each image, first those trained on, then those held out: which one it was.
    pub(super) indices: Vec<u32>,
    pixels: Vec<u8>,
    training_count: usize,
}

impl Data {
    /// Splits the images in an order that the spec's seed gives, so that a resumed run holds out
    /// what it held out before.
    pub(super) fn new(spec: &TrainingSpec, images: Vec<u8>) -> Result<Self, Refusal> {
        let count = images.len() / PIXELS;
        if count == 0 || !images.len().is_multiple_of(PIXELS) {
            return Err(Refusal::bad_request(format!(
                "there are {} bytes of images; training needs at least one image of 28×28",
                images.len()
            )));
        }
        if count > MAX_IMAGES {
            return Err(Refusal::bad_request(format!(
                "there are {count} images; training takes at most {MAX_IMAGES}"
            )));
        }
        if !(0.0..=0.5).contains(&spec.held_out_share) {
            return Err(Refusal::bad_request(format!(
                "the held-out share is {}; it must be from 0 to 0.5",
                spec.held_out_share
            )));
        }
        let mut indices: Vec<u32> = (0..count as u32).collect();
        indices.shuffle(Noise::seeded(spec.seed, SPLIT).rng());
        let held_out = if count < TOO_FEW_TO_HOLD_OUT {
            0
        } else {
            ((count as f64 * spec.held_out_share).round() as usize).min(MAX_HELD_OUT)
        };
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

    /// Number of images trained on.
    pub(super) fn training_count(&self) -> usize {
        self.training_count
    }

    /// Digits to be shown beside their reconstructions: held-out ones first.
    pub(super) fn shown(&self, count: usize) -> Vec<u8> {
        let held_out = &self.pixels[self.training_count * PIXELS..];
        let training = &self.pixels[..self.training_count * PIXELS];
        held_out
            .iter()
            .chain(training)
            .take(count * PIXELS)
            .copied()
            .collect()
    }

    /// The first images and which ones they are, to be laid out on the latent plane.
    pub(super) fn spread(&self, count: usize) -> (&[u8], &[u32]) {
        let count = count.min(self.indices.len());
        (&self.pixels[..count * PIXELS], &self.indices[..count])
    }
}
