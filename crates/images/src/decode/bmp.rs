//! BMP, which needs no decoder: rows of pixels behind a header and a palette.
//!
//! The run-length compressions are refused: nothing has written them for decades. The fourth byte
//! of a pixel, which programs fill with anything, is not taken for transparency.

use super::{DecodeError, Raw, check_size, luma};

/// The header from 1990, to which all later ones only add.
const OLD_HEADER: u32 = 12;
/// Pixels as they are...
const PLAIN: u32 = 0;
/// ... or with masks that tell the colours' bits, without and with transparency.
const MASKED: [u32; 2] = [3, 6];

/// Little-endian numbers at places of a file; none where it ends before.
struct Numbers<'a>(&'a [u8]);

impl Numbers<'_> {
    fn short(&self, at: usize) -> Option<u32> {
        let bytes = self.0.get(at..)?.first_chunk()?;
        Some(u16::from_le_bytes(*bytes).into())
    }

    fn long(&self, at: usize) -> Option<u32> {
        Some(u32::from_le_bytes(*self.0.get(at..)?.first_chunk()?))
    }
}

struct Header {
    width: usize,
    height: usize,
    from_the_top: bool,
    bits: usize,
    compression: u32,
    /// Where the palette is, and the bytes of an entry.
    palette: (usize, usize),
    /// Where the pixels are.
    start: usize,
}

pub(super) fn decode(bytes: &[u8]) -> Result<Raw, DecodeError> {
    let damaged = |reason: &str| DecodeError::Damaged {
        format: "BMP",
        reason: reason.into(),
    };
    let header = header(&Numbers(bytes)).ok_or(DecodeError::CutOff("BMP"))?;
    let Header {
        width,
        height,
        bits,
        ..
    } = header;
    check_size(width, height)?;
    if header.compression != PLAIN && !MASKED.contains(&header.compression) {
        return Err(damaged("it is compressed; save it as PNG instead"));
    }
    if !matches!(bits, 1 | 4 | 8 | 16 | 24 | 32) {
        return Err(damaged("no BMP has so many bits a pixel"));
    }
    // Neither overflows: both sides are checked, also where a number has 32 bits.
    let row = (width * bits).div_ceil(32) * 4;
    let rows = bytes
        .get(header.start..)
        .and_then(|rest| rest.get(..row * height))
        .ok_or(DecodeError::CutOff("BMP"))?;
    let pixel = pixels(bytes, &header).ok_or(DecodeError::CutOff("BMP"))?;
    let mut samples = Vec::with_capacity(width * height);
    for y in 0..height {
        let stored = if header.from_the_top {
            y
        } else {
            height - 1 - y
        };
        let line = &rows[stored * row..][..row];
        samples.extend((0..width).map(|x| pixel.grey(line, x)));
    }
    Ok(Raw {
        width,
        height,
        samples,
        channels: 1,
        orientation: 1,
    })
}

fn header(numbers: &Numbers<'_>) -> Option<Header> {
    let start = numbers.long(10)? as usize;
    let size = numbers.long(14)?;
    if size == OLD_HEADER {
        return Some(Header {
            width: numbers.short(18)? as usize,
            height: numbers.short(20)? as usize,
            from_the_top: false,
            bits: numbers.short(24)? as usize,
            compression: PLAIN,
            palette: (26, 3),
            start,
        });
    }
    let height = numbers.long(22)?.cast_signed();
    Some(Header {
        width: numbers.long(18)? as usize,
        height: height.unsigned_abs() as usize,
        from_the_top: height < 0,
        bits: numbers.short(28)? as usize,
        compression: numbers.long(30)?,
        palette: ((size as usize).checked_add(14)?, 4),
        start,
    })
}

/// How the grey of a pixel is found in its row.
enum Pixels {
    /// So many bits are the place in a palette.
    Palette(usize, Vec<u8>),
    /// So many bytes hold red, green and blue in these bits.
    Masks(usize, [u32; 3]),
}

fn pixels(bytes: &[u8], header: &Header) -> Option<Pixels> {
    let numbers = Numbers(bytes);
    if header.bits <= 8 {
        let (start, entry) = header.palette;
        // As many as there is room for, in front of the pixels.
        let colours = bytes.get(start..header.start)?;
        let colours = colours.chunks_exact(entry).take(1 << header.bits);
        let palette = colours.map(|c| luma(c[2], c[1], c[0])).collect();
        return Some(Pixels::Palette(header.bits, palette));
    }
    let masks = if MASKED.contains(&header.compression) {
        [numbers.long(54)?, numbers.long(58)?, numbers.long(62)?]
    } else if header.bits == 16 {
        [0x7c00, 0x03e0, 0x001f]
    } else {
        [0x00ff_0000, 0x0000_ff00, 0x0000_00ff]
    };
    Some(Pixels::Masks(header.bits / 8, masks))
}

impl Pixels {
    fn grey(&self, row: &[u8], x: usize) -> u8 {
        match self {
            Self::Palette(bits, palette) => {
                let at = x * bits;
                let shift = 8 - bits - at % 8;
                let index = (usize::from(row[at / 8]) >> shift) & ((1 << bits) - 1);
                // A colour that is not in the palette is black, as in other programs.
                palette.get(index).copied().unwrap_or(0)
            }
            Self::Masks(bytes, masks) => {
                let pixel = row[x * bytes..][..*bytes]
                    .iter()
                    .rev()
                    .fold(0, |pixel, &byte| pixel << 8 | u32::from(byte));
                let [r, g, b] = masks.map(|mask| channel(pixel, mask));
                luma(r, g, b)
            }
        }
    }
}

/// The bits of a mask, as 0 to 255.
fn channel(pixel: u32, mask: u32) -> u8 {
    if mask == 0 {
        return 0;
    }
    let shift = mask.trailing_zeros();
    let (value, most) = ((pixel & mask) >> shift, mask >> shift);
    (u64::from(value) * 255 / u64::from(most)) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bmp(bits: u16, height: i32, palette: &[u8], rows: &[u8]) -> Vec<u8> {
        let mut bytes = b"BM\0\0\0\0\0\0\0\0".to_vec();
        bytes.extend((54 + palette.len() as u32).to_le_bytes());
        bytes.extend(40_u32.to_le_bytes());
        bytes.extend(3_i32.to_le_bytes());
        bytes.extend(height.to_le_bytes());
        bytes.extend(1_u16.to_le_bytes());
        bytes.extend(bits.to_le_bytes());
        bytes.extend([0; 24]);
        bytes.extend(palette);
        bytes.extend(rows);
        bytes
    }

    #[test]
    fn rows_are_padded_and_from_the_bottom() {
        let palette = [0, 0, 0, 0, 255, 255, 255, 0];
        let rows = [0b1010_0000, 0, 0, 0, 0b0100_0000, 0, 0, 0];
        let grey = |bytes: &[u8]| decode(bytes).map(|raw| raw.samples);
        assert_eq!(
            grey(&bmp(1, 2, &palette, &rows)),
            Ok(vec![0, 255, 0, 255, 0, 255])
        );
        assert_eq!(
            grey(&bmp(1, -2, &palette, &rows)),
            Ok(vec![255, 0, 255, 0, 255, 0])
        );
        let four = [0x10, 0x10, 0, 0];
        assert_eq!(grey(&bmp(4, 1, &palette, &four)), Ok(vec![255, 0, 255]));
        let sixteen = [0xff, 0x7f, 0, 0, 0xff, 0x7f, 0, 0];
        assert_eq!(grey(&bmp(16, 1, &[], &sixteen)), Ok(vec![255, 0, 255]));
        assert_eq!(
            grey(&bmp(24, 1, &[], &[0; 11])),
            Err(DecodeError::CutOff("BMP"))
        );
    }
}
