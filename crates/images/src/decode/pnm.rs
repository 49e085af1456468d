//! PBM, PGM and PPM (netpbm), as text and as binary data: faces, traffic signs and other research data sets.
//!
//! Own code, because the decoder in zune-ppm takes first pixels that look like spaces for a part of the header.

use super::{
    DecodeError, Decoded, check_size, contrast,
    formats::{MEMORY_LIMIT, damaged},
};

pub(super) fn decode(bytes: &[u8]) -> Result<Decoded, DecodeError> {
    let failed = |reason: &str| damaged("PNM")(reason.into());
    let Some(&[_, kind]) = bytes.first_chunk() else {
        return Err(failed("it has no header"));
    };
    let mut text = Text { bytes, at: 2 };
    let mut next = |what| {
        text.number()
            .ok_or_else(|| damaged("PNM")(format!("its header has no {what}")))
    };
    let (width, height) = (next("width")? as usize, next("height")? as usize);
    check_size(width, height)?;
    let is_bitmap = matches!(kind, b'1' | b'4');
    let max = if is_bitmap { 1 } else { next("maximum")? };
    if !(1..=65_535).contains(&max) {
        return Err(failed("its maximum is not 1 to 65535"));
    }
    let channels = if matches!(kind, b'3' | b'6') { 3 } else { 1 };
    let count = width * height * channels;
    if 2 * count > MEMORY_LIMIT {
        return Err(failed("decoding it needs too much memory"));
    }
    // One white space ends the header; what follows are pixels, whatever they look like.
    let data = bytes.get(text.at + 1..).unwrap_or_default();
    let values: Vec<u16> = match kind {
        b'1' => data
            .iter()
            .filter(|byte| matches!(byte, b'0' | b'1'))
            .take(count)
            .map(|byte| u16::from(*byte == b'0'))
            .collect(),
        b'2' | b'3' => std::iter::from_fn(|| text.number())
            .take(count)
            .map(|value| value.min(max) as u16)
            .collect(),
        b'4' => data
            .chunks_exact(width.div_ceil(8))
            .take(height)
            .flat_map(|row| (0..width).map(|x| u16::from(row[x / 8] >> (7 - x % 8) & 1 == 0)))
            .collect(),
        _ if max > 255 => {
            let (pairs, _) = data.as_chunks::<2>();
            let pairs = pairs.iter().take(count);
            pairs.map(|&pair| u16::from_be_bytes(pair)).collect()
        }
        _ => data.iter().take(count).map(|&byte| byte.into()).collect(),
    };
    if values.len() != count {
        return Err(DecodeError::Truncated("PNM"));
    }
    let full = |value: u16, all: u32| u32::from(value).min(max) * all / max;
    let (samples, note) = if max > 255 {
        let deep: Vec<u16> = values.iter().map(|&v| full(v, 65_535) as u16).collect();
        contrast::eight_bits(&deep, channels)
    } else {
        (values.iter().map(|&v| full(v, 255) as u8).collect(), None)
    };
    Ok(Decoded {
        width,
        height,
        samples,
        channels,
        orientation: 1,
        note,
    })
}

/// Numbers as text, with comments from `#` to the end of a line.
struct Text<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Text<'_> {
    /// The next number; `None` if something else follows. Afterwards `at` is the byte behind it.
    fn number(&mut self) -> Option<u32> {
        let mut is_comment = false;
        while let Some(&byte) = self.bytes.get(self.at) {
            is_comment = byte == b'#' || is_comment && !matches!(byte, b'\n' | b'\r');
            if !is_comment && !byte.is_ascii_whitespace() {
                break;
            }
            self.at += 1;
        }
        let digits = self.bytes[self.at.min(self.bytes.len())..]
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .take(10)
            .count();
        let text = self.bytes.get(self.at..self.at + digits)?;
        self.at += digits;
        std::str::from_utf8(text).ok()?.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(bytes: &[u8]) -> Option<Vec<u8>> {
        decode(bytes).ok().map(|decoded| decoded.samples)
    }

    #[test]
    fn decode_reads_all_six_kinds() {
        // The first pixels are 10 and 35: a line feed and the beginning of a comment, if they were text.
        assert_eq!(samples(b"P5 2 1\n255\n\x0a\x23"), Some(vec![10, 35]));
        assert_eq!(
            samples(b"P5\n# GIMP\n2 1\n15\n\x00\x0f"),
            Some(vec![0, 255])
        );
        assert_eq!(
            samples(b"P5 2 1 65535 \x00\x00\xff\xff"),
            Some(vec![0, 255])
        );
        assert_eq!(samples(b"P6 1 1 255\n\x01\x02\x03"), Some(vec![1, 2, 3]));
        assert_eq!(samples(b"P2 2 1 4\n0\n4"), Some(vec![0, 255]));
        assert_eq!(samples(b"P3 1 1 255 1 #c\n2 3"), Some(vec![1, 2, 3]));
        assert_eq!(samples(b"P1 3 1\n0 10"), Some(vec![255, 0, 255]));
        assert_eq!(samples(b"P4 3 1\n\x40"), Some(vec![255, 0, 255]));
    }

    #[test]
    fn decode_rejects_files_that_are_cut_off_or_lie() {
        for bytes in [
            b"P5".as_slice(),
            b"P5 2",
            b"P5 2 1 255\n\x01",
            b"P5 2 1 0\n\x01\x01",
            b"P5 2 1 70000\n\x01\x01",
            b"P5 99999999999 1 255\n",
            b"P6 16384 16384 255\n",
            b"P2 2 1 4\n0 x",
            b"P4 9 1\n\x40",
        ] {
            assert_eq!(samples(bytes), None, "{bytes:?}");
        }
    }
}
