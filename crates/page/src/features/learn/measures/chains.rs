//! Measurements of Markov chains.

use super::{Measured, interval};
use crate::features::learn::probe::Probe;
use crate::number::format::{fixed, grouped};
use estimate::autocorrelation_time;
use protocol::McmcKernel;
use protocol::evidence::Quadrature;

/// Decoder evaluations of a measured chain.
const EVALUATIONS: usize = 3000;
/// The start of the chain that has not forgotten it.
const FAR: [f32; 2] = [2.5, 2.5];
/// Its step and the number of its states.
const SMALL_STEP: f64 = 0.05;
const FEW: usize = 20;
/// Effective samples that are wanted.
const WANTED: f64 = 100.0;

/// The first component of each state.
fn first_component(states: &[f32]) -> Vec<f64> {
    states
        .chunks_exact(2)
        .map(|state| f64::from(state[0]))
        .collect()
}

/// Random steps of about the posterior's width.
fn metropolis(exact: &Quadrature) -> McmcKernel {
    let [a, b] = exact.standard_deviation;
    McmcKernel::Metropolis {
        step: (1.7 * (a * b).sqrt()).max(0.01),
    }
}

/// Five leapfrog steps that cross the posterior.
fn hamiltonian(exact: &Quadrature) -> McmcKernel {
    let [a, b] = exact.standard_deviation;
    McmcKernel::Hamiltonian {
        step: (0.4 * a.min(b)).max(0.005),
        leapfrog_steps: 5,
    }
}

/// The number of effective samples of z₁, and of decoder evaluations.
async fn effective_samples(
    probe: Probe,
    exact: &Quadrature,
    kernel: McmcKernel,
    seed: u64,
) -> Result<(f64, usize), String> {
    let start = exact.mean.map(|mean| mean as f32).to_vec();
    let path = probe.chain(start, kernel, EVALUATIONS, seed).await?;
    let series = first_component(&path.states);
    let evaluations = path.forward_passes + path.backward_passes;
    Ok((
        series.len() as f64 / autocorrelation_time(&series),
        evaluations,
    ))
}

pub(super) async fn first_steps(probe: Probe, seed: u64) -> Result<Measured, String> {
    let exact = probe.quadrature().await?;
    let kernel = McmcKernel::Metropolis { step: SMALL_STEP };
    let path = probe.chain(FAR.to_vec(), kernel, FEW, seed).await?;
    let states = path.states.as_chunks::<2>().0;
    let mean: [f64; 2] = [0, 1].map(|i| {
        let sum: f64 = states
            .iter()
            .take(FEW)
            .map(|state| f64::from(state[i]))
            .sum();
        sum / states.len().clamp(1, FEW) as f64
    });
    let is_near = (0..2).all(|i| (mean[i] - exact.mean[i]).abs() <= exact.standard_deviation[i]);
    Measured::choice(
        usize::from(!is_near),
        format!(
            "The mean of the first 20 states is ({}, {}); the posterior’s mean is ({}, {}).",
            fixed(mean[0], 2),
            fixed(mean[1], 2),
            fixed(exact.mean[0], 2),
            fixed(exact.mean[1], 2)
        ),
    )
}

pub(super) async fn effective(probe: Probe, seed: u64) -> Result<Measured, String> {
    let exact = probe.quadrature().await?;
    let (random, _) = effective_samples(probe, &exact, metropolis(&exact), seed).await?;
    let (rolling, _) = effective_samples(probe, &exact, hamiltonian(&exact), seed).await?;
    Measured::choice(
        usize::from(rolling > random),
        format!(
            "With about 3,000 evaluations each, Metropolis gives {} effective samples and Hamiltonian {}.",
            fixed(random, 0),
            fixed(rolling, 0)
        ),
    )
}

pub(super) async fn price(probe: Probe, seed: u64) -> Result<Measured, String> {
    let exact = probe.quadrature().await?;
    let (samples, evaluations) = effective_samples(probe, &exact, metropolis(&exact), seed).await?;
    let needed = WANTED * evaluations as f64 / samples.max(1e-9);
    Measured::choice(
        interval(needed, &[200.0, 20_000.0]),
        format!(
            "About {} evaluations for 100 effective samples: one in {} is worth an independent draw. The encoder needs a \
             single pass.",
            grouped(needed.round() as usize),
            fixed(needed / WANTED, 0)
        ),
    )
}
