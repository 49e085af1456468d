//! Latent vectors as numbers: bounds, text, chance and the opening's path. No web types.

pub(crate) mod gaussian;
pub(crate) mod image_description;
pub(crate) mod interpolation;
pub(crate) mod kl_order;
pub(crate) mod label;
pub(crate) mod nearest_class;
pub(crate) mod play_path;
pub(crate) mod posterior;
pub(crate) mod shear;

/// The sliders and the plane reach from −`REACH` to `REACH`.
pub(crate) const REACH: f32 = 3.0;
/// Typed numbers and addresses reach from −`LIMIT` to `LIMIT`.
pub(crate) const LIMIT: f32 = 6.0;

/// Rounds to the sliders' step, so that what is drawn is what the address can say.
pub(crate) fn to_step(value: f32) -> f32 {
    let stepped = (value * 100.0).round() / 100.0;
    // Never −0: it would read "−0.00".
    if stepped == 0.0 { 0.0 } else { stepped }
}

/// The nearest value that z may take, −[`LIMIT`] to [`LIMIT`].
pub(crate) fn held(value: f32) -> f32 {
    value.clamp(-LIMIT, LIMIT)
}

/// Where a value lies between −[`REACH`] and [`REACH`], in per cent; one beyond lies at the end.
pub(crate) fn percent(value: f32) -> f32 {
    (value.clamp(-REACH, REACH) + REACH) / (2.0 * REACH) * 100.0
}

/// The shown symbol of dimension `index`, which counts from 0: z₁ for 0.
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
    fn far_numbers_are_held_at_the_border() {
        for (far, border) in [
            ("6.01", 6.0),
            ("-7", -6.0),
            (&"9".repeat(50), 6.0),
            ("6", 6.0),
        ] {
            assert_eq!(parse::parse(far).map(held), Ok(border), "{far}");
        }
    }

    #[test]
    fn symbols_count_from_one() {
        assert_eq!(symbol(0), "z₁");
        assert_eq!(symbol(15), "z₁₆");
    }

    #[test]
    fn the_middle_is_half_way_and_what_is_beyond_lies_at_the_end() {
        assert_eq!(percent(0.0), 50.0);
        assert_eq!(percent(-3.0), 0.0);
        assert_eq!(percent(4.5), 100.0);
    }

    #[test]
    fn steps_are_hundredths_without_minus_zero() {
        assert_eq!(to_step(0.126), 0.13);
        assert!(to_step(-0.001).is_sign_positive());
    }
}
