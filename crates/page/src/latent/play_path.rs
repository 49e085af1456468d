//! The closed path that z follows during playback when the page opens: a Lissajous curve within 1.5σ.

use std::f64::consts::TAU;

/// Duration of one round in seconds.
const PERIOD: f64 = 40.0;
/// Largest absolute value in each dimension.
const AMPLITUDE: f64 = 1.4;
/// Time constant, in seconds, of the convergence from another z to the path.
const JOIN: f64 = 1.6;
/// Oscillations of each dimension per period; integers, so that the path closes. Neighbouring dimensions
/// have different ones, so that no projection onto two of them degenerates to a line.
const FREQUENCIES: [f64; 4] = [2.0, 3.0, 1.0, 2.0];

/// The point on the path `seconds` after its start.
fn on_path(size: usize, seconds: f64) -> impl Iterator<Item = f64> {
    (0..size).map(move |i| {
        let frequency = FREQUENCIES[i % FREQUENCIES.len()];
        // Multiples of the golden ratio spread the phases, so that many dimensions do not move in step.
        let phase = 0.7 + i as f64 * 0.618_034;
        AMPLITUDE * (TAU * (frequency * seconds / PERIOD + phase)).sin()
    })
}

/// Start of the path; also the initial z without playback.
pub(crate) fn start(size: usize) -> Vec<f32> {
    on_path(size, 0.0)
        .map(|value| crate::latent::round_to_step(value as f32))
        .collect()
}

/// z `seconds` after a start at `from`: converges to the path without a jump, then follows it.
pub(crate) fn at(from: &[f32], seconds: f64) -> Vec<f32> {
    let decay = (-seconds / JOIN).exp();
    on_path(from.len(), seconds)
        .zip(on_path(from.len(), 0.0))
        .zip(from)
        .map(|((path, origin), &from)| (path + (f64::from(from) - origin) * decay) as f32)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn play_path_starts_at_z_and_is_closed() {
        let from = vec![2.5, -3.0];
        assert_eq!(at(&from, 0.0), from);
        let start = start(16);
        for (a, b) in start.iter().zip(at(&start, PERIOD)) {
            assert!((a - b).abs() < 0.01);
        }
    }

    #[test]
    fn play_path_stays_within_one_and_a_half_sigma_and_moves_slowly() {
        let start = start(2);
        let mut previous = start.clone();
        for frame in 1..=(PERIOD as usize * 60) {
            let z = at(&start, frame as f64 / 60.0);
            for (now, before) in z.iter().zip(&previous) {
                assert!(now.abs() <= 1.5);
                assert!(
                    (now - before).abs() < 0.02,
                    "less than two slider steps per frame"
                );
            }
            previous = z;
        }
    }
}
