//! The parameter updates: Adam and the exponential moving average, each in one pass over its slices.

use crate::denormal::{
    FIRST_MOMENT_FLUSH_THRESHOLD, SECOND_MOMENT_FLUSH_THRESHOLD, flush_gradient,
};

/// The constants of one step of Adam (Kingma & Ba 2015) with decoupled weight decay (AdamW), the same for all
/// parameters.
#[derive(Debug, Clone, Copy)]
pub struct AdamConstants {
    /// β₁ and β₂.
    pub betas: [f32; 2],
    /// The learning rate, with both bias corrections applied: α·√(1 − β₂ᵗ)/(1 − β₁ᵗ).
    pub step_size: f32,
    /// ε, with the second moment's bias correction applied: ε·√(1 − β₂ᵗ).
    pub epsilon: f32,
    /// The factor of weight decay, 1 − learning rate × decay; 1 for none.
    pub decay_factor: f32,
}

/// Updates a parameter and its two moments in place.
///
/// # Shapes
/// - `parameter`, `first_moment`, `second_moment`, `gradient`: the same length
pub fn adam_step(
    constants: &AdamConstants,
    parameter: &mut [f32],
    first_moment: &mut [f32],
    second_moment: &mut [f32],
    gradient: &[f32],
) {
    let AdamConstants {
        betas: [beta_1, beta_2],
        step_size,
        epsilon,
        decay_factor,
    } = *constants;
    let moments = first_moment.iter_mut().zip(second_moment);
    for ((w, (m, v)), &g) in parameter.iter_mut().zip(moments).zip(gradient) {
        let g = flush_gradient(g);
        let mean = beta_1 * *m + (1.0 - beta_1) * g;
        // Without gradients both moments decay exponentially and would become denormal.
        *m = if mean.abs() < FIRST_MOMENT_FLUSH_THRESHOLD {
            0.0
        } else {
            mean
        };
        let square = beta_2 * *v + (1.0 - beta_2) * (g * g);
        *v = if square < SECOND_MOMENT_FLUSH_THRESHOLD {
            0.0
        } else {
            square
        };
        *w = decay_factor * *w - step_size * *m / (v.sqrt() + epsilon);
    }
}

/// Exponential moving average: average ← decay·average + (1 − decay)·current.
///
/// # Shapes
/// - `average`, `current`: the same length
pub fn ema_step(average: &mut [f32], current: &[f32], decay: f32) {
    for (average, &current) in average.iter_mut().zip(current) {
        *average = decay * *average + (1.0 - decay) * current;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// In the first step m̂ = g and v̂ = g², so the parameter moves by the learning rate against the gradient's sign.
    #[test]
    fn adam_step_moves_by_the_learning_rate_in_the_first_step() {
        let (rate, beta_1, beta_2) = (0.01_f32, 0.9_f32, 0.999_f32);
        let constants = AdamConstants {
            betas: [beta_1, beta_2],
            step_size: rate * (1.0 - beta_2).sqrt() / (1.0 - beta_1),
            epsilon: 1e-8,
            decay_factor: 1.0,
        };
        let (mut w, mut m, mut v) = ([1.0, 1.0, 1.0], [0.0; 3], [0.0; 3]);
        adam_step(&constants, &mut w, &mut m, &mut v, &[3.0, -0.2, 0.0]);
        for (found, expected) in w.iter().zip([0.99, 1.01, 1.0]) {
            assert!((found - expected).abs() < 1e-6, "{found}, not {expected}");
        }
    }

    #[test]
    fn adam_step_flushes_moments_before_they_are_denormal() {
        let constants = AdamConstants {
            betas: [0.9, 0.999],
            step_size: 1e-3,
            epsilon: 1e-8,
            decay_factor: 1.0,
        };
        let (mut w, mut m, mut v) = ([1.0], [1e-30], [1e-36]);
        adam_step(&constants, &mut w, &mut m, &mut v, &[1e-20]);
        assert_eq!((w, m, v), ([1.0], [0.0], [0.0]));
    }
}
