//! Numbers as text, with the minus sign U+2212.

/// Rounded to `decimals` decimals: "−1.20". Never "−0.00".
pub(crate) fn fixed(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    match text.strip_prefix('-') {
        Some(digits) if digits.bytes().all(|byte| b"0.".contains(&byte)) => digits.to_owned(),
        Some(digits) => format!("−{digits}"),
        None => text,
    }
}

/// A value of z, to two decimals: "−1.20".
pub(crate) fn latent(value: f32) -> String {
    fixed(f64::from(value), 2)
}

/// Rounded to three significant digits, with at most five decimals: "0.0213", "−1.20".
pub(crate) fn significant(value: f32) -> String {
    let value = f64::from(value);
    let decimals = |value: f64| {
        if value.abs() < 1e-5 {
            2
        } else {
            (2.0 - value.abs().log10().floor()).clamp(0.0, 5.0) as usize
        }
    };
    // Rounding may add a digit: 0.9996 is 1.00.
    let scale = 10_f64.powi(decimals(value) as i32);
    fixed(value, decimals((value * scale).round() / scale))
}

/// z for the caption: up to four components, otherwise the first two and the last.
pub(crate) fn vector(z: &[f32]) -> String {
    let shown: Vec<_> = if z.len() <= 4 {
        z.iter().copied().map(latent).collect()
    } else {
        vec![
            latent(z[0]),
            latent(z[1]),
            "…".to_owned(),
            latent(z[z.len() - 1]),
        ]
    };
    format!("({})", shown.join(", "))
}

/// At most four decimals and no trailing zeros, for the address: "-1.2".
pub(crate) fn for_address(value: f32) -> String {
    let text = format!("{value:.4}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0" } else { text }.to_owned()
}

/// Milliseconds to one decimal: "0.4 ms".
pub(crate) fn milliseconds(ms: f64) -> String {
    format!("{ms:.1} ms")
}

/// A rate to two significant digits: "0.52", "5.2", "52", "5200".
pub(crate) fn rate(value: f64) -> String {
    let decimals = match value {
        10.0.. => 0,
        1.0.. => 1,
        _ => 2,
    };
    format!("{value:.decimals$}")
}

/// A time span: "42 s", "3 min 5 s", "2 h 10 min".
pub(crate) fn duration(seconds: f64) -> String {
    let seconds = seconds.round() as u64;
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 if seconds.is_multiple_of(60) => format!("{} min", seconds / 60),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

/// Nats to two decimals: "−132.41"; "−∞", or "–" for NaN and ∞.
pub(crate) fn nats(value: f64) -> String {
    if value.is_finite() {
        fixed(value, 2)
    } else if value < 0.0 {
        "−∞".to_owned()
    } else {
        "–".to_owned()
    }
}

/// Nats with their standard error: "−132.41 ± 0.12".
pub(crate) fn nats_with_error(value: f64, error: f64) -> String {
    if error.is_finite() {
        format!("{} ± {}", nats(value), nats(error))
    } else {
        nats(value)
    }
}

/// A whole number in groups of three digits: "20,000".
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

/// A tick of an axis: "0.5", "250", "12k".
pub(crate) fn tick(value: f64) -> String {
    let text = if value.abs() >= 10_000.0 {
        format!("{}k", value / 1000.0)
    } else {
        // Ticks are round numbers; this removes the error of their binary fractions.
        format!("{}", (value * 1e6).round() / 1e6)
    };
    text.replace('-', "−")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latent_has_two_decimals_and_no_negative_zero() {
        assert_eq!(latent(-1.2), "−1.20");
        assert_eq!(latent(-0.001), "0.00");
        assert_eq!(vector(&[0.5, -1.2]), "(0.50, −1.20)");
        assert_eq!(vector(&[1.0, 2.0, 3.0, 4.0, 5.0]), "(1.00, 2.00, …, 5.00)");
    }

    #[test]
    fn significant_has_three_digits() {
        let cases = [
            (0.0, "0.00"),
            (0.021_34, "0.0213"),
            (-0.084_5, "−0.0845"),
            (-1.2, "−1.20"),
            (12.34, "12.3"),
            (1234.5, "1234"),
            (0.000_123, "0.00012"),
            (0.999_6, "1.00"),
            (0.099_96, "0.100"),
        ];
        for (value, text) in cases {
            assert_eq!(significant(value), text);
        }
    }

    #[test]
    fn for_address_is_short_and_ascii() {
        assert_eq!(for_address(-1.2), "-1.2");
        assert_eq!(for_address(0.0), "0");
        assert_eq!(for_address(-0.00001), "0");
        assert_eq!(for_address(2.0), "2");
        assert_eq!(for_address(0.1234), "0.1234");
    }

    #[test]
    fn nats_may_be_infinite_or_unknown() {
        assert_eq!(nats(-132.414), "−132.41");
        assert_eq!(nats(-0.001), "0.00");
        assert_eq!(nats(f64::NEG_INFINITY), "−∞");
        assert_eq!(nats(f64::NAN), "–");
        assert_eq!(nats_with_error(1.0, 0.126), "1.00 ± 0.13");
        assert_eq!(nats_with_error(1.0, f64::NAN), "1.00");
    }

    #[test]
    fn duration_and_rate_are_short() {
        assert_eq!(duration(41.6), "42 s");
        assert_eq!(duration(180.0), "3 min");
        assert_eq!(duration(185.0), "3 min 5 s");
        assert_eq!(duration(7800.0), "2 h 10 min");
        assert_eq!(rate(0.523), "0.52");
        assert_eq!(rate(5.23), "5.2");
        assert_eq!(rate(5200.4), "5200");
        assert_eq!(milliseconds(0.44), "0.4 ms");
        assert_eq!(
            [7, 500, 20_000, 1_000_000].map(grouped),
            ["7", "500", "20,000", "1,000,000"]
        );
        assert_eq!(tick(25_000.0), "25k");
        assert_eq!(tick(-0.2), "−0.2");
    }
}
