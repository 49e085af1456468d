//! Numbers in nats, as text.

/// "−132.41", to two places.
pub(crate) fn nats(value: f64) -> String {
    if value.is_finite() {
        let text = format!("{value:.2}");
        // No −0.00.
        if text == "-0.00" {
            return "0.00".to_owned();
        }
        text.replace('-', "−")
    } else if value < 0.0 {
        "−∞".to_owned()
    } else {
        "–".to_owned()
    }
}

/// "−132.41 ± 0.12".
pub(crate) fn with_error(value: f64, error: f64) -> String {
    if error.is_finite() {
        format!("{} ± {}", nats(value), nats(error))
    } else {
        nats(value)
    }
}

/// A whole number in groups of three: "20,000".
pub(crate) fn grouped(count: usize) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_people_write_them() {
        assert_eq!(nats(-132.414), "−132.41");
        assert_eq!(nats(-0.001), "0.00");
        assert_eq!(nats(f64::NEG_INFINITY), "−∞");
        assert_eq!(with_error(1.0, 0.126), "1.00 ± 0.13");
        assert_eq!(with_error(1.0, f64::NAN), "1.00");
        assert_eq!(
            [7, 500, 20_000, 1_000_000].map(grouped),
            ["7", "500", "20,000", "1,000,000"]
        );
    }
}
