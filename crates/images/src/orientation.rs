//! The EXIF orientation of a photo, and how to undo it.

use crate::{grey_image::GreyImage, raster::Raster};

const ORIENTATION_TAG: u16 = 0x0112;

/// The EXIF orientation, 1 to 8. Returns 1 (as stored) if it is missing or unreadable.
pub(crate) fn orientation(exif: &[u8]) -> u8 {
    find(exif.strip_prefix(b"Exif\0\0").unwrap_or(exif))
        .filter(|found| (1..=8).contains(found))
        .unwrap_or(1)
}

/// The value of the orientation tag in the first image file directory of a TIFF structure.
fn find(tiff: &[u8]) -> Option<u8> {
    let big_endian = match tiff.get(..4)? {
        b"MM\0*" => true,
        b"II*\0" => false,
        _ => return None,
    };
    let short = |at: usize| {
        let bytes = tiff.get(at..)?.first_chunk::<2>()?;
        Some(if big_endian {
            u16::from_be_bytes(*bytes)
        } else {
            u16::from_le_bytes(*bytes)
        })
    };
    let long = tiff.get(4..)?.first_chunk::<4>()?;
    let directory = if big_endian {
        u32::from_be_bytes(*long)
    } else {
        u32::from_le_bytes(*long)
    };
    // EXIF is at most 64 KiB, so a 16-bit offset suffices and nothing overflows on 32-bit targets.
    let directory = usize::from(u16::try_from(directory).ok()?);
    let entries = usize::from(short(directory)?);
    (0..entries)
        .map(|i| directory + 2 + 12 * i)
        .find(|&at| short(at) == Some(ORIENTATION_TAG))
        .and_then(|at| u8::try_from(short(at + 8)?).ok())
}

/// Transforms a stored image so that it is upright.
pub(crate) fn upright(stored: Raster, orientation: u8) -> Raster {
    if (2..=8).contains(&orientation) {
        stored.map_planes(|plane| upright_plane(plane, orientation))
    } else {
        stored
    }
}

fn upright_plane(stored: &GreyImage, orientation: u8) -> GreyImage {
    let (w, h) = (stored.width(), stored.height());
    let transform = |f: &dyn Fn(usize, usize) -> (usize, usize)| {
        let (width, height) = if orientation >= 5 { (h, w) } else { (w, h) };
        GreyImage::from_fn(width, height, |x, y| {
            let (x, y) = f(x, y);
            stored.at(x, y)
        })
    };
    match orientation {
        2 => transform(&|x, y| (w - 1 - x, y)),
        3 => transform(&|x, y| (w - 1 - x, h - 1 - y)),
        4 => transform(&|x, y| (x, h - 1 - y)),
        5 => transform(&|x, y| (y, x)),
        6 => transform(&|x, y| (y, h - 1 - x)),
        7 => transform(&|x, y| (w - 1 - y, h - 1 - x)),
        8 => transform(&|x, y| (w - 1 - y, x)),
        _ => stored.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orientation_reads_both_byte_orders() {
        let big = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
        let little = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x08\0\0\0\0\0\0\0";
        assert_eq!(orientation(big), 6);
        assert_eq!(orientation(little), 8);
        for cut in 0..big.len() {
            let _ = orientation(&big[..cut]);
        }
        assert_eq!(orientation(b"nonsense"), 1);
    }

    #[test]
    fn upright_follows_the_exif_standard() {
        // 1 2 3
        // 4 5 6
        let stored = Raster::new(3, 2, 1, vec![1, 2, 3, 4, 5, 6]).expect("2×3");
        let turned = |orientation| upright(stored.clone(), orientation).pixels().to_vec();
        assert_eq!(turned(1), [1, 2, 3, 4, 5, 6]);
        assert_eq!(turned(2), [3, 2, 1, 6, 5, 4]);
        assert_eq!(turned(3), [6, 5, 4, 3, 2, 1]);
        assert_eq!(turned(4), [4, 5, 6, 1, 2, 3]);
        assert_eq!(turned(5), [1, 4, 2, 5, 3, 6]);
        assert_eq!(turned(6), [4, 1, 5, 2, 6, 3]);
        assert_eq!(turned(7), [6, 3, 5, 2, 4, 1]);
        assert_eq!(turned(8), [3, 6, 2, 5, 1, 4]);
    }
}
