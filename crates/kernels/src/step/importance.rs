//! A step for the importance-weighted bound.

use super::{
    Batch, DecoderPass, ElboTerms, EncoderPass, Layer, LayerGradient, StepConfig,
    operation::Workspace,
};
use crate::{
    denormal::flush_gradient,
    latent::clamp_log_var,
    likelihood::{LogProb, log_prob_with_gradient},
    mlp::append_columns,
};

/// The results of a step for the importance-weighted bound, in nats.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportanceTerms {
    /// The terms of the ELBO; log p(x|z) is the mean over an image's samples.
    pub elbo: ElboTerms,
    /// L_K of each image, `[n]`: the logarithm of the mean of its weights (Burda et al. 2015, Equation 8).
    pub bound: Vec<f32>,
}

/// A forward and a backward pass for the loss −L_K, the batch's mean of −log 1/K Σ w, w = p(x, z)/q(z|x), of K samples z
/// from q(z|x) for each image. The gradient of the decoder is that of the loss; that of the encoder is the doubly
/// reparameterized estimate of it (Tucker et al. 2018, Equation 8). `config.beta` is not used.
///
/// # Shapes
/// - `batch.eps`: `[n · samples, latent]`, the samples of an image next to each other
/// - `layers` and `on_gradient` as for [`forward_backward`](super::forward_backward)
///
/// # Panics
/// If the sizes of layers and batch do not match.
pub fn forward_backward_importance<L: Layer>(
    config: &StepConfig,
    layers: &mut [L],
    batch: &Batch<'_>,
    samples: usize,
    mut on_gradient: impl FnMut(&mut L, LayerGradient<'_>),
) -> ImportanceTerms {
    let n = batch.n;
    let rows = n * samples;
    let latent = batch.eps.len() / rows;
    let classes = batch.condition.len() / n;
    let input = batch.x.len() / n;
    let mut workspace = Workspace::new(n);
    let (encoder, decoder) = layers.split_at_mut(config.encoder_layer_count());
    let q = EncoderPass::forward(config, encoder, batch.x, n, batch.condition, &mut workspace);
    let log_var: Vec<f32> = q.log_var.iter().copied().map(clamp_log_var).collect();
    let heads = |row: usize| {
        let of_image = row / samples * latent..(row / samples + 1) * latent;
        let heads = q.mu[of_image.clone()].iter().zip(&log_var[of_image]);
        heads.zip(&batch.eps[row * latent..(row + 1) * latent])
    };
    let z: Vec<f32> = (0..rows)
        .flat_map(heads)
        .map(|((mu, log_var), eps)| mu + (0.5 * log_var).exp() * eps)
        .collect();

    workspace.set_rows(rows);
    let condition = repeated(batch.condition, classes, samples);
    let x = repeated(batch.x, input, samples);
    let z_with_condition = append_columns(&z, rows, &condition, classes);
    let (decoded, mut delta) =
        DecoderPass::forward(config, decoder, z_with_condition, &mut workspace);
    let LogProb {
        per_image: log_likelihood,
        mut d_log_scale,
    } = log_prob_with_gradient(
        config.likelihood,
        &mut delta,
        &x,
        input,
        rows,
        batch.loss_images,
    );
    // The scale's derivative is a mean over images, not a sum over samples.
    d_log_scale
        .iter_mut()
        .for_each(|value| *value /= samples as f32);
    // log p(z)/q(z|x): ½ log 2π cancels.
    let log_weights: Vec<f32> = (0..rows)
        .map(|row| {
            let z = &z[row * latent..(row + 1) * latent];
            let ratio = heads(row)
                .zip(z)
                .map(|(((_, log_var), eps), z)| 0.5 * (eps * eps + log_var - z * z));
            log_likelihood[row] + ratio.sum::<f32>()
        })
        .collect();
    let (bound, weights) = normalized(&log_weights, samples);
    for (row, weight) in delta.chunks_exact_mut(input).zip(&weights) {
        row.iter_mut()
            .for_each(|value| *value = flush_gradient(*value * weight));
    }
    let d_z = decoded.backward(decoder, &delta, true, &mut workspace, &mut on_gradient);

    let (mut d_mu, mut d_log_var) = (vec![0.0; n * latent], vec![0.0; n * latent]);
    let per_image = 1.0 / batch.loss_images as f32;
    for row in 0..rows {
        let (weight, d_z) = (weights[row], &d_z[row * (latent + classes)..]);
        for (index, ((_, log_var), eps)) in heads(row).enumerate() {
            let sigma = (0.5 * log_var).exp();
            // The parameters of q in log q(z|x) have no gradient: it reaches them by z alone.
            let of_ratio = z[row * latent + index] - eps / sigma;
            let d_z = weight * (d_z[index] + weight * per_image * of_ratio);
            let at = row / samples * latent + index;
            d_mu[at] += d_z;
            d_log_var[at] += 0.5 * d_z * sigma * eps;
        }
    }
    let flush = |values: &mut [f32]| {
        values
            .iter_mut()
            .for_each(|value| *value = flush_gradient(*value));
    };
    flush(&mut d_mu);
    flush(&mut d_log_var);
    for (d_log_var, raw) in d_log_var.iter_mut().zip(&q.log_var) {
        if clamp_log_var(*raw) != *raw {
            *d_log_var = 0.0;
        }
    }
    workspace.set_rows(n);
    q.backward(
        encoder,
        [&d_mu, &d_log_var],
        &mut workspace,
        &mut on_gradient,
    );
    let reconstruction = log_likelihood
        .chunks_exact(samples)
        .map(|row| row.iter().sum::<f32>() / samples as f32);
    let kl = q.mu.iter().zip(&log_var);
    ImportanceTerms {
        elbo: ElboTerms {
            reconstruction: reconstruction.collect(),
            kl: kl
                .map(|(mu, log_var)| (mu * mu + log_var.exp() - log_var - 1.0) * 0.5)
                .collect(),
            d_log_scale,
        },
        bound,
    }
}

/// Each row of `width` values `times` times in a row.
fn repeated(values: &[f32], width: usize, times: usize) -> Vec<f32> {
    if width == 0 {
        return Vec::new();
    }
    values
        .chunks_exact(width)
        .flat_map(|row| std::iter::repeat_n(row, times).flatten().copied())
        .collect()
}

/// The logarithm of the mean of each row's weights, and the weights as shares of their row's sum.
fn normalized(log_weights: &[f32], width: usize) -> (Vec<f32>, Vec<f32>) {
    let mut bounds = Vec::new();
    let mut weights = Vec::new();
    for row in log_weights.chunks_exact(width) {
        let largest = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let sum: f32 = row.iter().map(|log| (log - largest).exp()).sum();
        bounds.push(largest + (sum / width as f32).ln());
        weights.extend(row.iter().map(|log| (log - largest).exp() / sum));
    }
    (bounds, weights)
}
