//! The elements of an array.

/// The type of an array's elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Element {
    pub(crate) kind: Kind,
    pub(crate) is_big_endian: bool,
}

/// What an element is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Bool,
    U8,
    I8,
    U16,
    I16,
    U32,
    I32,
    U64,
    I64,
    F16,
    F32,
    F64,
    /// Text of this many bytes, padded with zeros.
    Bytes(usize),
    /// Text of this many code points of 4 bytes, padded with zeros.
    Unicode(usize),
}

impl Element {
    /// Size in bytes.
    pub(crate) fn size(self) -> usize {
        match self.kind {
            Kind::Bool | Kind::U8 | Kind::I8 => 1,
            Kind::U16 | Kind::I16 | Kind::F16 => 2,
            Kind::U32 | Kind::I32 | Kind::F32 => 4,
            Kind::U64 | Kind::I64 | Kind::F64 => 8,
            Kind::Bytes(length) => length,
            Kind::Unicode(length) => length.saturating_mul(4),
        }
    }

    /// Whether it is text, which only labels can be.
    pub(crate) fn is_text(self) -> bool {
        matches!(self.kind, Kind::Bytes(_) | Kind::Unicode(_))
    }

    /// The number that these bytes are; 0 for text. There must be [`size`](Self::size) bytes.
    pub(crate) fn number(self, bytes: &[u8]) -> f64 {
        let mut ordered = [0; 8];
        let size = bytes.len().min(8);
        for (to, &from) in ordered.iter_mut().zip(bytes) {
            *to = from;
        }
        if self.is_big_endian {
            ordered[..size].reverse();
        }
        let bits = u64::from_le_bytes(ordered);
        match self.kind {
            Kind::Bool => f64::from(u8::from(bits != 0)),
            Kind::U8 | Kind::U16 | Kind::U32 | Kind::U64 => bits as f64,
            Kind::I8 => f64::from(bits as u8 as i8),
            Kind::I16 => f64::from(bits as u16 as i16),
            Kind::I32 => f64::from(bits as u32 as i32),
            Kind::I64 => bits as i64 as f64,
            Kind::F16 => f64::from(half(bits as u16)),
            Kind::F32 => f64::from(f32::from_bits(bits as u32)),
            Kind::F64 => f64::from_bits(bits),
            Kind::Bytes(_) | Kind::Unicode(_) => 0.0,
        }
    }

    /// The text that these bytes are.
    pub(crate) fn text(self, bytes: &[u8]) -> String {
        let text: String = match self.kind {
            Kind::Unicode(_) => {
                let (points, _) = bytes.as_chunks::<4>();
                points
                    .iter()
                    .map(|&point| match self.is_big_endian {
                        true => u32::from_be_bytes(point),
                        false => u32::from_le_bytes(point),
                    })
                    .filter_map(char::from_u32)
                    .collect()
            }
            _ => String::from_utf8_lossy(bytes).into_owned(),
        };
        text.trim_end_matches('\0').trim().to_owned()
    }
}

/// A number of half precision (IEEE 754 binary16).
fn half(bits: u16) -> f32 {
    let sign = if bits & 0x8000 == 0 { 1.0 } else { -1.0 };
    let exponent = i32::from(bits >> 10 & 0x1f);
    let fraction = f32::from(bits & 0x3ff);
    sign * match exponent {
        0 => fraction * 2.0_f32.powi(-24),
        31 if fraction == 0.0 => f32::INFINITY,
        31 => f32::NAN,
        _ => (1024.0 + fraction) * 2.0_f32.powi(exponent - 25),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn number_reads_both_byte_orders() {
        let element = |kind, is_big_endian| Element {
            kind,
            is_big_endian,
        };
        let number = |kind, bytes: &[u8]| {
            let reversed: Vec<u8> = bytes.iter().rev().copied().collect();
            let little = element(kind, false).number(bytes);
            assert_eq!(element(kind, true).number(&reversed), little);
            little
        };
        assert_eq!(number(Kind::Bool, &[7]), 1.0);
        assert_eq!(number(Kind::I8, &[0xff]), -1.0);
        assert_eq!(number(Kind::U16, &[1, 2]), 513.0);
        assert_eq!(number(Kind::I16, &[0xfe, 0xff]), -2.0);
        assert_eq!(number(Kind::I32, &(-70_000_i32).to_le_bytes()), -70_000.0);
        assert_eq!(number(Kind::U64, &3_u64.to_le_bytes()), 3.0);
        assert_eq!(number(Kind::F32, &0.5_f32.to_le_bytes()), 0.5);
        assert_eq!(number(Kind::F64, &(-2.25_f64).to_le_bytes()), -2.25);
        assert_eq!(number(Kind::F16, &[0x00, 0x3c]), 1.0);
        assert_eq!(number(Kind::F16, &[0x01, 0x00]), 2.0_f64.powi(-24));
    }

    #[test]
    fn text_drops_the_padding() {
        let points: Vec<u8> = ['c', 'ä', '\0']
            .iter()
            .flat_map(|&c| u32::from(c).to_le_bytes())
            .collect();
        let unicode = Element {
            kind: Kind::Unicode(3),
            is_big_endian: false,
        };
        assert_eq!((unicode.size(), unicode.text(&points).as_str()), (12, "cä"));
        let bytes = Element {
            kind: Kind::Bytes(4),
            is_big_endian: false,
        };
        assert_eq!(bytes.text(b"dog\0"), "dog");
    }
}
