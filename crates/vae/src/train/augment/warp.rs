//! Random affine warps.

use rand::{Rng, RngExt};
use spec::ImageShape;

/// The largest rotation, in radians: 8 degrees.
const MAX_ROTATION: f32 = 0.14;
/// The largest relative scaling of an axis.
const MAX_SCALING: f32 = 0.08;
/// The largest shear, in columns per row.
const MAX_SHEAR: f32 = 0.12;

/// Rotates, scales and shears each image with probability `share` about its centre, by independent random amounts; pixels
/// from outside are black, or in a colour image those at its border. Unlike a shift, this keeps a digit centred.
///
/// # Shapes
/// - `images`: `[n, height, width, channels]`, modified in place
pub fn warp_images(images: &mut [f32], shape: ImageShape, share: f64, rng: &mut impl Rng) {
    if share <= 0.0 {
        return;
    }
    let ImageShape {
        height,
        width,
        channels,
    } = shape;
    let mut original = vec![0.0; shape.values()];
    let centre = [(height as f32 - 1.0) / 2.0, (width as f32 - 1.0) / 2.0];
    for image in images.chunks_exact_mut(shape.values()) {
        if share < 1.0 && rng.random::<f64>() >= share {
            continue;
        }
        let mut within = |reach: f32| rng.random_range(-reach..=reach);
        let (sin, cos) = within(MAX_ROTATION).sin_cos();
        let (tall, broad) = (1.0 + within(MAX_SCALING), 1.0 + within(MAX_SCALING));
        let shear = within(MAX_SHEAR);
        original.copy_from_slice(image);
        for (row, line) in image.chunks_exact_mut(width * channels).enumerate() {
            let down = row as f32 - centre[0];
            for (column, pixel) in line.chunks_exact_mut(channels).enumerate() {
                let right = column as f32 - centre[1];
                let from = [
                    centre[0] + sin * right + tall * cos * down,
                    centre[1] + broad * cos * right + (shear - sin) * down,
                ];
                for (channel, value) in pixel.iter_mut().enumerate() {
                    *value = interpolate(&original, shape, channel, from);
                }
            }
        }
    }
}

/// Bilinear interpolation of a channel between the pixels.
fn interpolate(image: &[f32], shape: ImageShape, channel: usize, [row, column]: [f32; 2]) -> f32 {
    let (top, left) = (row.floor(), column.floor());
    let (below, beside) = (row - top, column - left);
    let (height, width) = (shape.height as f32, shape.width as f32);
    let at = |mut row: f32, mut column: f32| {
        if shape.is_color() {
            row = row.clamp(0.0, height - 1.0);
            column = column.clamp(0.0, width - 1.0);
        }
        let inside = (0.0..height).contains(&row) && (0.0..width).contains(&column);
        if inside {
            let pixel = row as usize * shape.width + column as usize;
            image[pixel * shape.channels + channel]
        } else {
            0.0
        }
    };
    let upper = at(top, left) * (1.0 - beside) + at(top, left + 1.0) * beside;
    let lower = at(top + 1.0, left) * (1.0 - beside) + at(top + 1.0, left + 1.0) * beside;
    upper * (1.0 - below) + lower * below
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{SeedableRng, rngs::StdRng};

    /// A filled square at the centre of 28×28 pixels.
    fn square() -> Vec<f32> {
        (0..28 * 28)
            .map(|i| {
                let inside = |at: usize| (9..19).contains(&at);
                if inside(i / 28) && inside(i % 28) {
                    1.0
                } else {
                    0.0
                }
            })
            .collect()
    }

    fn centre_of_mass(image: &[f32]) -> [f32; 2] {
        let ink: f32 = image.iter().sum();
        let mean = |of: fn(usize) -> usize| {
            let weighted = image.iter().enumerate().map(|(i, &p)| p * of(i) as f32);
            weighted.sum::<f32>() / ink
        };
        [mean(|i| i / 28), mean(|i| i % 28)]
    }

    #[test]
    fn warp_images_keeps_centre_and_total_ink() {
        let mut rng = StdRng::seed_from_u64(8);
        for _ in 0..50 {
            let mut image = square();
            warp_images(&mut image, ImageShape::MNIST, 1.0, &mut rng);
            assert_ne!(image, square());
            assert!(image.iter().all(|pixel| (0.0..=1.0).contains(pixel)));
            let [row, column] = centre_of_mass(&image);
            assert!((row - 13.5).abs() < 0.05 && (column - 13.5).abs() < 0.05);
            let ink = image.iter().sum::<f32>() / 100.0;
            assert!((0.8..1.25).contains(&ink), "{ink}");
        }
    }

    #[test]
    fn warp_images_warps_the_given_share() {
        let mut rng = StdRng::seed_from_u64(9);
        let mut images = square().repeat(400);
        warp_images(&mut images, ImageShape::MNIST, 0.25, &mut rng);
        let square = square();
        let changed = images
            .chunks(28 * 28)
            .filter(|&image| image != square)
            .count();
        // 100 ± 9.
        assert!((65..135).contains(&changed), "{changed} of 400");
    }

    #[test]
    fn interpolate_is_bilinear() {
        let image = [0.0, 1.0, 0.5, 0.0];
        let at = |position| interpolate(&image, ImageShape::grey(2, 2), 0, position);
        assert_eq!(at([0.0, 0.5]), 0.5);
        assert_eq!(at([0.5, 0.5]), 0.375);
        assert_eq!(at([1.0, -0.5]), 0.25);
        assert_eq!(at([-9.0, 0.0]), 0.0);
        let pixels = [0.0, 0.25, 0.5, 1.0, 0.75, 0.0];
        let at =
            |channel, position| interpolate(&pixels, ImageShape::color(1, 2), channel, position);
        assert_eq!(at(1, [0.0, 0.5]), 0.5);
        assert_eq!((at(0, [-3.0, 9.0]), at(2, [9.0, -9.0])), (1.0, 0.5));
    }
}
