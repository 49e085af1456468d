//! A label as people say it, and as a conditional model takes it.

use crate::latent::to_step;
use crate::number::format;

/// The weight of each class, `[classes]`, for a label that is one of them, counted from 0, or lies between
/// two: 3.25 is three quarters of 3 and one quarter of 4. Empty for no classes.
pub(crate) fn weights(label: f32, classes: usize) -> Vec<f32> {
    let label = label.clamp(0.0, largest(classes));
    (0..classes)
        .map(|class| (1.0 - (label - class as f32).abs()).max(0.0))
        .collect()
}

/// The last class, as the largest label.
pub(crate) fn largest(classes: usize) -> f32 {
    classes.saturating_sub(1) as f32
}

/// Reads a label of a model with so many classes, to the step of its slider. None when it is not from 0 to the
/// last class.
pub(crate) fn parse(text: &str, classes: usize) -> Option<f32> {
    // Plain decimals only, as Rust also reads "inf" and "1e1".
    let plain = |byte: u8| byte.is_ascii_digit() || byte == b'.';
    let label: f32 = text
        .bytes()
        .all(plain)
        .then(|| text.parse().ok())
        .flatten()?;
    (classes > 0 && label <= largest(classes)).then(|| to_step(label))
}

/// In words: "3", or "3.25: 75% of 3, 25% of 4".
pub(crate) fn words(label: f32) -> String {
    let (below, part) = (label.floor(), to_step(label.fract()));
    if part == 0.0 {
        return format::for_address(label);
    }
    let percent = (part * 100.0).round();
    format!(
        "{}: {}% of {below}, {percent}% of {}",
        format::for_address(label),
        100.0 - percent,
        below + 1.0
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_one_hot_and_one_between_is_a_mixture() {
        assert_eq!(weights(2.0, 4), [0.0, 0.0, 1.0, 0.0]);
        assert_eq!(weights(1.25, 4), [0.0, 0.75, 0.25, 0.0]);
        assert_eq!(weights(9.0, 3), [0.0, 0.0, 1.0]);
        assert_eq!(weights(0.5, 1), [1.0]);
        assert!(weights(3.0, 0).is_empty());
    }

    #[test]
    fn what_is_no_label_of_the_model_is_not_read() {
        assert_eq!(parse("3", 10), Some(3.0));
        assert_eq!(parse("8.257", 10), Some(8.26));
        assert_eq!(parse("9", 10), Some(9.0));
        for broken in ["", "-1", "9.01", "x", "NaN", "inf", "1e0", "3,5", "."] {
            assert_eq!(parse(broken, 10), None, "{broken}");
        }
        assert_eq!(parse("0", 0), None);
    }

    #[test]
    fn words_name_both_labels() {
        assert_eq!(words(3.0), "3");
        assert_eq!(words(3.25), "3.25: 75% of 3, 25% of 4");
        assert_eq!(words(8.99), "8.99: 1% of 8, 99% of 9");
    }
}
