//! The closed path that z glides along when the page opens: a Lissajous figure inside 1.5σ.

use std::f64::consts::TAU;

/// How long the whole path takes, in seconds.
const PERIOD: f64 = 40.0;
/// How far out the path goes in each dimension.
const AMPLITUDE: f64 = 1.4;
/// How fast a start beside the path is drawn onto it, in seconds.
const JOIN: f64 = 1.6;
/// Turns of each dimension in one period; whole numbers, so that the path closes. Neighbours
/// differ, so that no plane of two of them is a line.
const TURNS: [f64; 4] = [2.0, 3.0, 1.0, 2.0];

/// The path's point `seconds` after its start.
fn on_path(size: usize, seconds: f64) -> impl Iterator<Item = f64> {
    (0..size).map(move |i| {
        let turns = TURNS[i % TURNS.len()];
        // The golden ratio spreads the phases, so that many dimensions do not move in step.
        let phase = 0.7 + i as f64 * 0.618_034;
        AMPLITUDE * (TAU * (turns * seconds / PERIOD + phase)).sin()
    })
}

/// Where the path starts: also the z to show where nothing may move.
pub(crate) fn start(size: usize) -> Vec<f32> {
    on_path(size, 0.0)
        .map(|value| crate::latent::to_step(value as f32))
        .collect()
}

/// z, `seconds` after a start at `from`: glides onto the path without a jump, and stays on it.
pub(crate) fn at(from: &[f32], seconds: f64) -> Vec<f32> {
    let left = (-seconds / JOIN).exp();
    on_path(from.len(), seconds)
        .zip(on_path(from.len(), 0.0))
        .zip(from)
        .map(|((path, origin), &from)| (path + (f64::from(from) - origin) * left) as f32)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starts_where_z_is_and_closes() {
        let from = vec![2.5, -3.0];
        assert_eq!(at(&from, 0.0), from);
        let start = start(16);
        for (a, b) in start.iter().zip(at(&start, PERIOD)) {
            assert!((a - b).abs() < 0.01);
        }
    }

    #[test]
    fn stays_within_one_and_a_half_sigma_and_moves_slowly() {
        let start = start(2);
        let mut before = start.clone();
        for frame in 1..=(PERIOD as usize * 60) {
            let z = at(&start, frame as f64 / 60.0);
            for (now, then) in z.iter().zip(&before) {
                assert!(now.abs() <= 1.5);
                assert!((now - then).abs() < 0.02, "less than two steps a frame");
            }
            before = z;
        }
    }
}
