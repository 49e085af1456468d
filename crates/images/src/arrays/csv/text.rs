//! The text of a table: separators, numbers, headers.

use crate::arrays::ArrayError;
use std::io::{self, Read};

/// Maximum length of a line, in bytes.
pub(super) const MAX_LINE_BYTES: usize = 4 << 20;

/// Separators, the less likely ones within numbers first.
const DELIMITERS: [u8; 5] = [b'\t', b';', b'|', b',', b' '];

/// The separator of a table that starts with these bytes.
pub(super) fn delimiter(head: &[u8]) -> u8 {
    let line = head
        .split(|&byte| byte == b'\n' || byte == b'\r')
        .map(<[u8]>::trim_ascii)
        .find(|line| !line.is_empty() && !line.starts_with(b"#"))
        .unwrap_or_default();
    let count = |delimiter: u8| line.iter().filter(|&&byte| byte == delimiter).count();
    let usual = DELIMITERS.into_iter().find(|&d| count(d) >= 8);
    usual.unwrap_or_else(|| {
        // Reversed, because the last of several maxima is returned.
        let most = DELIMITERS.into_iter().rev().max_by_key(|&d| count(d));
        most.unwrap_or(b',')
    })
}

/// The number in a field; `None` if it is none. With another separator, a comma is a decimal point.
pub(super) fn number(field: &[u8], delimiter: u8) -> Option<f32> {
    if !field.is_empty() && field.len() <= 6 && field.iter().all(u8::is_ascii_digit) {
        let value = field
            .iter()
            .fold(0_u32, |value, digit| value * 10 + u32::from(digit - b'0'));
        return Some(value as f32);
    }
    let text = std::str::from_utf8(field).ok()?;
    let parsed = if delimiter != b',' && text.contains(',') {
        text.replace(',', ".").parse()
    } else {
        text.parse()
    };
    parsed.ok()
}

/// The label in a field: a whole number without a decimal point, or the text.
pub(super) fn label(field: &[u8]) -> String {
    let text = String::from_utf8_lossy(field);
    let text = text.trim().trim_matches(['"', '\'']);
    match text.parse::<f64>() {
        Ok(number) if number.fract() == 0.0 && number.abs() < 1e9 => format!("{}", number as i64),
        _ => text.to_owned(),
    }
}

/// Limits the length of lines, so that a file without line breaks does not fill the memory.
pub(super) struct LineLimit<R> {
    inner: R,
    length: usize,
}

impl<R> LineLimit<R> {
    pub(super) fn new(inner: R) -> Self {
        Self { inner, length: 0 }
    }
}

impl<R: Read> Read for LineLimit<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        let is_end = |byte: &u8| matches!(byte, b'\n' | b'\r');
        match buffer[..count].iter().rposition(is_end) {
            Some(last) => self.length = count - last - 1,
            None => self.length += count,
        }
        if self.length > MAX_LINE_BYTES {
            return Err(io::Error::other(format!(
                "a line is longer than {} MiB",
                MAX_LINE_BYTES >> 20
            )));
        }
        Ok(count)
    }
}

/// Skips the header of an ARFF file, if there is one, up to its data. Returns the names of the columns.
///
/// # Errors
/// When the header does not end.
pub(super) fn after_arff_header<'a>(
    reader: &mut Box<dyn Read + 'a>,
) -> Result<Option<Vec<String>>, ArrayError> {
    const MAX_HEADER_BYTES: u64 = 4 << 20;
    let mut start = [0; 16];
    let mut filled = 0;
    while filled < start.len() {
        match reader.read(&mut start[filled..])? {
            0 => break,
            count => filled += count,
        }
    }
    let start = start[..filled].to_vec();
    let text = start
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(&start)
        .to_vec();
    let lower = text.to_ascii_lowercase();
    let is_arff = lower.starts_with(b"@relation") || lower.starts_with(b"%");
    let rest = std::mem::replace(reader, Box::new(io::empty()));
    *reader = Box::new(io::Cursor::new(text).chain(rest));
    if !is_arff {
        return Ok(None);
    }
    let mut names = Vec::new();
    let (mut line, mut byte, mut read) = (Vec::new(), [0], 0);
    loop {
        read += 1;
        let is_end = reader.read(&mut byte)? == 0;
        if !is_end && byte[0] != b'\n' {
            line.push(byte[0]);
            if read > MAX_HEADER_BYTES {
                return Err(ArrayError::Header("ARFF"));
            }
            continue;
        }
        let text = String::from_utf8_lossy(&line).trim().to_owned();
        line.clear();
        let mut words = text.split_ascii_whitespace();
        match words.next().map(str::to_lowercase).as_deref() {
            Some("@attribute") => {
                let name = words.next().unwrap_or_default();
                names.push(name.trim_matches(['"', '\'']).to_owned());
            }
            Some("@data") => return Ok(Some(names)),
            _ => {}
        }
        if is_end {
            return Err(ArrayError::Header("ARFF"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delimiter_is_found_in_the_first_line() {
        for (head, expected) in [
            (
                "label,pixel 0,pixel 1,pixel 2,pixel 3,pixel 4,pixel 5,pixel 6,pixel 7\n",
                b',',
            ),
            ("0,5;0,25;1,0;0,5;0,25;1,0;0,5;0,25;1,0\n", b';'),
            ("1\t2\t3\n", b'\t'),
            ("\n# from numpy\n1 2 3 4\n", b' '),
            (
                "emotion,pixels,Usage\n0,70 80 82 72 58 58 60 63 54,Training\n",
                b',',
            ),
            ("0|1|2|3|4|5|6|7|8|9", b'|'),
        ] {
            assert_eq!(delimiter(head.as_bytes()), expected, "{head}");
        }
    }

    #[test]
    fn number_reads_whole_decimal_and_exponential_numbers() {
        assert_eq!(number(b"255", b','), Some(255.0));
        assert_eq!(number(b"5.000000e-01", b' '), Some(0.5));
        assert_eq!(number(b"0,5", b';'), Some(0.5));
        assert_eq!(number(b"-1", b','), Some(-1.0));
        assert_eq!(number(b"", b','), None);
        assert_eq!(number(b"A", b','), None);
    }

    #[test]
    fn label_has_no_decimal_point() {
        assert_eq!(label(b"7.0"), "7");
        assert_eq!(label(b"5.000000000000000000e+00"), "5");
        assert_eq!(label(b" \"cat\" "), "cat");
    }

    #[test]
    fn line_limit_rejects_a_file_without_line_breaks() {
        let mut reader = LineLimit::new(io::repeat(b'1').take(MAX_LINE_BYTES as u64 + 70_000));
        assert!(io::copy(&mut reader, &mut io::sink()).is_err());
        let lines = b"1,2\n".repeat(MAX_LINE_BYTES / 4 + 9);
        assert!(io::copy(&mut LineLimit::new(lines.as_slice()), &mut io::sink()).is_ok());
    }
}
