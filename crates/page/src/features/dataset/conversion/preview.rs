//! A few images as a conversion would make them. Pure.

use crate::features::dataset::conversion::choice::Choice;
use crate::features::dataset::conversion::found::Found;
use images::Raster;
use protocol::{Conversion, SampleImage};

/// Number of images that a preview shows.
pub(crate) const SHOWN: usize = 5;

/// Images as a choice would make them, `[n × height × width × channels]`; without those that it would reject.
/// `are_transposed` says whether rows and columns of the samples are swapped.
pub(crate) fn preview(found: &Found, choice: &Choice, are_transposed: bool) -> Vec<u8> {
    let samples = &found.samples;
    // Samples from all of the list.
    let step = (samples.len() / SHOWN).max(1);
    let chosen = samples.iter().step_by(step).take(SHOWN);
    chosen
        .filter_map(|sample| converted(sample, choice, are_transposed))
        .flatten()
        .collect()
}

fn converted(sample: &SampleImage, choice: &Choice, is_transposed: bool) -> Option<Vec<u8>> {
    let image = Raster::new(
        sample.width,
        sample.height,
        sample.channels,
        sample.pixels.clone(),
    )?;
    let image = if choice.transposes == is_transposed {
        image
    } else {
        image.transposed()
    };
    let size = (image.width(), image.height(), image.channels());
    let is_digit = choice.conversion == Conversion::AsDigits && size == (28, 28, 1);
    let mut pixels = if is_digit {
        image.pixels().to_vec()
    } else {
        images::convert(&image, choice.conversion, choice.shape).ok()?
    };
    let inverts = choice.inverts && (is_digit || choice.conversion != Conversion::AsDigits);
    if inverts {
        pixels.iter_mut().for_each(|value| *value = 255 - *value);
    }
    Some(pixels)
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::ImageShape;

    fn sample(width: usize, height: usize, pixel: impl Fn(usize, usize) -> u8) -> SampleImage {
        let pixels = (0..width * height).map(|at| pixel(at % width, at / width));
        SampleImage {
            width,
            height,
            channels: 1,
            pixels: pixels.collect(),
        }
    }

    #[test]
    fn preview_converts_inverts_and_transposes() {
        // A light bar at the top of a dark image.
        let bar = sample(16, 16, |_, y| if y < 4 { 255 } else { 0 });
        let found = Found {
            samples: vec![bar; 12],
            ..Found::default()
        };
        let choice = Choice {
            conversion: Conversion::Fit,
            shape: ImageShape::grey(16, 16),
            ..Choice::first(None)
        };
        let images = preview(&found, &choice, false);
        assert_eq!(images.len(), SHOWN * 256);
        assert_eq!((images[0], images[255]), (255, 0));
        let turned = Choice {
            transposes: true,
            inverts: true,
            ..choice.clone()
        };
        let images = preview(&found, &turned, false);
        assert_eq!([images[0], images[15], images[240]], [0, 255, 0]);
        assert_eq!(preview(&found, &turned, true)[240], 255, "they were turned");
        let color = Choice {
            shape: ImageShape::color(8, 8),
            ..choice
        };
        assert_eq!(preview(&found, &color, false).len(), SHOWN * 8 * 8 * 3);
    }

    #[test]
    fn preview_leaves_out_what_is_rejected() {
        let blank = sample(40, 40, |_, _| 7);
        let found = Found {
            samples: vec![blank],
            ..Found::default()
        };
        assert!(preview(&found, &Choice::first(None), false).is_empty());
    }
}
