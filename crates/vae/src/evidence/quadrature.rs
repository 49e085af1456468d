//! The decoder on a grid of the latent plane, evaluated once per model and used for every image.

use super::{EvidenceError, Exact, LatentGrid, check_image};
use crate::{
    Condition, ExponentialFamily, KernelPath, Likelihood, LikelihoodOps as _, Vae, linear::matmul,
};
use burn::tensor::{Device, Tensor, TensorData};

/// Points per decoder evaluation: 1,024 images of 784 pixels are 3 MB.
const BATCH: usize = 1024;

/// The decoder's output at the points of a grid, in a form that needs one matrix-vector product per image.
///
/// The likelihood must be an [`ExponentialFamily`], log p(x|z) = log p(0|z) + η(z)·x + h(x). So log p(x|z) at all points
/// is a matrix `[points, pixels]` times x.
#[derive(Debug)]
pub struct GridPass {
    grid: LatentGrid,
    likelihood: Likelihood,
    family: ExponentialFamily,
    kernel_path: KernelPath,
    pixels: usize,
    device: Device,
    /// η, `[≤ BATCH, pixels]` each.
    natural_parameter: Vec<Tensor<2>>,
    /// log p(0|z), `[points]`.
    log_prob_zero: Vec<f64>,
}

impl GridPass {
    /// A pass without any points decoded yet.
    ///
    /// # Errors
    /// [`EvidenceError::NotTwoDimensional`] or [`EvidenceError::NotExponentialFamily`].
    pub fn new(model: &Vae, grid: LatentGrid, device: &Device) -> Result<Self, EvidenceError> {
        if model.latent_size() != 2 {
            return Err(EvidenceError::NotTwoDimensional(model.latent_size()));
        }
        let likelihood = model.likelihood;
        Ok(Self {
            grid,
            likelihood,
            family: likelihood
                .exponential_family()
                .ok_or(EvidenceError::NotExponentialFamily(likelihood))?,
            kernel_path: model.kernel_path(),
            pixels: model.input_size(),
            device: device.clone(),
            natural_parameter: Vec::new(),
            log_prob_zero: Vec::new(),
        })
    }

    /// The grid.
    pub fn grid(&self) -> LatentGrid {
        self.grid
    }

    /// Number of decoded points.
    pub fn done(&self) -> usize {
        self.log_prob_zero.len()
    }

    /// Whether all points are decoded.
    pub fn is_done(&self) -> bool {
        self.done() >= self.grid.len()
    }

    /// Decodes the next 1,024 points, so that the caller can do other work in between.
    ///
    /// # Shapes
    /// - `class_weights`: `[classes]`; empty for an unconditional model
    ///
    /// # Errors
    /// [`EvidenceError::Device`].
    pub async fn advance(
        &mut self,
        model: &Vae,
        class_weights: &[f32],
    ) -> Result<(), EvidenceError> {
        let from = self.log_prob_zero.len();
        let to = (from + BATCH).min(self.grid.len());
        let n = to - from;
        if n == 0 {
            return Ok(());
        }
        let z = (from..to)
            .flat_map(|index| self.grid.cell(index).z)
            .map(|value| value as f32)
            .collect();
        let z = Tensor::<2>::from_data(TensorData::new::<f32, _>(z, [n, 2]), &self.device);
        let condition = Condition::shared(class_weights, n, &self.device);
        let output = model.decoder.forward(z, &condition); // [n, pixels]
        let zero = Tensor::zeros([n, self.pixels], &self.device);
        let log_prob_zero = self
            .likelihood
            .log_prob(output.clone(), zero, self.kernel_path);
        self.natural_parameter
            .push(self.family.natural_parameter(output));
        let log_prob_zero = log_prob_zero.into_data_async().await?;
        self.log_prob_zero.extend(log_prob_zero.iter::<f64>());
        Ok(())
    }

    /// log p(x|z) of an image at all points, `[points]`, in nats.
    ///
    /// # Shapes
    /// - `image`: `[pixels]`, from 0 to 1
    ///
    /// # Errors
    /// When the pass is not done, the image does not fit the model, or the device fails.
    pub async fn log_likelihood(&self, image: &[f32]) -> Result<Vec<f64>, EvidenceError> {
        check_image(image, self.pixels)?;
        if !self.is_done() {
            return Err(EvidenceError::IncompleteGrid {
                done: self.log_prob_zero.len(),
                total: self.grid.len(),
            });
        }
        let x = TensorData::new(image.to_vec(), [self.pixels, 1]);
        let x = Tensor::<2>::from_data(x, &self.device);
        let log_base = self.family.log_base(image);
        let mut result = Vec::with_capacity(self.grid.len());
        for natural_parameter in &self.natural_parameter {
            let products = matmul(natural_parameter, &x, self.kernel_path)
                .into_data_async()
                .await?;
            let log_prob_zero = &self.log_prob_zero[result.len()..];
            let all = products.iter::<f64>().zip(log_prob_zero);
            result.extend(all.map(|(product, log_prob_zero)| product + log_prob_zero + log_base));
        }
        Ok(result)
    }

    /// log p(x) of an image and its true posterior p(z|x), by the trapezoidal rule.
    ///
    /// # Shapes
    /// - `image`: `[pixels]`, from 0 to 1
    ///
    /// # Errors
    /// As [`log_likelihood`](Self::log_likelihood).
    pub async fn exact(&self, image: &[f32]) -> Result<Exact, EvidenceError> {
        let mut log_joint = self.log_likelihood(image).await?;
        for (index, value) in log_joint.iter_mut().enumerate() {
            *value += self.grid.cell(index).log_prior();
        }
        Ok(Exact::from_grid(self.grid, log_joint))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Activation, VaeConfig};
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    /// The result of a future that is ready at once, as on a CPU backend.
    pub(in crate::evidence) fn now<T>(future: impl Future<Output = T>) -> T {
        match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(value) => value,
            Poll::Pending => panic!("a CPU backend does not wait"),
        }
    }

    /// The product with the image agrees with the likelihood at each point.
    #[test]
    fn grid_pass_agrees_with_each_likelihood() {
        let device = Device::flex();
        for likelihood in Likelihood::of_each_kind(0.3) {
            let config = VaeConfig {
                input_size: 9,
                convolution: None,
                network: None,
                encoder_hidden: vec![],
                decoder_hidden: vec![7],
                latent_size: 2,
                classes: 0,
                activation: Activation::Tanh,
                likelihood,
            };
            let model = Vae::init(&config, 5, &device).expect("valid");
            let grid = LatentGrid::new(40, 3.0).expect("small");
            if likelihood.exponential_family().is_none() {
                let rejected = GridPass::new(&model, grid, &device).expect_err("no matrix product");
                assert!(rejected.to_string().contains("likelihood"), "{rejected}");
                continue;
            }
            let mut pass = GridPass::new(&model, grid, &device).expect("2-D");
            let image: Vec<f32> = (0..9).map(|i| i as f32 / 8.0).collect();
            assert!(matches!(
                now(pass.log_likelihood(&image)),
                Err(EvidenceError::IncompleteGrid {
                    done: 0,
                    total: 1600
                })
            ));
            while !pass.is_done() {
                now(pass.advance(&model, &[])).expect("decodes");
            }
            let found = now(pass.log_likelihood(&image)).expect("done");
            let z: Vec<f32> = (0..grid.len())
                .flat_map(|index| grid.cell(index).z)
                .map(|value| value as f32)
                .collect();
            let z = Tensor::<2>::from_data(TensorData::new(z, [grid.len(), 2]), &device);
            let output = model.decoder.forward(z, &Condition::none());
            let x = TensorData::new(image.repeat(grid.len()), [grid.len(), 9]);
            let expected =
                likelihood.log_prob(output, Tensor::from_data(x, &device), KernelPath::Reference);
            let expected = expected.into_data();
            for (found, expected) in found.iter().zip(expected.iter::<f64>()) {
                assert!(
                    (found - expected).abs() < 2e-4,
                    "{likelihood}: {found} {expected}"
                );
            }
        }
    }

    #[test]
    fn grid_pass_rejects_invalid_models_images_and_grids() {
        let device = Device::flex();
        let mut config = VaeConfig {
            input_size: 4,
            convolution: None,
            network: None,
            encoder_hidden: vec![],
            decoder_hidden: vec![],
            latent_size: 3,
            classes: 0,
            activation: Activation::Relu,
            likelihood: Likelihood::Bernoulli,
        };
        let grid = LatentGrid::new(8, 6.0).expect("small");
        let deep = Vae::init(&config, 1, &device).expect("valid");
        let rejected = GridPass::new(&deep, grid, &device).expect_err("3-D");
        assert!(rejected.to_string().contains("has 3"), "{rejected}");
        config.latent_size = 2;
        let model = Vae::init(&config, 1, &device).expect("valid");
        let mut pass = GridPass::new(&model, grid, &device).expect("2-D");
        now(pass.advance(&model, &[])).expect("decodes");
        for (image, says) in [
            (vec![0.0; 3], "3 pixels"),
            (vec![0.0, f32::NAN, 0.0, 0.0], "pixel 1 is NaN"),
            (vec![0.0, 0.0, 0.0, 1.5], "pixel 3 is 1.5"),
        ] {
            let rejected = now(pass.exact(&image)).expect_err(says).to_string();
            assert!(rejected.contains(says), "{rejected}");
        }
        let rejected = LatentGrid::new(1001, 6.0).expect_err("large").to_string();
        assert!(rejected.contains("from 8 to 1000"), "{rejected}");
        // An all-black image is valid.
        assert!(now(pass.exact(&[0.0; 4])).expect("black").log_evidence < 0.0);
    }
}
