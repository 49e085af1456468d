//! The conditioning label: as text, and as the class weights that a conditional model takes.

use crate::latent::class_names::ClassNames;
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

/// "3", or "3.25: 75% of 3, 25% of 4"; of classes with other names "C", or "75% of C, 25% of D".
pub(crate) fn describe(label: f32, names: &ClassNames) -> String {
    let (below, part) = (label.floor() as usize, round_to_step(label.fract()));
    if part == 0.0 {
        return names.name(below);
    }
    let percent = (part * 100.0).round();
    let number = match names.are_digits() {
        true => format!("{}: ", format::for_address(label)),
        false => String::new(),
    };
    format!(
        "{number}{}% of {}, {percent}% of {}",
        100.0 - percent,
        names.name(below),
        names.name(below + 1)
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
        let digits = ClassNames::default();
        assert_eq!(describe(3.0, &digits), "3");
        assert_eq!(describe(3.25, &digits), "3.25: 75% of 3, 25% of 4");
        assert_eq!(describe(8.99, &digits), "8.99: 1% of 8, 99% of 9");
        let letters = ClassNames::new(["A", "B"].map(str::to_owned).into());
        assert_eq!(describe(1.0, &letters), "B");
        assert_eq!(describe(0.4, &letters), "60% of A, 40% of B");
    }
}
