//! Measurements of the loss.

use super::Measured;
use crate::features::learn::probe::Probe;
use crate::number::format::{fixed, nats};

/// σ of the Gaussian.
const SIGMA: f64 = 0.2;

/// −E_q[log p(x|z)], in nats.
async fn reconstruction(probe: Probe) -> Result<f64, String> {
    Ok(-probe.expected_log_likelihood(probe.encoder()?).await?.value)
}

pub(super) async fn mean_over_pixels(probe: Probe) -> Result<Measured, String> {
    let sum = reconstruction(probe).await?;
    let pixels = probe.encoded()?.image.pixels.len();
    let mean = sum / pixels as f64;
    Measured::number(
        mean,
        format!("{} / {pixels} = {} nats.", nats(sum), fixed(mean, 3)),
    )
}

pub(super) async fn positive_log(probe: Probe) -> Result<Measured, String> {
    let mu = probe.encoded()?.mu.clone();
    let [bernoulli, gaussian] = probe.likelihoods(mu, SIGMA).await?;
    let index = match (gaussian > 0.0, bernoulli > 0.0) {
        (true, false) => 0,
        (false, true) => 1,
        (true, true) => 2,
        (false, false) => 3,
    };
    Measured::choice(
        index,
        format!(
            "As a Bernoulli: {} nats. As a Gaussian with σ = 0.2: {} nats.",
            nats(bernoulli),
            nats(gaussian)
        ),
    )
}

pub(super) fn untrained_loss(probe: Probe) -> Result<Measured, String> {
    let encoded = probe.encoded()?;
    // −x log ½ − (1 − x) log ½ for each pixel.
    let loss: f64 = encoded
        .image
        .pixels
        .iter()
        .map(|grey| f64::from(*grey) / 255.0)
        .map(|x| -(x * 0.5_f64.ln() + (1.0 - x) * 0.5_f64.ln()))
        .sum();
    Measured::number(
        loss,
        format!(
            "{} pixels at log 2 each are {} nats.",
            encoded.image.pixels.len(),
            nats(loss)
        ),
    )
}
