//! Measurements of the exact posterior.

use super::joint_table::JointTable;
use super::{Measured, interval};
use crate::features::learn::probe::Probe;
use crate::number::format::fixed;

/// A place is right within this distance of the posterior.
const NEAR: f64 = 0.35;
/// The posterior reaches as far as this share of its largest density.
const DENSITY: f32 = 0.01;

pub(super) async fn table_conditional(probe: Probe) -> Result<Measured, String> {
    let table = JointTable::compute(probe).await?;
    let [negative, positive] = table.joint.map(|row| row[1]);
    let correct = table.positive_given_on();
    Measured::number(
        correct,
        format!(
            "{} / ({} + {}) = {}.",
            fixed(positive, 3),
            fixed(negative, 3),
            fixed(positive, 3),
            fixed(correct, 3)
        ),
    )
}

pub(super) async fn place_of_posterior(probe: Probe, at: [f64; 2]) -> Result<Measured, String> {
    let exact = probe.quadrature().await?;
    let cells = || exact.cells.as_chunks::<4>().0.iter();
    let largest = cells()
        .map(|cell| cell[3])
        .fold(f32::NEG_INFINITY, f32::max);
    let distance = cells()
        .filter(|cell| (cell[3] - largest).exp() >= DENSITY)
        .map(|cell| (f64::from(cell[0]) - at[0]).hypot(f64::from(cell[1]) - at[1]))
        .fold(f64::INFINITY, f64::min);
    Measured::place(
        distance <= NEAR,
        format!(
            "Your point is {} away from the posterior, whose mean is ({}, {}).",
            fixed(distance, 2),
            fixed(exact.mean[0], 2),
            fixed(exact.mean[1], 2)
        ),
    )
}

pub(super) async fn posterior_width(probe: Probe) -> Result<Measured, String> {
    let exact = probe.quadrature().await?;
    let [a, b] = exact.standard_deviation;
    let index = 2 - interval(a.min(b), &[0.1, 0.5]);
    Measured::choice(
        index,
        format!(
            "The posterior’s standard deviations are {} and {}.",
            fixed(a, 3),
            fixed(b, 3)
        ),
    )
}
