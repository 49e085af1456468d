//! Arithmetic on latent vectors and labels, the names of classes: bounds, formatting, sampling, interpolation. No web
//! types.

pub(crate) mod argsort;
pub(crate) mod class_names;
pub(crate) mod gaussian;
pub(crate) mod image_description;
pub(crate) mod interpolation;
pub(crate) mod kl_order;
pub(crate) mod label;
pub(crate) mod nearest_class;
pub(crate) mod play_path;
pub(crate) mod posterior;
pub(crate) mod shear;

/// Sliders and the latent plane cover −`SLIDER_LIMIT` to `SLIDER_LIMIT`.
pub(crate) const SLIDER_LIMIT: f32 = 3.0;
/// Typed numbers and URLs accept −`LATENT_LIMIT` to `LATENT_LIMIT`.
pub(crate) const LATENT_LIMIT: f32 = 6.0;

/// Rounds to the sliders' step of 0.01, so that the URL reproduces z exactly.
pub(crate) fn round_to_step(value: f32) -> f32 {
    let rounded = (value * 100.0).round() / 100.0;
    // Not −0, which would be formatted as "−0.00".
    if rounded == 0.0 { 0.0 } else { rounded }
}

/// Clamps one component of z to −[`LATENT_LIMIT`]..=[`LATENT_LIMIT`].
pub(crate) fn clamp_latent(value: f32) -> f32 {
    value.clamp(-LATENT_LIMIT, LATENT_LIMIT)
}

/// Position of a value on a slider from −[`SLIDER_LIMIT`] to [`SLIDER_LIMIT`], in percent, clamped to 0–100.
pub(crate) fn slider_percent(value: f32) -> f32 {
    (value.clamp(-SLIDER_LIMIT, SLIDER_LIMIT) + SLIDER_LIMIT) / (2.0 * SLIDER_LIMIT) * 100.0
}

/// The symbol of dimension `index`, which counts from 0: "z₁" for 0.
pub(crate) fn symbol(index: usize) -> String {
    let digits = (index + 1).to_string();
    let subscript = digits
        .bytes()
        .filter_map(|digit| char::from_u32(0x2080 + u32::from(digit - b'0')));
    std::iter::once('z').chain(subscript).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::parse;

    #[test]
    fn clamp_latent_limits_to_six() {
        for (typed, clamped) in [
            ("6.01", 6.0),
            ("-7", -6.0),
            (&"9".repeat(50), 6.0),
            ("6", 6.0),
        ] {
            assert_eq!(
                parse::parse(typed).map(clamp_latent),
                Ok(clamped),
                "{typed}"
            );
        }
    }

    #[test]
    fn symbol_counts_from_one() {
        assert_eq!(symbol(0), "z₁");
        assert_eq!(symbol(15), "z₁₆");
    }

    #[test]
    fn slider_percent_clamps_to_the_ends() {
        assert_eq!(slider_percent(0.0), 50.0);
        assert_eq!(slider_percent(-3.0), 0.0);
        assert_eq!(slider_percent(4.5), 100.0);
    }

    #[test]
    fn round_to_step_gives_hundredths_without_negative_zero() {
        assert_eq!(round_to_step(0.126), 0.13);
        assert!(round_to_step(-0.001).is_sign_positive());
    }
}
