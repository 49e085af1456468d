//! The conditioning label: as text, and as the class weights that a conditional model takes.

use crate::latent::round_to_step;
use crate::number::format;

/// Class weights, `[classes]`: one-hot for a whole label, a mixture of two neighbours otherwise. 3.25 is ¾ of
/// class 3 and ¼ of class 4. Empty for no classes.
pub(crate) fn class_weights(label: f32, classes: usize) -> Vec<f32> {
    let label = label.clamp(0.0, max_label(classes));
    (0..classes)
        .map(|class| (1.0 - (label - class as f32).abs()).max(0.0))
        .collect()
}

/// The last class, counting from 0.
pub(crate) fn max_label(classes: usize) -> f32 {
    classes.saturating_sub(1) as f32
}

/// Parses a label and rounds it to the slider's step; `None` unless it is from 0 to the last class.
pub(crate) fn parse(text: &str, classes: usize) -> Option<f32> {
    // Rust also parses "inf" and "1e1".
    let plain = |byte: u8| byte.is_ascii_digit() || byte == b'.';
    let label: f32 = text
        .bytes()
        .all(plain)
        .then(|| text.parse().ok())
        .flatten()?;
    (classes > 0 && label <= max_label(classes)).then(|| round_to_step(label))
}

/// "3", or "3.25: 75% of 3, 25% of 4".
pub(crate) fn describe(label: f32) -> String {
    let (below, part) = (label.floor(), round_to_step(label.fract()));
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
    fn class_weights_are_one_hot_or_a_mixture_of_neighbours() {
        assert_eq!(class_weights(2.0, 4), [0.0, 0.0, 1.0, 0.0]);
        assert_eq!(class_weights(1.25, 4), [0.0, 0.75, 0.25, 0.0]);
        assert_eq!(class_weights(9.0, 3), [0.0, 0.0, 1.0]);
        assert_eq!(class_weights(0.5, 1), [1.0]);
        assert!(class_weights(3.0, 0).is_empty());
    }

    #[test]
    fn parse_rejects_labels_out_of_range() {
        assert_eq!(parse("3", 10), Some(3.0));
        assert_eq!(parse("8.257", 10), Some(8.26));
        assert_eq!(parse("9", 10), Some(9.0));
        for broken in ["", "-1", "9.01", "x", "NaN", "inf", "1e0", "3,5", "."] {
            assert_eq!(parse(broken, 10), None, "{broken}");
        }
        assert_eq!(parse("0", 0), None);
    }

    #[test]
    fn describe_names_both_labels() {
        assert_eq!(describe(3.0), "3");
        assert_eq!(describe(3.25), "3.25: 75% of 3, 25% of 4");
        assert_eq!(describe(8.99), "8.99: 1% of 8, 99% of 9");
    }
}
