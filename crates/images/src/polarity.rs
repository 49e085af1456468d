//! Finds out whether the images of a set are dark on light.

use crate::raster::Raster;

/// Level from which a border is light.
const LIGHT_BORDER: u64 = 160;

/// The borders and mean levels of the images that were looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct BorderLevels {
    looked_at: usize,
    light: usize,
}

impl BorderLevels {
    /// Takes an image into account, if not enough were looked at.
    pub(crate) fn observe(&mut self, image: &Raster) {
        /// Number of images that are looked at.
        const SAMPLE: usize = 2_000;
        if self.looked_at >= SAMPLE {
            return;
        }
        let row_values = image.width * image.channels;
        let (mut sum, mut count) = (0, 0);
        for (y, row) in image.pixels.chunks_exact(row_values).enumerate() {
            let is_border = y == 0 || y + 1 == image.height;
            for (x, value) in row.chunks_exact(image.channels).enumerate() {
                if is_border || x == 0 || x + 1 == image.width {
                    sum += value.iter().map(|&v| u64::from(v)).sum::<u64>();
                    count += image.channels as u64;
                }
            }
        }
        let total: u64 = image.pixels.iter().map(|&v| u64::from(v)).sum();
        let is_light = sum > LIGHT_BORDER * count && 2 * total > 255 * image.pixels.len() as u64;
        self.looked_at += 1;
        self.light += usize::from(is_light);
    }

    /// Whether most images are dark on light.
    pub(crate) fn is_dark_on_light(self) -> bool {
        self.looked_at > 0 && 5 * self.light >= 3 * self.looked_at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn border_levels_tell_dark_on_light_from_light_on_dark() {
        let dot = |background: u8| {
            let pixels = (0..64).map(|at| {
                if at == 27 {
                    255 - background
                } else {
                    background
                }
            });
            Raster::new(8, 8, 1, pixels.collect()).expect("8×8")
        };
        let mut levels = BorderLevels::default();
        assert!(!levels.is_dark_on_light());
        (0..3).for_each(|_| levels.observe(&dot(250)));
        (0..2).for_each(|_| levels.observe(&dot(0)));
        assert!(levels.is_dark_on_light());
        levels.observe(&dot(0));
        assert!(!levels.is_dark_on_light());
    }
}
