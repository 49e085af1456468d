//! Measurements of gradients.

use super::{Measured, interval};
use crate::features::learn::probe::Probe;
use crate::number::format::{fixed, grouped, nats};

/// How far μ or z are moved for a difference quotient.
const STEP: f32 = 0.1;
/// Samples of ε.
const DRAWS: usize = 500;
/// The ε of the question.
const EPSILON: f32 = -1.5;

pub(super) async fn inside(probe: Probe) -> Result<Measured, String> {
    let encoded = probe.encoded()?;
    // A draw that has been made stays what it is when μ moves: log p(x|z) depends on z alone.
    let z: Vec<f32> = encoded
        .mu
        .iter()
        .zip(&encoded.sigma)
        .map(|(mu, sigma)| mu + 0.5 * sigma)
        .collect();
    let mut moved = z.clone();
    if let Some(first) = moved.first_mut() {
        *first += STEP;
    }
    let logs = probe
        .log_likelihood(&[z.clone(), z, moved].concat())
        .await?;
    let [drawn, still_drawn, moved] = logs[..] else {
        return Err("The engine sent an unexpected answer.".to_owned());
    };
    Measured::choice(
        0,
        format!(
            "Once z is drawn, moving μ₁ by 0.1 changes log p(x|z) by {} nats; moving z₁ by 0.1 changes it by {} nats.",
            nats(still_drawn - drawn),
            nats(moved - drawn)
        ),
    )
}

pub(super) fn compute_z(probe: Probe) -> Result<Measured, String> {
    let encoded = probe.encoded()?;
    let (Some(mu), Some(sigma)) = (encoded.mu.first(), encoded.sigma.first()) else {
        return Err("This model has no latent dimensions.".to_owned());
    };
    let z = f64::from(mu + sigma * EPSILON);
    Measured::number(
        z,
        format!(
            "{} + {} · (−1.5) = {}.",
            fixed(f64::from(*mu), 2),
            fixed(f64::from(*sigma), 3),
            fixed(z, 2)
        ),
    )
}

pub(super) async fn variance_ratio(probe: Probe, seed: u64) -> Result<Measured, String> {
    let [path, score] = probe.gradients(DRAWS, seed).await?;
    let (Some(path), Some(score)) = (path.variance.first(), score.variance.first()) else {
        return Err("This model has no latent dimensions.".to_owned());
    };
    let ratio = score / path.max(f64::MIN_POSITIVE);
    Measured::choice(
        interval(ratio, &[10.0, 1000.0]),
        format!(
            "For μ₁ and {DRAWS} draws, the variances are {} and {}: {} times as much.",
            large(*score),
            large(*path),
            large(ratio)
        ),
    )
}

/// A variance or ratio, which may have many digits.
fn large(value: f64) -> String {
    if value < 100.0 {
        fixed(value, 1)
    } else {
        grouped(value.round() as usize)
    }
}

pub(super) fn kl_gradient(probe: Probe) -> Result<Measured, String> {
    let encoded = probe.encoded()?;
    let (Some(mu), Some(sigma)) = (encoded.mu.first(), encoded.sigma.first()) else {
        return Err("This model has no latent dimensions.".to_owned());
    };
    let (mu, sigma) = (f64::from(*mu), f64::from(*sigma));
    Measured::choice(
        1,
        format!(
            "KL = ½ Σ (μ² + σ² − 1 − log σ²), so its derivative for μ₁ is μ₁ = {}, and for σ₁ it is σ₁ − 1/σ₁ = {}: no z \
             in it.",
            fixed(mu, 2),
            fixed(sigma - 1.0 / sigma, 2)
        ),
    )
}
