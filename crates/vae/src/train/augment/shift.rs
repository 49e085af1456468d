//! Random shifts.

use rand::{Rng, RngExt};
use spec::ImageShape;

/// Shifts each image with probability `share` by a whole number of pixels in `[-reach, reach]` along each axis; pixels from
/// outside are black, or in a colour image those at its border.
///
/// # Shapes
/// - `images`: `[n, height, width, channels]`, modified in place
pub fn shift_images(
    images: &mut [f32],
    shape: ImageShape,
    reach: usize,
    share: f64,
    rng: &mut impl Rng,
) {
    if reach == 0 || share <= 0.0 {
        return;
    }
    let ImageShape {
        width, channels, ..
    } = shape;
    let reach = reach as i64;
    let mut shifted = vec![0.0; shape.values()];
    for image in images.chunks_exact_mut(shape.values()) {
        if share < 1.0 && rng.random::<f64>() >= share {
            continue;
        }
        let mut shift = || rng.random_range(-reach..=reach) as isize;
        let (down, right) = (shift(), shift());
        for (row, line) in shifted.chunks_exact_mut(width * channels).enumerate() {
            for (column, pixel) in line.chunks_exact_mut(channels).enumerate() {
                let from = [row as isize - down, column as isize - right];
                match source_pixel(image, shape, from) {
                    Some(source) => pixel.copy_from_slice(source),
                    None => pixel.fill(0.0),
                }
            }
        }
        image.copy_from_slice(&shifted);
    }

    /// The pixel at a position; outside the image `None`, or in a colour image the nearest one.
    fn source_pixel(image: &[f32], shape: ImageShape, [row, column]: [isize; 2]) -> Option<&[f32]> {
        let index = |at: isize, side: usize| match usize::try_from(at) {
            Ok(inside) if inside < side => Some(inside),
            _ => shape
                .is_color()
                .then(|| at.clamp(0, side as isize - 1) as usize),
        };
        let position = index(row, shape.height)? * shape.width + index(column, shape.width)?;
        Some(&image[position * shape.channels..][..shape.channels])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{SeedableRng, rngs::StdRng};

    #[test]
    fn shift_images_moves_by_at_most_the_reach() {
        let mut rng = StdRng::seed_from_u64(5);
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..200 {
            let mut image = vec![0.0; 25];
            image[12] = 1.0;
            shift_images(&mut image, ImageShape::grey(5, 5), 1, 1.0, &mut rng);
            assert_eq!(image.iter().sum::<f32>(), 1.0);
            seen.insert(image.iter().position(|&p| p == 1.0).expect("kept"));
        }
        assert_eq!(
            seen.into_iter().collect::<Vec<_>>(),
            [6, 7, 8, 11, 12, 13, 16, 17, 18]
        );
    }

    #[test]
    fn shift_images_repeats_the_border_of_colour_images() {
        let mut rng = StdRng::seed_from_u64(7);
        let shape = ImageShape::color(4, 5);
        // White, with a red pixel inside.
        let mut image = vec![1.0; shape.values()];
        let red = (5 + 2) * 3;
        image[red..red + 3].copy_from_slice(&[1.0, 0.0, 0.0]);
        for _ in 0..20 {
            let mut moved = image.clone();
            shift_images(&mut moved, shape, 1, 1.0, &mut rng);
            let colors: Vec<&[f32]> = moved.chunks(3).collect();
            let reds = colors.iter().filter(|color| **color == [1.0, 0.0, 0.0]);
            assert!(reds.count() >= 1);
            assert!(colors.iter().all(|color| color[0] == 1.0), "no black");
        }
    }

    #[test]
    fn shift_images_shifts_the_given_share() {
        let mut rng = StdRng::seed_from_u64(6);
        let moved = (0..2000)
            .filter(|_| {
                let mut image = vec![0.0; 25];
                image[12] = 1.0;
                shift_images(&mut image, ImageShape::grey(5, 5), 1, 0.5, &mut rng);
                image[12] == 0.0
            })
            .count();
        // Half of the images, of which one in nine is shifted by zero: 889 ± 22.
        assert!((780..1000).contains(&moved), "{moved} of 2000 moved");
    }
}
