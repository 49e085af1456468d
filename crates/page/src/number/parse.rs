//! From typed text to a number.

/// The text is not a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("type a number from −6 to 6, like 0.5 or −1,25")]
pub(crate) struct NotANumber;

/// Parses a plain decimal of any size, with a dot or a comma and any kind of minus sign.
///
/// # Errors
///
/// Returns what is expected if the text is something else.
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
    // Rust also parses "inf", "nan" and "1e5"; only plain decimals are accepted here.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parse_reads_plain_decimals_only() {
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
}
