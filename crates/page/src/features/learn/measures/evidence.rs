//! Measurements of the naive Monte Carlo estimate.

use super::{Measured, interval};
use crate::features::learn::probe::Probe;
use crate::number::format::{fixed, nats};
use course::CURVE_POINTS;
use estimate::LogSum;
use protocol::evidence::Proposal;

/// Samples from the prior.
const DRAWS: usize = 1000;
/// Samples of one estimate.
const PER_ESTIMATE: usize = 20;

/// Draws per estimate, at the places of the curve.
const SIZES: [usize; CURVE_POINTS] = [1, 5, 20, 50, 100, 200, 500, 1000, 2000];
/// All draws for the curve: 40 separate estimates of the largest size.
const CURVE_DRAWS: usize = 80_000;

/// The share of estimates with `size` separate draws each that are below `exact`, in percent.
fn share_below(logs: &[f64], size: usize, exact: f64) -> f64 {
    let mut estimates = 0_usize;
    let mut below = 0_usize;
    for logs in logs.chunks_exact(size) {
        estimates += 1;
        let estimate = logs.iter().copied().collect::<LogSum>().log_mean();
        below += usize::from(estimate < exact);
    }
    100.0 * below as f64 / estimates.max(1) as f64
}

/// The number of largest weights that make up half of the sum.
fn half_of_sum(logs: &[f64]) -> usize {
    let mut sorted = logs.to_vec();
    sorted.sort_by(|a, b| b.total_cmp(a));
    let largest = sorted.first().copied().unwrap_or_default();
    let total: f64 = sorted.iter().map(|log| (log - largest).exp()).sum();
    let mut sum = 0.0;
    sorted
        .iter()
        .position(|log| {
            sum += (log - largest).exp();
            sum >= total / 2.0
        })
        .map_or(0, |index| index + 1)
}

pub(super) async fn half_of_the_sum(probe: Probe, seed: u64) -> Result<Measured, String> {
    let logs = probe.weights(Proposal::Prior, DRAWS, seed).await?;
    let count = half_of_sum(&logs);
    Measured::choice(
        interval(count as f64, &[5.0, 100.5]),
        if count == 1 {
            "Of 1,000 draws, the best one alone makes up half of the sum.".to_owned()
        } else {
            format!("Of 1,000 draws, the {count} best make up half of the sum.")
        },
    )
}

pub(super) async fn naive_sign(probe: Probe, seed: u64) -> Result<Measured, String> {
    let exact = probe.quadrature().await?.log_evidence;
    let logs = probe.weights(Proposal::Prior, DRAWS, seed).await?;
    let estimates: Vec<f64> = logs
        .chunks_exact(PER_ESTIMATE)
        .map(|logs| logs.iter().copied().collect::<LogSum>().log_mean())
        .collect();
    let below = estimates
        .iter()
        .filter(|estimate| **estimate < exact)
        .count();
    let share = below as f64 / estimates.len() as f64;
    let index = match share {
        0.6.. => 0,
        ..=0.4 => 1,
        _ => 2,
    };
    Measured::choice(
        index,
        format!(
            "{below} of {} estimates are below the exact {} nats.",
            estimates.len(),
            nats(exact)
        ),
    )
}

pub(super) async fn naive_share(probe: Probe, seed: u64) -> Result<Measured, String> {
    let exact = probe.quadrature().await?.log_evidence;
    let logs = probe.weights(Proposal::Prior, CURVE_DRAWS, seed).await?;
    let shares = SIZES.map(|size| share_below(&logs, size, exact));
    let [first, .., last] = shares.map(|share| fixed(share, 0));
    Measured::curve(
        shares,
        format!(
            "With one draw, {first} % of the estimates are below the exact {} nats; with 2,000 draws, {last} %.",
            nats(exact)
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn share_below_counts_separate_estimates() {
        // One draw in four carries the sum; the mean of four is exact.
        let logs = [-900.0, -900.0, -900.0, 4.0_f64.ln()].repeat(10);
        assert_eq!(share_below(&logs, 1, -0.5), 75.0);
        assert_eq!(share_below(&logs, 2, -0.5), 50.0);
        assert_eq!(share_below(&logs, 4, -0.5), 0.0);
        assert_eq!(share_below(&[], 4, 0.0), 0.0);
    }

    #[test]
    fn half_of_sum_counts_the_largest_weights() {
        assert_eq!(half_of_sum(&[-100.0, -1000.0, -900.0]), 1);
        assert_eq!(half_of_sum(&[-50.0; 10]), 5);
        assert_eq!(half_of_sum(&[]), 0);
    }
}
