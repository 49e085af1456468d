//! A step for log p(x) itself, by quadrature over points of the latent space.

use super::{DecoderPass, Layer, LayerGradient, StepConfig, operation::Workspace};
use crate::{
    denormal::flush_gradient,
    gemm::{MatrixRef, PackedRhs, SparseLhs, gemm, gemm_nt},
    likelihood::log_prob_with_gradient,
};
use spec::Likelihood;

/// Points of the latent space that have equal shares of the prior.
#[derive(Debug, Clone, Copy)]
pub struct LatentPoints<'a> {
    /// Points; at least 1.
    pub count: usize,
    /// `[count, latent]`.
    pub z: &'a [f32],
}

/// A forward and a backward pass of the decoder for the loss −log p(x), the batch's mean, where p(x) is the mean of
/// p(x|z) over the points (notes, section 4.1, with points in place of samples). One pass of the decoder serves all
/// images. Returns log p(x) of each image in nats, `[n]`.
///
/// # Shapes
/// - `layers`: those of the decoder
/// - `x`: `[n, input]`
/// - `on_gradient` as for [`forward_backward`](super::forward_backward)
///
/// # Panics
/// If the sizes do not match, or the likelihood is no exponential family of the image, as the discretized logistic.
pub fn forward_backward_exact<L: Layer>(
    config: &StepConfig,
    layers: &mut [L],
    x: &[f32],
    n: usize,
    points: LatentPoints<'_>,
    mut on_gradient: impl FnMut(&mut L, LayerGradient<'_>),
) -> Vec<f32> {
    let (count, input) = (points.count, x.len() / n);
    // η(z) is the output times this.
    let natural = match config.likelihood {
        Likelihood::Bernoulli | Likelihood::ContinuousBernoulli => 1.0,
        Likelihood::Gaussian { sigma } => (1.0 / (sigma * sigma)) as f32,
        Likelihood::DiscretizedLogistic { .. } => {
            panic!("the likelihood must be an exponential family of the image")
        }
    };
    let mut workspace = Workspace::new(count);
    let (decoded, mut delta) =
        DecoderPass::forward(config, layers, points.z.to_vec(), &mut workspace);
    // log p(x|z) = log p(0|z) + η(z)·x + h(x) for each image and point, [n, count].
    let mut weights = vec![0.0; n * count];
    gemm_nt(
        MatrixRef::new(x, n, input),
        MatrixRef::new(&delta, count, input),
        &mut weights,
    );
    let zeros = vec![0.0; count * input];
    let log_prob_zero =
        log_prob_with_gradient(config.likelihood, &mut delta, &zeros, input, count, 1);
    let mut totals = vec![0.0; count];
    let mut log_evidence = Vec::with_capacity(n);
    for (row, image) in weights.chunks_exact_mut(count).zip(x.chunks_exact(input)) {
        let mut largest = f32::NEG_INFINITY;
        for (value, zero) in row.iter_mut().zip(&log_prob_zero.per_image) {
            *value = natural * *value + zero;
            largest = largest.max(*value);
        }
        let mut sum = 0.0;
        for value in row.iter_mut() {
            *value = (*value - largest).exp();
            sum += *value;
        }
        // The share of each point in p(x): the posterior.
        for (value, total) in row.iter_mut().zip(&mut totals) {
            *value = flush_gradient(*value / sum);
            *total += *value;
        }
        let base: f32 = match config.likelihood {
            Likelihood::Gaussian { .. } => {
                -0.5 * natural * image.iter().map(|x| x * x).sum::<f32>()
            }
            _ => 0.0,
        };
        log_evidence.push(largest + (sum / count as f32).ln() + base);
    }
    // Σ over the images of share · x, [count, input].
    let (mut lhs, mut rhs) = (SparseLhs::default(), PackedRhs::default());
    lhs.pack_columns(MatrixRef::new(&weights, n, count));
    rhs.pack_columns(MatrixRef::new(x, n, input));
    let mut expected = vec![0.0; count * input];
    gemm(&lhs, &rhs, None, &mut expected);
    let rows = delta
        .chunks_exact_mut(input)
        .zip(expected.chunks_exact(input));
    let per_image = 1.0 / n as f32;
    for ((row, expected), total) in rows.zip(&totals) {
        for (value, expected) in row.iter_mut().zip(expected) {
            *value = flush_gradient(per_image * (total * *value - natural * expected));
        }
    }
    decoded.backward(layers, &delta, false, &mut workspace, &mut on_gradient);
    log_evidence
}
