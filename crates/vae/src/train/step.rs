//! One step of training.

use super::{Adam, GradientWorker};
use crate::{Condition, ElboParts, Vae, cpu};
use burn::tensor::{Device, Tensor, TensorData};
use kernels::step::{Batch, ElboTerms};

/// One training step: samples z = μ + σ⊙ε, computes the gradient of the batch's mean of −log p(x|z) + β·KL, and
/// updates the parameters (Kingma & Welling, algorithm 1 with L = 1).
///
/// Returns the new model and the parts of the ELBO *before* the step. Nothing is read from the device. Read
/// [`ElboParts::summary`] whenever progress is shown, and on a GPU at least every few steps, because submissions have
/// no back-pressure.
///
/// # Shapes
/// - `x`: `[n, input]`
/// - `condition`: `[n, classes]`; empty for an unconditional model
/// - `eps`: `[n, latent]`, standard normal
///
/// # Panics
/// If the model's device does not record gradients.
pub fn train_step(
    mut model: Vae,
    optimizer: &mut Adam,
    x: Tensor<2>,
    condition: &Condition,
    eps: Tensor<2>,
    beta: f64,
    learning_rate: f64,
) -> (Vae, ElboParts) {
    let step = Step {
        x,
        condition,
        eps,
        beta,
        learning_rate,
    };
    let parts = step.run_alone(&mut model, optimizer);
    (model, parts)
}

/// As [`train_step`], with a worker that computes half of the batch, on a CPU backend and for a batch of at least two
/// images. The future must be awaited to its end.
#[expect(
    clippy::too_many_arguments,
    reason = "the arguments of a step, and the worker"
)]
pub async fn train_step_with(
    mut model: Vae,
    optimizer: &mut Adam,
    x: Tensor<2>,
    condition: &Condition,
    eps: Tensor<2>,
    beta: f64,
    learning_rate: f64,
    worker: &mut dyn GradientWorker,
) -> (Vae, ElboParts) {
    let step = Step {
        x,
        condition,
        eps,
        beta,
        learning_rate,
    };
    let parts = step.run(&mut model, optimizer, Some(worker)).await;
    (model, parts)
}

/// The inputs of a step beside the model and its optimizer.
pub(super) struct Step<'a> {
    /// `[n, input]`.
    pub(super) x: Tensor<2>,
    pub(super) condition: &'a Condition,
    /// `[n, latent]`.
    pub(super) eps: Tensor<2>,
    pub(super) beta: f64,
    pub(super) learning_rate: f64,
}

impl Step<'_> {
    /// Runs the step on a model in place: while its tensors are not shared, a CPU backend copies no weights.
    pub(super) async fn run(
        self,
        model: &mut Vae,
        optimizer: &mut Adam,
        worker: Option<&mut dyn GradientWorker>,
    ) -> ElboParts {
        let divisible = cpu::uses_kernels(&self.x, model.kernel_path()) && self.x.dims()[0] > 1;
        let Some(worker) = worker.filter(|_| divisible) else {
            return self.run_alone(model, optimizer);
        };
        let (beta, learning_rate) = (self.beta, self.learning_rate);
        let data = StepData::new(self);
        let batch = data.batch();
        let elbo = optimizer.step_with_worker(model, &batch, beta, learning_rate, worker);
        data.to_tensors(elbo.await)
    }

    fn run_alone(self, model: &mut Vae, optimizer: &mut Adam) -> ElboParts {
        let (beta, learning_rate) = (self.beta, self.learning_rate);
        if cpu::uses_kernels(&self.x, model.kernel_path()) && self.x.dims()[0] > 0 {
            // Without an autodiff graph.
            let data = StepData::new(self);
            let elbo = optimizer.step_on_cpu(model, &data.batch(), beta, learning_rate);
            return data.to_tensors(elbo);
        }
        let parts = model.elbo(self.x, self.condition, self.eps);
        let gradients = parts.loss(beta).backward();
        optimizer.step_in_place(model, gradients, learning_rate);
        parts.inner()
    }
}

/// The values of a step's inputs, in this program's memory.
pub(super) struct StepData {
    device: Device,
    n: usize,
    latent: usize,
    x: TensorData,
    condition: Vec<f32>,
    eps: TensorData,
}

impl StepData {
    pub(super) fn new(step: Step<'_>) -> Self {
        let condition = step.condition.rows();
        Self {
            device: step.x.device().inner(),
            n: step.x.dims()[0],
            latent: step.eps.dims()[1],
            x: step.x.inner().into_data(),
            condition: condition.map_or_else(Vec::new, cpu::to_vec),
            eps: step.eps.inner().into_data(),
        }
    }

    pub(super) fn batch(&self) -> Batch<'_> {
        let n = self.n;
        Batch {
            n,
            loss_images: n,
            x: cpu::as_slice(&self.x),
            condition: &self.condition,
            eps: cpu::as_slice(&self.eps),
        }
    }

    /// Values `[count]` on the step's device.
    pub(super) fn vector(&self, values: Vec<f32>) -> Tensor<1> {
        let count = values.len();
        Tensor::from_data(TensorData::new(values, [count]), &self.device)
    }

    pub(super) fn to_tensors(&self, elbo: ElboTerms) -> ElboParts {
        let (n, latent) = (self.n, self.latent);
        let vector = |values| self.vector(values);
        ElboParts {
            reconstruction: vector(elbo.reconstruction),
            kl: Tensor::from_data(TensorData::new(elbo.kl, [n, latent]), &self.device),
            d_log_scale: (!elbo.d_log_scale.is_empty()).then(|| vector(elbo.d_log_scale)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{BatchShard, ShardGradients};
    use super::*;
    use crate::{Activation, KernelPath, Likelihood, Noise, VaeConfig};
    use futures_lite::future::block_on;
    use std::pin::Pin;

    /// −ELBO of a fixed batch before each of 60 steps, of a model that is conditioned on one of `classes` classes.
    fn run(seed: u64, classes: usize) -> Vec<f64> {
        run_with(seed, classes, KernelPath::Fused, None)
    }

    fn run_with(
        seed: u64,
        classes: usize,
        path: KernelPath,
        mut worker: Option<LocalWorker>,
    ) -> Vec<f64> {
        let device = Device::flex().autodiff();
        let config = VaeConfig {
            input_size: 20,
            convolution: None,
            network: None,
            encoder_hidden: vec![16],
            decoder_hidden: vec![16],
            latent_size: 2,
            classes,
            activation: Activation::Tanh,
            likelihood: Likelihood::Bernoulli,
        };
        let mut model = Vae::init(&config, seed, &device)
            .expect("valid")
            .with_kernel_path(path);
        let mut optimizer = Adam::new(&model);
        let mut noise = Noise::seeded(seed, 0);
        // Two kinds of image, each the other's negative, so that there is something to learn. An odd number of images.
        let pixels = (0..33 * 20)
            .map(|i| if (i / 20 + i) % 2 == 0 { 0.9 } else { 0.1 })
            .collect();
        let x = Tensor::from_data(TensorData::new::<f32, _>(pixels, [33, 20]), &device);
        let labels: Vec<u8> = (0..33).map(|i| i % 2).collect();
        let condition = Condition::of_labels(&labels, classes, &device);
        let mut step = || {
            let step = Step {
                x: x.clone(),
                condition: &condition,
                eps: noise.normal([33, 2], &device),
                beta: 1.0,
                learning_rate: 1e-2,
            };
            let parts = block_on({
                let worker = worker
                    .as_mut()
                    .map(|worker| worker as &mut dyn GradientWorker);
                step.run(&mut model, &mut optimizer, worker)
            });
            assert_eq!(parts.kl.dims(), [33, 2]);
            -parts.elbo().mean().into_scalar::<f64>()
        };
        (0..60).map(|_| step()).collect()
    }

    /// A worker on this thread that serializes shards and gradients as one in another thread would.
    struct LocalWorker {
        /// Shards after which it is lost.
        shards: usize,
        gradients: Option<ShardGradients>,
    }

    impl GradientWorker for LocalWorker {
        fn begin(&mut self, shard: &BatchShard<'_>) {
            self.gradients = None;
            if self.shards > 0 {
                self.shards -= 1;
                let arrays: Vec<Vec<f32>> = shard.arrays().map(<[f32]>::to_vec).collect();
                let shard = BatchShard::from_parts(&shard.header(), &arrays).expect("valid");
                let gradients = shard.gradients();
                let arrays = gradients.arrays().map(<[f32]>::to_vec).collect();
                self.gradients = ShardGradients::from_arrays(arrays);
                assert_eq!(self.gradients, Some(gradients));
            }
        }

        fn finish(&mut self) -> Pin<Box<dyn Future<Output = Option<ShardGradients>> + '_>> {
            Box::pin(std::future::ready(self.gradients.take()))
        }
    }

    #[test]
    fn train_step_with_a_gradient_worker_agrees_with_one_alone() {
        for classes in [0, 2] {
            let with_worker = |shards| {
                let gradients = None;
                run_with(
                    3,
                    classes,
                    KernelPath::Fused,
                    Some(LocalWorker { shards, gradients }),
                )
            };
            let (alone, together) = (run(3, classes), with_worker(60));
            for (step, (alone, together)) in alone.iter().zip(&together).enumerate() {
                let close = (alone - together).abs() < 1e-3;
                assert!(close, "step {step}: {alone} and {together}");
            }
            assert_ne!(alone, together, "the batch was not divided");
            assert_eq!(
                together,
                with_worker(7),
                "losing the worker changed a number"
            );
        }
    }

    #[test]
    fn batch_shard_rejects_invalid_messages() {
        let arrays = vec![vec![0.0_f32]; 4];
        assert!(BatchShard::from_parts("nonsense", &[]).is_err());
        let header = r#"{"encoder_layers":0,"activation":"relu","likelihood":{"kind":"bernoulli"},"beta":1.0,"n":1,"loss_images":2}"#;
        let rejected = BatchShard::from_parts(header, &arrays).expect_err("one array is missing");
        assert!(rejected.to_string().contains("4 arrays"), "{rejected}");
        let rejected = BatchShard::from_parts(header, &arrays[1..]).expect_err("no layers");
        assert!(rejected.to_string().contains("layers"), "{rejected}");
        assert_eq!(ShardGradients::from_arrays(vec![vec![]; 4]), None);
    }

    #[test]
    fn train_step_raises_the_elbo_and_is_deterministic() {
        let first = run(3, 0);
        assert!(
            first[59] < first[0] - 1.0,
            "from {} to {}",
            first[0],
            first[59]
        );
        assert_eq!(first, run(3, 0));
        assert_ne!(first, run(4, 0));
    }

    #[test]
    fn train_step_by_kernels_agrees_with_automatic_differentiation() {
        for classes in [0, 2] {
            let fast = run(3, classes);
            let reference = run_with(3, classes, KernelPath::Reference, None);
            assert_ne!(fast, reference, "the same path was taken twice");
            for (step, (fast, reference)) in fast.iter().zip(&reference).enumerate() {
                let close = (fast - reference).abs() < 1e-3;
                assert!(close, "step {step}: {fast} and {reference}");
            }
        }
    }

    #[test]
    fn train_step_of_a_conditional_model_reaches_a_higher_elbo() {
        let (conditional, unconditional) = (run(3, 2), run(3, 0));
        let [first, last] = [conditional[0], conditional[59]];
        assert!(last < first - 1.0, "from {first} to {last}");
        // Which of two classes an image belongs to is worth log 2 = 0.69 nats.
        let unconditional = unconditional[59];
        assert!(last < unconditional, "{last} and {unconditional}");
    }
}
