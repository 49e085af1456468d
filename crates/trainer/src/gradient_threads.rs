//! Data parallelism on this machine: threads that compute the gradients of a part of each batch.

use std::{
    pin::Pin,
    sync::Arc,
    thread::{self, JoinHandle},
};
use vae::train::{BatchShard, GradientWorker, ShardGradients};

/// The most threads, the caller's included: with more, each has too few images to be worth the sum of its gradients.
const MAX_THREADS: usize = 8;

/// Threads beside the caller's. Each computes the gradients of equally many images.
pub(crate) struct GradientThreads {
    /// Their number, at least one.
    count: usize,
    running: Vec<JoinHandle<Option<ShardGradients>>>,
}

impl GradientThreads {
    /// A thread for each core but the caller's; `None` if there is one core.
    pub(crate) fn on_all_cores() -> Option<Self> {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        Self::new(cores.min(MAX_THREADS) - 1)
    }

    /// This many threads; `None` for zero.
    fn new(count: usize) -> Option<Self> {
        (count > 0).then(|| Self {
            count,
            running: Vec::new(),
        })
    }
}

impl GradientWorker for GradientThreads {
    fn local_images(&self, n: usize) -> usize {
        n.div_ceil(self.count + 1)
    }

    fn begin(&mut self, shard: &BatchShard<'_>) {
        let arrays: Vec<Vec<f32>> = shard.arrays().map(<[f32]>::to_vec).collect();
        let shared = Arc::new((shard.header(), arrays));
        let parts = self.count.min(shard.images());
        self.running = (0..parts)
            .map(|part| {
                let shared = Arc::clone(&shared);
                thread::spawn(move || {
                    let (header, arrays) = &*shared;
                    let shard = BatchShard::from_parts(header, arrays).ok()?;
                    Some(shard.part(part, parts).gradients())
                })
            })
            .collect();
    }

    fn finish(&mut self) -> Pin<Box<dyn Future<Output = Option<ShardGradients>> + '_>> {
        Box::pin(std::future::ready(self.join()))
    }
}

impl GradientThreads {
    /// The sum of the gradients of all threads; `None` if one has failed.
    fn join(&mut self) -> Option<ShardGradients> {
        // All threads are joined, also after one has failed.
        let found: Vec<Option<ShardGradients>> = self
            .running
            .drain(..)
            .map(|thread| thread.join().ok().flatten())
            .collect();
        let mut found = found.into_iter();
        let mut sum = found.next()??;
        for gradients in found {
            sum.add(gradients?);
        }
        Some(sum)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::{Device, read_sync};
    use vae::{
        ConvolutionConfig, ImageShape, KernelPath, Likelihood, Vae, VaeConfig,
        train::{TrainingImages, TrainingRun, TrainingSpec},
    };

    /// −ELBO of each step, with this many threads.
    fn losses(threads: usize) -> Vec<f64> {
        let device = Device::flex();
        let image = ImageShape::color(8, 8);
        let channels = vec![4];
        let convolution = ConvolutionConfig { image, channels };
        let config =
            VaeConfig::convolutional(convolution, vec![8], 2, Likelihood::Gaussian { sigma: 0.3 });
        let model = Vae::init(&config, 1, &device).expect("valid");
        let model = model.with_kernel_path(KernelPath::Fused);
        let spec = TrainingSpec {
            batch: 11,
            learning_rate: 1e-2,
            ramp_steps: 1,
            ..TrainingSpec::default()
        };
        let mut run = TrainingRun::new(spec, &model, &device).expect("valid");
        let pixels = (0..33 * image.values()).map(|i| (i * i % 251) as u8);
        let mut images = TrainingImages::new(image, pixels.collect());
        let mut threads = GradientThreads::new(threads);
        (0..40)
            .map(|_| {
                let step = run.step_with(
                    &mut images,
                    0.0,
                    threads.as_mut().map(|threads| threads as _),
                );
                let report = read_sync(step).expect("trains");
                assert_eq!(report.images, 11);
                report.elbo.neg_elbo()
            })
            .collect()
    }

    #[test]
    fn gradient_threads_agree_with_one_thread() {
        let alone = losses(0);
        assert!(alone[39] < alone[0]);
        // Also more threads than images.
        for threads in [1, 3, 40] {
            let together = losses(threads);
            for (alone, together) in alone.iter().zip(&together) {
                assert!((alone - together).abs() < 1e-3 * alone.abs());
            }
            assert_ne!(alone, together, "the batch was not divided");
        }
    }
}
