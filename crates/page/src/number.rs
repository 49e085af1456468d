//! Numbers as people type and read them.

/// What was typed is no number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a number, please: −6 to 6, like 0.5 or −1,25")]
pub(crate) struct NotANumber;

/// Reads a number, however far out, with a dot or a comma for its decimals and any kind of minus.
///
/// # Errors
///
/// Says what is meant when the text is something else.
pub(crate) fn parse(text: &str) -> Result<f32, NotANumber> {
    let plain: String = text
        .trim()
        .chars()
        .map(|c| match c {
            ',' => '.',
            '−' | '–' => '-',
            c => c,
        })
        .collect();
    // Rust also reads "inf", "nan" and "1e5"; only plain decimals are meant here.
    if !plain
        .bytes()
        .all(|byte| byte.is_ascii_digit() || b"+-.".contains(&byte))
    {
        return Err(NotANumber);
    }
    let value: f32 = plain.parse().map_err(|_| NotANumber)?;
    // Never −0.
    Ok(if value == 0.0 { 0.0 } else { value })
}

/// Two decimals and a real minus sign, so that columns of numbers line up: "−1.20".
pub(crate) fn shown(value: f32) -> String {
    let text = format!("{value:.2}");
    match text.strip_prefix('-') {
        Some("0.00") => "0.00".to_owned(),
        Some(digits) => format!("−{digits}"),
        None => text,
    }
}

/// At most four decimals, no trailing zeros, for the address: "-1.2".
pub(crate) fn short(value: f32) -> String {
    let text = format!("{value:.4}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0" } else { text }.to_owned()
}

/// z as the caption shows it: all of a short one, both ends of a long one.
pub(crate) fn vector(z: &[f32]) -> String {
    let shown: Vec<_> = if z.len() <= 4 {
        z.iter().copied().map(shown).collect()
    } else {
        vec![
            shown(z[0]),
            shown(z[1]),
            "…".to_owned(),
            shown(z[z.len() - 1]),
        ]
    };
    format!("({})", shown.join(", "))
}

/// Milliseconds with one decimal.
pub(crate) fn milliseconds(ms: f64) -> String {
    format!("{ms:.1} ms")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typed_numbers() {
        assert_eq!(parse("0.5"), Ok(0.5));
        assert_eq!(parse(" 1,25 "), Ok(1.25));
        assert_eq!(parse("−3"), Ok(-3.0));
        assert_eq!(parse("+6"), Ok(6.0));
        assert_eq!(parse(".5"), Ok(0.5));
        assert!(parse("-0").unwrap().is_sign_positive());
        for bad in ["", "abc", "1e3", "NaN", "inf", "1.2.3", "--1", "1 2"] {
            assert_eq!(parse(bad), Err(NotANumber), "{bad}");
        }
    }

    #[test]
    fn shown_numbers() {
        assert_eq!(shown(-1.2), "−1.20");
        assert_eq!(shown(-0.001), "0.00");
        assert_eq!(short(-1.2), "-1.2");
        assert_eq!(short(0.0), "0");
        assert_eq!(short(-0.00001), "0");
        assert_eq!(short(2.0), "2");
        assert_eq!(short(0.1234), "0.1234");
        assert_eq!(vector(&[0.5, -1.2]), "(0.50, −1.20)");
        assert_eq!(vector(&[1.0, 2.0, 3.0, 4.0, 5.0]), "(1.00, 2.00, …, 5.00)");
        assert_eq!(milliseconds(0.44), "0.4 ms");
    }
}
