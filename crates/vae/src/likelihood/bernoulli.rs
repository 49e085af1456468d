//! The Bernoulli likelihood from logits.

use burn::tensor::Tensor;

/// log Bernoulli(x; sigmoid(l)) = l·x − max(l, 0) − ln(1 + e^(−|l|)) for each pixel, in nats.
///
/// This is the notes' Figure 9 without its 1e-10 inside the logarithm, which in f32 gives 23.03 for
/// a true 17 at logit 17, and a gradient of exactly zero.
///
/// # Shapes
/// - `logits`, `x`, result: `[n, input]`
pub(super) fn log_prob(logits: Tensor<2>, x: Tensor<2>) -> Tensor<2> {
    let softplus = logits.clone().clamp_min(0.0) + logits.clone().abs().neg().exp().log1p();
    logits * x - softplus
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Device;

    #[test]
    fn stable_where_the_notes_form_is_not() {
        let device = Device::flex();
        let logits = Tensor::<2>::from_floats([[17.0, -100.0, 0.0, 100.0]], &device);
        let x = Tensor::<2>::from_floats([[0.0, 0.0, 0.3, 0.0]], &device);
        let found = log_prob(logits, x)
            .into_data()
            .to_vec::<f32>()
            .expect("f32");
        for (found, expected) in found
            .iter()
            .zip([-17.0, 0.0, -std::f32::consts::LN_2, -100.0])
        {
            assert!(
                (found - expected).abs() < 1e-5,
                "{found} instead of {expected}"
            );
        }
    }

    /// d/dl log p = x − sigmoid(l), also far out, where the notes' form has none.
    #[test]
    fn gradient_is_the_residual() {
        let device = Device::flex().autodiff();
        let logits = Tensor::<2>::from_floats([[17.0, -3.0, 0.5]], &device).require_grad();
        let x = Tensor::<2>::from_floats([[0.0, 1.0, 0.25]], &device);
        let gradients = log_prob(logits.clone(), x).sum().backward();
        let found = logits
            .grad(&gradients)
            .expect("tracked")
            .into_data()
            .to_vec::<f32>()
            .expect("f32");
        let sigmoid = |l: f32| 1.0 / (1.0 + (-l).exp());
        for (found, expected) in
            found
                .iter()
                .zip([-sigmoid(17.0), 1.0 - sigmoid(-3.0), 0.25 - sigmoid(0.5)])
        {
            assert!(
                (found - expected).abs() < 1e-5,
                "{found} instead of {expected}"
            );
        }
    }
}
