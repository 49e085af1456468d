//! Images that use a small part of the levels, such as masks of 0 and 1.

use crate::{normalize::MIN_CONTRAST, raster::Raster};

/// Stretches an image whose levels differ by less than [`MIN_CONTRAST`], unless the differences look like noise.
/// Returns what to tell the user.
pub(super) fn stretch(image: &mut Raster) -> Option<String> {
    let (min, max) = image
        .pixels
        .iter()
        .fold((u8::MAX, 0), |(min, max), &value| {
            (min.min(value), max.max(value))
        });
    if max <= min || max - min >= MIN_CONTRAST || is_noise(image) {
        return None;
    }
    for value in &mut image.pixels {
        *value = (u32::from(*value - min) * 255 / u32::from(max - min)) as u8;
    }
    Some(format!(
        "its levels are only {min} {} {max} of 255: the contrast was stretched",
        if max - min == 1 { "and" } else { "to" }
    ))
}

/// Whether neighbours differ too often for areas of one level.
fn is_noise(image: &Raster) -> bool {
    let (mut equal, mut all) = (0_usize, 0_usize);
    for row in image.pixels.chunks_exact(image.width * image.channels) {
        let pairs = row.iter().zip(&row[image.channels.min(row.len())..]);
        for (left, right) in pairs {
            equal += usize::from(left == right);
            all += 1;
        }
    }
    4 * equal < 3 * all
}

/// Converts samples of 16 bits to 8 bits. If they use a small part of the levels, that part becomes 0 to 255; the
/// second value is what to tell the user. Alpha, the last of 2 or 4 channels, is not stretched.
pub(super) fn eight_bits(deep: &[u16], channels: usize) -> (Vec<u8>, Option<String>) {
    let has_alpha = matches!(channels, 2 | 4);
    let is_alpha = |at: usize| has_alpha && at % channels == channels - 1;
    let levels = deep.iter().enumerate().filter(|(at, _)| !is_alpha(*at));
    let (min, max) = levels.fold((u16::MAX, 0), |(min, max), (_, &value)| {
        (min.min(value), max.max(value))
    });
    // A difference of MIN_CONTRAST in 8 bits. Files of 12-bit cameras have one that is just larger.
    let is_small = max > min && max - min < u16::from(MIN_CONTRAST) * 257;
    let samples = deep
        .iter()
        .enumerate()
        .map(|(at, &value)| {
            if is_small && !is_alpha(at) {
                (u32::from(value - min) * 255 / u32::from(max - min)) as u8
            } else {
                (value >> 8) as u8
            }
        })
        .collect();
    let note = is_small.then(|| {
        format!("its 16-bit levels are only {min} to {max} of 65535: the contrast was stretched")
    });
    (samples, note)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretch_makes_a_mask_visible_and_leaves_noise() {
        let bar = |level: u8| {
            (0..64)
                .map(|at| if at % 8 < 4 { 3 } else { level })
                .collect()
        };
        let mut mask = Raster::new(8, 8, 1, bar(4)).expect("8×8");
        let note = stretch(&mut mask).expect("stretched");
        assert!(note.contains("3 and 4 of 255"), "{note}");
        assert_eq!(mask.pixels()[..8], [0, 0, 0, 0, 255, 255, 255, 255]);
        let mut usual = Raster::new(8, 8, 1, bar(200)).expect("8×8");
        assert_eq!(stretch(&mut usual), None);
        let noise = (0..64_u32).map(|at| (at * 37 % 5) as u8).collect();
        assert_eq!(
            stretch(&mut Raster::new(8, 8, 1, noise).expect("8×8")),
            None
        );
        let mut flat = Raster::new(8, 8, 1, vec![7; 64]).expect("8×8");
        assert_eq!(stretch(&mut flat), None);
    }

    #[test]
    fn eight_bits_stretches_a_small_range() {
        let (samples, note) = eight_bits(&[0, 65_535, 32_768], 1);
        assert_eq!((samples, note), (vec![0, 255, 128], None));
        let (samples, note) = eight_bits(&[0, 65_535, 255, 9], 2);
        assert_eq!(samples, [0, 255, 255, 0]);
        assert!(note.is_some_and(|note| note.contains("0 to 255 of 65535")));
    }
}
