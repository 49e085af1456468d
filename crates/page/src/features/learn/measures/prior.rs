//! Measurements of the prior.

use super::Measured;
use crate::latent::{gaussian, interpolation::norm};
use crate::number::format::{fixed, grouped};

/// The lengths of draws from N(0, I).
pub(crate) fn lengths(count: usize, size: usize) -> Vec<f64> {
    gaussian::sample_prior(count * size)
        .chunks_exact(size)
        .map(norm)
        .collect()
}

pub(super) fn typical_length() -> Result<Measured, String> {
    let lengths = lengths(1000, 2);
    let below = |limit: f64| lengths.iter().filter(|length| **length < limit).count();
    let (near, middle) = (below(0.5), below(2.0));
    let counts = [near, middle - near, lengths.len() - middle];
    let most = (0..3).max_by_key(|i| counts[*i]).unwrap_or_default();
    Measured::choice(
        most,
        format!(
            "Of {} draws, {} are below 0.5, {} are between 0.5 and 2, and {} are above 2.",
            grouped(lengths.len()),
            counts[0],
            counts[1],
            counts[2]
        ),
    )
}

pub(super) fn shell() -> Result<Measured, String> {
    let lengths = lengths(2000, 16);
    let mean = lengths.iter().sum::<f64>() / lengths.len() as f64;
    let options = [0.0, 1.0, 4.0, 16.0];
    let nearest = (0..4)
        .min_by(|a, b| f64::total_cmp(&(options[*a] - mean).abs(), &(options[*b] - mean).abs()))
        .unwrap_or_default();
    let least = lengths.iter().copied().fold(f64::INFINITY, f64::min);
    Measured::choice(
        nearest,
        format!(
            "The mean length of 2,000 draws is {}; the shortest has {}.",
            fixed(mean, 2),
            fixed(least, 2)
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::super::Correct;
    use super::*;

    #[test]
    fn prior_measurements_have_the_theory_on_their_side() {
        assert_eq!(
            typical_length().expect("no engine").correct,
            Correct::Choice(1)
        );
        assert_eq!(shell().expect("no engine").correct, Correct::Choice(2));
    }
}
