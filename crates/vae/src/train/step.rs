//! One step of training.

use super::Adam;
use crate::{
    Condition, ElboParts, Vae,
    host::{self, training::Batch},
};
use burn::tensor::{Tensor, TensorData};

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
    let parts = step_in_place(
        &mut model,
        optimizer,
        x,
        condition,
        eps,
        beta,
        learning_rate,
    );
    (model, parts)
}

/// As [`train_step`], of a model that is changed in its place: where nobody else has its weights, a CPU
/// backend copies none.
pub(super) fn step_in_place(
    model: &mut Vae,
    optimizer: &mut Adam,
    x: Tensor<2>,
    condition: &Condition,
    eps: Tensor<2>,
    beta: f64,
    learning_rate: f64,
) -> ElboParts {
    if host::is_fast_for(&x) && x.dims()[0] > 0 {
        return step_on_host(model, optimizer, x, condition, eps, beta, learning_rate);
    }
    let parts = model.elbo(x, condition, eps);
    let gradients = parts.loss(beta).backward();
    optimizer.step_in_place(model, gradients, learning_rate);
    parts.inner()
}

/// The same without a graph of gradients, for numbers in this program's memory.
fn step_on_host(
    model: &mut Vae,
    optimizer: &mut Adam,
    x: Tensor<2>,
    condition: &Condition,
    eps: Tensor<2>,
    beta: f64,
    learning_rate: f64,
) -> ElboParts {
    let device = x.device().inner();
    let [n, latent] = eps.dims();
    let [x, eps] = [x, eps].map(|tensor| tensor.inner().into_data());
    let condition = condition.rows().map_or_else(Vec::new, host::numbers);
    let batch = Batch {
        n,
        x: host::floats(&x),
        condition: &condition,
        eps: host::floats(&eps),
    };
    let parts = optimizer.step_on_host(model, &batch, beta, learning_rate);
    ElboParts {
        reconstruction: Tensor::from_data(TensorData::new(parts.reconstruction, [n]), &device),
        kl: Tensor::from_data(TensorData::new(parts.kl, [n, latent]), &device),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Activation, Likelihood, Noise, VaeConfig};
    use burn::tensor::Device;

    /// Returns −ELBO of a fixed batch before each of 60 steps, of a model that is told which of so many
    /// kinds an image is.
    fn run(seed: u64, classes: usize) -> Vec<f64> {
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
        let mut model = config.init(seed, &device).expect("valid");
        let mut optimizer = Adam::new(&model);
        let mut noise = Noise::seeded(seed, 0);
        // Two kinds of image, each the other's negative: something that can be learnt.
        let pixels = (0..32 * 20)
            .map(|i| if (i / 20 + i) % 2 == 0 { 0.9 } else { 0.1 })
            .collect();
        let x = Tensor::from_data(TensorData::new::<f32, _>(pixels, [32, 20]), &device);
        let labels: Vec<u8> = (0..32).map(|i| i % 2).collect();
        let condition = Condition::of_labels(&labels, classes, &device);
        (0..60)
            .map(|_| {
                let eps = noise.normal([32, 2], &device);
                let parts;
                (model, parts) = train_step(
                    model.clone(),
                    &mut optimizer,
                    x.clone(),
                    &condition,
                    eps,
                    1.0,
                    1e-2,
                );
                -parts.elbo().mean().into_scalar::<f64>()
            })
            .collect()
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
