//! Seeded standard normal noise, the same on every backend.

use burn::tensor::{Device, Tensor, TensorData};
use rand::{SeedableRng, rngs::StdRng};
use rand_distr::{Distribution, StandardNormal};

/// A stream of standard normal samples: the ε of z = μ + σ⊙ε, or z from the prior.
///
/// They are generated on the CPU, so that a seed gives the same run on every backend.
#[derive(Debug)]
pub struct Noise {
    rng: StdRng,
}

impl Noise {
    /// The stream with this index for a seed. Streams are independent. A training run uses one per step and per epoch, so
    /// that a resumed run continues with the same samples.
    pub fn seeded(seed: u64, stream: u64) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8..16].copy_from_slice(&stream.to_le_bytes());
        Self {
            rng: StdRng::from_seed(key),
        }
    }

    /// `[n, d]` independent samples of N(0, 1).
    pub fn normal(&mut self, [n, d]: [usize; 2], device: &Device) -> Tensor<2> {
        Tensor::from_data(TensorData::new(self.values(n * d), [n, d]), device)
    }

    /// `n` independent samples of N(0, 1), on the CPU.
    pub fn values(&mut self, n: usize) -> Vec<f32> {
        (0..n)
            .map(|_| StandardNormal.sample(&mut self.rng))
            .collect()
    }

    /// The underlying generator, for shuffling and augmentation.
    pub fn rng(&mut self) -> &mut StdRng {
        &mut self.rng
    }
}
