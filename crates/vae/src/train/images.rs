//! The training images.

use super::{TrainingSpec, binarize, shift_images, warp_images};
use crate::Noise;
use burn::tensor::{Device, Tensor, TensorData};
use rand::seq::SliceRandom;
use spec::ImageShape;
use thiserror::Error;

/// Images as bytes, which take a quarter of the memory of floats. In a grey image 0 is background, 255 full ink.
#[derive(Debug, Clone)]
pub struct TrainingImages {
    shape: ImageShape,
    pixels: Vec<u8>,
    /// One per image, or empty.
    labels: Vec<u8>,
    /// A cached epoch and its order of images, a function of seed and epoch.
    order: Option<(u64, Vec<u32>)>,
}

/// The numbers of labels and images differ.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("there are {labels} labels for {images} images")]
pub struct LabelCountError {
    /// Number of images.
    pub images: usize,
    /// Number of labels.
    pub labels: usize,
}

impl TrainingImages {
    /// Images of one shape in bytes, `[n, height, width, channels]`; an incomplete last image is ignored.
    pub fn new(shape: ImageShape, mut pixels: Vec<u8>) -> Self {
        let each = shape.values().max(1);
        pixels.truncate(pixels.len() / each * each);
        Self {
            shape,
            pixels,
            labels: Vec::new(),
            order: None,
        }
    }

    /// The same images with a label for each.
    ///
    /// # Errors
    /// [`LabelCountError`].
    pub fn with_labels(self, labels: Vec<u8>) -> Result<Self, LabelCountError> {
        let images = self.len();
        if labels.len() == images {
            Ok(Self { labels, ..self })
        } else {
            Err(LabelCountError {
                images,
                labels: labels.len(),
            })
        }
    }

    /// The label of each image, or empty.
    pub fn labels(&self) -> &[u8] {
        &self.labels
    }

    pub(super) fn has_labels(&self) -> bool {
        !self.labels.is_empty()
    }

    /// The shape of an image.
    pub fn shape(&self) -> ImageShape {
        self.shape
    }

    /// All images, `[n, height, width, channels]`.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// Number of images.
    pub fn len(&self) -> usize {
        self.pixels.len() / self.shape.values().max(1)
    }

    /// Whether there are no images.
    pub fn is_empty(&self) -> bool {
        self.pixels.is_empty()
    }

    /// Splits off the last `count` images, which are held out.
    pub fn split_off(&mut self, count: usize) -> Self {
        let each = self.shape.values();
        let at = self.len().saturating_sub(count);
        self.order = None;
        Self {
            shape: self.shape,
            pixels: self.pixels.split_off(at * each),
            labels: self.labels.split_off(at.min(self.labels.len())),
            order: None,
        }
    }

    /// All images as values in `[0, 1]`: `[n, height, width, channels]`.
    pub fn to_floats(&self) -> Vec<f32> {
        self.pixels.iter().map(|&byte| grey(byte)).collect()
    }

    /// All images binarized with random draws of this seed, `[n, height, width, channels]`.
    pub fn to_binary(&self, seed: u64) -> Vec<f32> {
        let mut pixels = self.to_floats();
        binarize(&mut pixels, Noise::seeded(seed, BINARIZATION_STREAM).rng());
        pixels
    }

    /// The batch of step `step`, augmented according to the settings at `progress` of the run, from 0 to 1. Each step has its
    /// own random stream, so that a resumed run gets the same batches.
    ///
    /// # Shapes
    /// - result: `[batch, height × width × channels]`, and labels `[batch]` or empty
    pub(crate) fn batch(
        &mut self,
        config: &TrainingSpec,
        (step, progress): (u64, f64),
        noise: &mut Noise,
        device: &Device,
    ) -> (Tensor<2>, Vec<u8>) {
        let each = self.shape.values();
        let batch = config.batch.min(self.len());
        let mut pixels = Vec::with_capacity(batch * each);
        let mut labels = Vec::new();
        let first = step * batch as u64;
        for position in first..first + batch as u64 {
            let image = self.image_at(config.seed, position);
            labels.extend(self.labels.get(image));
            pixels.extend(
                self.pixels[image * each..(image + 1) * each]
                    .iter()
                    .map(|&byte| grey(byte)),
            );
        }
        if progress < config.augmented_until {
            let rng = noise.rng();
            warp_images(&mut pixels, self.shape, config.warp_share, rng);
            shift_images(
                &mut pixels,
                self.shape,
                config.shift,
                config.shift_share,
                rng,
            );
        }
        if config.binarize {
            binarize(&mut pixels, noise.rng());
        }
        let x = Tensor::from_data(TensorData::new(pixels, [batch, each]), device);
        (x, labels)
    }

    /// The index of the image at a position of the infinite sequence of shuffled epochs.
    fn image_at(&mut self, seed: u64, position: u64) -> usize {
        let count = self.len() as u64;
        let epoch = position / count;
        if self.order.as_ref().is_none_or(|(of, _)| *of != epoch) {
            let mut order: Vec<u32> = (0..count as u32).collect();
            order.shuffle(Noise::seeded(seed, EPOCH_STREAMS | epoch).rng());
            self.order = Some((epoch, order));
        }
        let order = self.order.as_ref().map(|(_, order)| order);
        order.map_or(0, |order| order[(position % count) as usize] as usize)
    }
}

/// Random streams from this index on belong to epochs, those below to steps.
const EPOCH_STREAMS: u64 = 1 << 63;
/// The random stream that binarizes a fixed set of images; far above those of steps.
const BINARIZATION_STREAM: u64 = EPOCH_STREAMS - 1;

fn grey(byte: u8) -> f32 {
    f32::from(byte) / 255.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn training_images_shuffle_each_epoch_differently() {
        let mut images = TrainingImages::new(ImageShape::grey(1, 1), (0..10).collect());
        let mut epoch = |number: u64| -> Vec<usize> {
            (number * 10..number * 10 + 10)
                .map(|position| images.image_at(3, position))
                .collect()
        };
        let (first, second) = (epoch(0), epoch(1));
        assert_ne!(first, second);
        assert_eq!(first, epoch(0));
        for mut order in [first, second] {
            order.sort_unstable();
            assert_eq!(order, (0..10).collect::<Vec<_>>());
        }
    }

    #[test]
    fn training_images_split_off_the_last_images() {
        let mut images =
            TrainingImages::new(ImageShape::grey(1, 2), vec![0, 0, 51, 51, 255, 255, 9]);
        assert_eq!(images.len(), 3, "an incomplete image is ignored");
        let held_out = images.split_off(1);
        assert_eq!((images.len(), held_out.len()), (2, 1));
        assert_eq!(held_out.to_floats(), [1.0, 1.0]);
        assert_eq!(images.to_floats()[2], 0.2);
    }

    #[test]
    fn training_images_keep_labels_with_their_images() {
        let device = Device::flex();
        let config = TrainingSpec {
            batch: 4,
            learning_rate: 1e-3,
            ramp_steps: 0,
            final_share: 1.0,
            beta: 1.0,
            warm_up_steps: 0,
            learn_sigma: false,
            shift: 0,
            shift_share: 0.0,
            warp_share: 0.0,
            binarize: false,
            augmented_until: 1.0,
            weight_decay: 0.0,
            average_decay: 0.0,
            seed: 5,
            ..TrainingSpec::default()
        };
        let images = TrainingImages::new(ImageShape::grey(1, 1), (0..10).collect());
        let error = images.clone().with_labels(vec![0; 9]).expect_err("too few");
        assert_eq!(error.to_string(), "there are 9 labels for 10 images");
        let mut images = images.with_labels((0..10).collect()).expect("as many");
        let held_out = images.split_off(3);
        assert_eq!(held_out.labels(), [7, 8, 9]);
        for step in 0..5 {
            let mut noise = Noise::seeded(5, step);
            let (x, labels) = images.batch(&config, (step, 0.0), &mut noise, &device);
            let pixels: Vec<f32> = x.into_data().iter().collect();
            let of_labels: Vec<f32> = labels.iter().map(|&label| grey(label)).collect();
            assert_eq!((pixels, labels.len()), (of_labels, 4));
        }
    }
}
