//! Small turns, stretches and slants of the training images.

use rand::{Rng, RngExt};

/// The largest turn, in radians: 8 degrees.
const TURN: f32 = 0.14;
/// The largest stretch of an axis, as a share.
const STRETCH: f32 = 0.08;
/// The largest slant: columns a row.
const SLANT: f32 = 0.12;

/// Turns, stretches and slants a share of the images about their middle, each by amounts of its own;
/// what comes in from outside is black. Unlike a shift, that leaves a digit centred.
///
/// # Shapes
/// - `images`: `[n × height × width]`, changed in place
pub fn warp_images(
    images: &mut [f32],
    [height, width]: [usize; 2],
    share: f64,
    rng: &mut impl Rng,
) {
    if share <= 0.0 {
        return;
    }
    let mut original = vec![0.0; height * width];
    let middle = [(height as f32 - 1.0) / 2.0, (width as f32 - 1.0) / 2.0];
    for image in images.chunks_exact_mut(height * width) {
        if share < 1.0 && rng.random::<f64>() >= share {
            continue;
        }
        let mut within = |reach: f32| rng.random_range(-reach..=reach);
        let (sin, cos) = within(TURN).sin_cos();
        let (tall, broad) = (1.0 + within(STRETCH), 1.0 + within(STRETCH));
        let slant = within(SLANT);
        original.copy_from_slice(image);
        for (row, line) in image.chunks_exact_mut(width).enumerate() {
            let down = row as f32 - middle[0];
            for (column, pixel) in line.iter_mut().enumerate() {
                let right = column as f32 - middle[1];
                let from = [
                    middle[0] + sin * right + tall * cos * down,
                    middle[1] + broad * cos * right + (slant - sin) * down,
                ];
                *pixel = interpolated(&original, [height, width], from);
            }
        }
    }
}

/// The bilinear value at a place between the pixels.
fn interpolated(image: &[f32], [height, width]: [usize; 2], [row, column]: [f32; 2]) -> f32 {
    let (top, left) = (row.floor(), column.floor());
    let (below, beside) = (row - top, column - left);
    let at = |row: f32, column: f32| {
        let inside = (0.0..height as f32).contains(&row) && (0.0..width as f32).contains(&column);
        if inside {
            image[row as usize * width + column as usize]
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

    /// A filled square in the middle of 28×28.
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

    fn centre(image: &[f32]) -> [f32; 2] {
        let ink: f32 = image.iter().sum();
        let mean = |of: fn(usize) -> usize| {
            let weighted = image.iter().enumerate().map(|(i, &p)| p * of(i) as f32);
            weighted.sum::<f32>() / ink
        };
        [mean(|i| i / 28), mean(|i| i % 28)]
    }

    #[test]
    fn changes_the_shape_and_keeps_middle_and_ink() {
        let mut rng = StdRng::seed_from_u64(8);
        for _ in 0..50 {
            let mut image = square();
            warp_images(&mut image, [28, 28], 1.0, &mut rng);
            assert_ne!(image, square());
            assert!(image.iter().all(|pixel| (0.0..=1.0).contains(pixel)));
            let [row, column] = centre(&image);
            assert!((row - 13.5).abs() < 0.05 && (column - 13.5).abs() < 0.05);
            let ink = image.iter().sum::<f32>() / 100.0;
            assert!((0.8..1.25).contains(&ink), "{ink}");
        }
    }

    #[test]
    fn about_the_share_is_changed() {
        let mut rng = StdRng::seed_from_u64(9);
        let mut images = square().repeat(400);
        warp_images(&mut images, [28, 28], 0.25, &mut rng);
        let square = square();
        let changed = images
            .chunks(28 * 28)
            .filter(|&image| image != square)
            .count();
        // 100 ± 9.
        assert!((65..135).contains(&changed), "{changed} of 400");
    }

    #[test]
    fn between_pixels_is_between_their_values() {
        let image = [0.0, 1.0, 0.5, 0.0];
        assert_eq!(interpolated(&image, [2, 2], [0.0, 0.5]), 0.5);
        assert_eq!(interpolated(&image, [2, 2], [0.5, 0.5]), 0.375);
        assert_eq!(interpolated(&image, [2, 2], [1.0, -0.5]), 0.25);
        assert_eq!(interpolated(&image, [2, 2], [-9.0, 0.0]), 0.0);
    }
}
