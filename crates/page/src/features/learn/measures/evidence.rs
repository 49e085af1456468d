//! Measurements of the naive Monte Carlo estimate.

use super::{Measured, interval};
use crate::features::learn::probe::Probe;
use crate::number::format::nats;
use estimate::LogSum;
use protocol::evidence::Proposal;

/// Samples from the prior.
const DRAWS: usize = 1000;
/// Samples of one estimate.
const PER_ESTIMATE: usize = 20;

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
        format!("Of 1,000 draws, the {count} best make up half of the sum."),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_sum_counts_the_largest_weights() {
        assert_eq!(half_of_sum(&[-100.0, -1000.0, -900.0]), 1);
        assert_eq!(half_of_sum(&[-50.0; 10]), 5);
        assert_eq!(half_of_sum(&[]), 0);
    }
}
