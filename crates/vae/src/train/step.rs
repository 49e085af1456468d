//! One step of training.

use super::{Adam, Helper};
use crate::{
    Condition, ElboParts, Vae,
    host::{
        self,
        training::{Batch, Parts},
    },
};
use burn::tensor::{Device, Tensor, TensorData};

/// One step: z = μ + σ⊙ε, the gradient of −reconstruction + β·KL averaged over the batch, and an
/// update by the optimizer (Kingma & Welling, algorithm 1 with L = 1).
///
/// Gives the new model and the parts of the ELBO *before* the step. Nothing is read from the
/// device: read [`ElboParts::summary`] as often as people want to see it, and on a GPU at least
/// every few steps, since submissions have no back-pressure.
///
/// # Shapes
/// - `x`: `[n, input]`
/// - `condition`: `[n, classes]`, none for a model without
/// - `eps`: `[n, latent]`, standard normal
///
/// # Panics
/// If the model's device does no automatic differentiation.
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
    let parts = step.make_alone(&mut model, optimizer);
    (model, parts)
}

/// As [`train_step`], with a helper that computes half of the batch, where numbers lie in this program's memory
/// and the batch can be divided. To be awaited to its end.
#[expect(clippy::too_many_arguments, reason = "those of a step, and the helper")]
pub async fn train_step_with(
    mut model: Vae,
    optimizer: &mut Adam,
    x: Tensor<2>,
    condition: &Condition,
    eps: Tensor<2>,
    beta: f64,
    learning_rate: f64,
    helper: &mut impl Helper,
) -> (Vae, ElboParts) {
    let step = Step {
        x,
        condition,
        eps,
        beta,
        learning_rate,
    };
    let parts = step.make(&mut model, optimizer, Some(helper)).await;
    (model, parts)
}

/// What a step is made of, beside the model and its optimizer.
pub(super) struct Step<'a> {
    /// `[n, input]`
    pub(super) x: Tensor<2>,
    pub(super) condition: &'a Condition,
    /// `[n, latent]`
    pub(super) eps: Tensor<2>,
    pub(super) beta: f64,
    pub(super) learning_rate: f64,
}

impl Step<'_> {
    /// Makes it, of a model that is changed in its place: where nobody else has its weights, a CPU backend
    /// copies none.
    pub(super) async fn make(
        self,
        model: &mut Vae,
        optimizer: &mut Adam,
        helper: Option<&mut impl Helper>,
    ) -> ElboParts {
        let divisible = host::is_fast_for(&self.x) && self.x.dims()[0] > 1;
        let Some(helper) = helper.filter(|_| divisible) else {
            return self.make_alone(model, optimizer);
        };
        let (beta, learning_rate) = (self.beta, self.learning_rate);
        let held = Held::of(self);
        let batch = held.batch();
        let parts = optimizer.step_with_helper(model, &batch, beta, learning_rate, helper);
        held.tensors(parts.await)
    }

    fn make_alone(self, model: &mut Vae, optimizer: &mut Adam) -> ElboParts {
        let (beta, learning_rate) = (self.beta, self.learning_rate);
        if host::is_fast_for(&self.x) && self.x.dims()[0] > 0 {
            // Without a graph of gradients.
            let held = Held::of(self);
            let parts = optimizer.step_on_host(model, &held.batch(), beta, learning_rate);
            return held.tensors(parts);
        }
        let parts = model.elbo(self.x, self.condition, self.eps);
        let gradients = parts.loss(beta).backward();
        optimizer.step_in_place(model, gradients, learning_rate);
        parts.inner()
    }
}

/// A step's numbers, in this program's memory.
struct Held {
    device: Device,
    shape: [usize; 2],
    x: TensorData,
    condition: Vec<f32>,
    eps: TensorData,
}

impl Held {
    fn of(step: Step<'_>) -> Self {
        let condition = step.condition.rows();
        Self {
            device: step.x.device().inner(),
            shape: step.eps.dims(),
            x: step.x.inner().into_data(),
            condition: condition.map_or_else(Vec::new, host::numbers),
            eps: step.eps.inner().into_data(),
        }
    }

    fn batch(&self) -> Batch<'_> {
        let [n, _] = self.shape;
        Batch {
            n,
            of: n,
            x: host::floats(&self.x),
            condition: &self.condition,
            eps: host::floats(&self.eps),
        }
    }

    fn tensors(&self, Parts { reconstruction, kl }: Parts) -> ElboParts {
        let [n, latent] = self.shape;
        ElboParts {
            reconstruction: Tensor::from_data(TensorData::new(reconstruction, [n]), &self.device),
            kl: Tensor::from_data(TensorData::new(kl, [n, latent]), &self.device),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Share, ShareGradients};
    use super::*;
    use crate::{Activation, Likelihood, Noise, VaeConfig};
    use futures_lite::future::block_on;

    /// Returns −ELBO of a fixed batch before each of 60 steps, of a model that is told which of so many
    /// kinds an image is.
    fn run(seed: u64, classes: usize) -> Vec<f64> {
        run_with(seed, classes, None)
    }

    fn run_with(seed: u64, classes: usize, mut helper: Option<Neighbour>) -> Vec<f64> {
        let device = Device::flex().autodiff();
        let config = VaeConfig {
            input_size: 20,
            encoder_hidden: vec![16],
            decoder_hidden: vec![16],
            latent_size: 2,
            classes,
            activation: Activation::Tanh,
            likelihood: Likelihood::Bernoulli,
        };
        let mut model = Vae::init(&config, seed, &device).expect("valid");
        let mut optimizer = Adam::new(&model);
        let mut noise = Noise::seeded(seed, 0);
        // Two kinds of image, each the other's negative: something that can be learnt. An odd number of them.
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
            let parts = block_on(step.make(&mut model, &mut optimizer, helper.as_mut()));
            assert_eq!(parts.kl.dims(), [33, 2]);
            -parts.elbo().mean().into_scalar::<f64>()
        };
        (0..60).map(|_| step()).collect()
    }

    /// A helper behind a wall: what is handed over goes through headers and numbers.
    struct Neighbour {
        /// Shares after which it is lost.
        shares: usize,
        found: Option<ShareGradients>,
    }

    impl Helper for Neighbour {
        fn begin(&mut self, share: &Share<'_>) {
            self.found = None;
            if self.shares > 0 {
                self.shares -= 1;
                let numbers: Vec<Vec<f32>> = share.numbers().map(<[f32]>::to_vec).collect();
                let share = Share::from_parts(&share.header(), &numbers).expect("a share");
                let found = share.gradients();
                let numbers = found.numbers().map(<[f32]>::to_vec).collect();
                self.found = ShareGradients::from_numbers(numbers);
                assert_eq!(self.found, Some(found));
            }
        }

        async fn finish(&mut self) -> Option<ShareGradients> {
            self.found.take()
        }
    }

    #[test]
    fn with_a_helper_a_run_goes_the_same_way() {
        for classes in [0, 2] {
            let helped = |shares| {
                let found = None;
                run_with(3, classes, Some(Neighbour { shares, found }))
            };
            let (alone, together) = (run(3, classes), helped(60));
            for (step, (alone, together)) in alone.iter().zip(&together).enumerate() {
                let close = (alone - together).abs() < 1e-3;
                assert!(close, "step {step}: {alone} and {together}");
            }
            assert_ne!(alone, together, "nothing was divided");
            assert_eq!(together, helped(7), "a helper that is lost leaves a trace");
        }
    }

    #[test]
    fn what_is_no_share_is_refused() {
        let numbers = vec![vec![0.0_f32]; 4];
        assert!(Share::from_parts("nonsense", &[]).is_err());
        let header = r#"{"shape":{"encoder":0,"activation":"relu","likelihood":{"kind":"bernoulli"}},"n":1,"of":2,"beta":1.0}"#;
        let refused = Share::from_parts(header, &numbers).expect_err("an array too few");
        assert!(refused.to_string().contains("4 arrays"), "{refused}");
        assert!(Share::from_parts(header, &numbers[1..]).is_ok());
        assert_eq!(ShareGradients::from_numbers(vec![vec![]; 3]), None);
    }

    #[test]
    fn the_bound_rises_and_a_seed_repeats_the_run_exactly() {
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
    fn by_hand_and_by_a_graph_a_run_goes_the_same_way() {
        for classes in [0, 2] {
            let fast = run(3, classes);
            host::set_fast(false);
            let reference = run(3, classes);
            host::set_fast(true);
            assert_ne!(fast, reference, "one way was taken twice");
            for (step, (fast, reference)) in fast.iter().zip(&reference).enumerate() {
                let close = (fast - reference).abs() < 1e-3;
                assert!(close, "step {step}: {fast} and {reference}");
            }
        }
    }

    #[test]
    fn a_label_raises_the_bound() {
        let (told, untold) = (run(3, 2), run(3, 0));
        assert!(told[59] < told[0] - 1.0, "from {} to {}", told[0], told[59]);
        // Which of two kinds it is takes log 2 = 0.69 nats to tell.
        assert!(told[59] < untold[59], "{} and {}", told[59], untold[59]);
    }
}
