//! Measurements of the ELBO, its gap, and tighter bounds.

use super::{Measured, interval};
use crate::features::learn::gaussian_search::best::{best_gaussian, elbo_of};
use crate::features::learn::probe::Probe;
use crate::number::format::{fixed, nats};
use course::CURVE_POINTS;
use estimate::importance_bound;
use protocol::evidence::Proposal;

/// Factors of σ, at the places of the curve: from a quarter to four times, in equal steps of the logarithm.
const FACTORS: [f64; CURVE_POINTS] = [0.25, 0.35, 0.5, 0.71, 1.0, 1.41, 2.0, 2.83, 4.0];
/// Samples of log w.
const DRAWS: usize = 500;
/// Samples for the importance-weighted bound, and its K.
const BOUND_DRAWS: usize = 2000;
const K: usize = 50;

pub(super) async fn too_narrow(probe: Probe) -> Result<Measured, String> {
    let (best, _) = best_gaussian(probe).await?;
    let narrow = best.scaled(0.5);
    let before = -probe.expected_log_likelihood(best).await?.value;
    let after = -probe.expected_log_likelihood(narrow).await?.value;
    let [kl_before, kl_after] = [best, narrow].map(|q| q.kl_from_prior());
    let index = match (after > before, kl_after > kl_before) {
        (true, true) => 2,
        (true, false) => 0,
        (false, _) => 1,
    };
    Measured::choice(
        index,
        format!(
            "With half the σ, the reconstruction loss goes from {} to {} nats, and the KL term from {} to {} nats.",
            nats(before),
            nats(after),
            nats(kl_before),
            nats(kl_after)
        ),
    )
}

pub(super) async fn encoder_or_best(probe: Probe) -> Result<Measured, String> {
    let exact = probe.quadrature().await?.log_evidence;
    let encoder = exact - elbo_of(probe, probe.encoder()?).await?;
    let (_, best) = best_gaussian(probe).await?;
    let best = exact - best;
    Measured::choice(
        interval(best / encoder.max(1e-9), &[0.1, 0.9]),
        format!(
            "The encoder’s gap is {} nats, the best Gaussian’s {} nats.",
            fixed(encoder, 3),
            fixed(best, 3)
        ),
    )
}

pub(super) async fn gap_by_width(probe: Probe) -> Result<Measured, String> {
    let exact = probe.quadrature().await?.log_evidence;
    let (best, _) = best_gaussian(probe).await?;
    let mut gaps = [0.0; CURVE_POINTS];
    for (gap, factor) in gaps.iter_mut().zip(FACTORS) {
        *gap = exact - elbo_of(probe, best.scaled(factor)).await?;
    }
    let [narrow, .., wide] = gaps.map(|gap| fixed(gap, 1));
    let middle = fixed(gaps[CURVE_POINTS / 2], 2);
    Measured::curve(
        gaps,
        format!(
            "The gap is {narrow} nats with a quarter of σ, {middle} nats with the best σ, and {wide} nats with four \
             times σ."
        ),
    )
}

pub(super) async fn gap(probe: Probe) -> Result<Measured, String> {
    let exact = probe.quadrature().await?.log_evidence;
    let elbo = elbo_of(probe, probe.encoder()?).await?;
    Measured::number(
        exact - elbo,
        format!(
            "{} − ({}) = {} nats.",
            nats(exact),
            nats(elbo),
            nats(exact - elbo)
        ),
    )
}

pub(super) async fn single_sample(probe: Probe, seed: u64) -> Result<Measured, String> {
    let exact = probe.quadrature().await?.log_evidence;
    let logs = probe.weights(Proposal::Posterior, DRAWS, seed).await?;
    let above = logs.iter().filter(|log| **log > exact).count();
    let index = match above {
        0 => 0,
        above if above <= DRAWS / 2 => 1,
        _ => 2,
    };
    Measured::choice(
        index,
        format!(
            "{above} of {DRAWS} samples are above log p(x) = {} nats.",
            nats(exact)
        ),
    )
}

pub(super) async fn order_of_bounds(probe: Probe, seed: u64) -> Result<Measured, String> {
    let exact = probe.quadrature().await?;
    let elbo = elbo_of(probe, probe.encoder()?).await?;
    let logs = probe
        .weights(Proposal::Posterior, BOUND_DRAWS, seed)
        .await?;
    let bound = importance_bound(&logs, K).ok_or("There are too few samples.")?;
    // An estimate can be above by chance.
    let margin = 3.0 * bound.standard_error + exact.error;
    let index = if bound.value > exact.log_evidence + margin {
        2
    } else if bound.value < elbo {
        0
    } else {
        1
    };
    Measured::choice(
        index,
        format!(
            "The ELBO is {}, the bound with 50 weights {} ± {}, and log p(x) {} nats.",
            nats(elbo),
            nats(bound.value),
            nats(bound.standard_error),
            nats(exact.log_evidence)
        ),
    )
}
