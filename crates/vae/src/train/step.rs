//! One step of training.

use super::Adam;
use crate::{Condition, ElboParts, Vae};
use burn::tensor::Tensor;

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
    model: Vae,
    optimizer: &mut Adam,
    x: Tensor<2>,
    condition: &Condition,
    eps: Tensor<2>,
    beta: f64,
    learning_rate: f64,
) -> (Vae, ElboParts) {
    let parts = model.elbo(x, condition, eps);
    let gradients = parts.loss(beta).backward();
    (
        optimizer.step(model, gradients, learning_rate),
        parts.inner(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Activation, Likelihood, Noise, VaeConfig};
    use burn::tensor::{Device, TensorData};

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
    fn a_label_raises_the_bound() {
        let (told, untold) = (run(3, 2), run(3, 0));
        assert!(told[59] < told[0] - 1.0, "from {} to {}", told[0], told[59]);
        // Which of two kinds it is takes log 2 = 0.69 nats to tell.
        assert!(told[59] < untold[59], "{} and {}", told[59], untold[59]);
    }
}
