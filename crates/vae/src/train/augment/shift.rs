//! Random shifts.

use rand::{Rng, RngExt};

/// Shifts each image with probability `share` by a whole number of pixels in `[-reach, reach]` along each axis; pixels from
/// outside are black.
///
/// # Shapes
/// - `images`: `[n, height, width]`, modified in place
pub fn shift_images(
    images: &mut [f32],
    [height, width]: [usize; 2],
    reach: usize,
    share: f64,
    rng: &mut impl Rng,
) {
    if reach == 0 || share <= 0.0 {
        return;
    }
    let reach = reach as i64;
    let mut shifted = vec![0.0; height * width];
    for image in images.chunks_exact_mut(height * width) {
        if share < 1.0 && rng.random::<f64>() >= share {
            continue;
        }
        let mut shift = || rng.random_range(-reach..=reach) as isize;
        let (down, right) = (shift(), shift());
        for (row, line) in shifted.chunks_exact_mut(width).enumerate() {
            for (column, pixel) in line.iter_mut().enumerate() {
                let from_row = row.checked_add_signed(-down).filter(|&r| r < height);
                let from_column = column.checked_add_signed(-right).filter(|&c| c < width);
                *pixel = match (from_row, from_column) {
                    (Some(r), Some(c)) => image[r * width + c],
                    _ => 0.0,
                };
            }
        }
        image.copy_from_slice(&shifted);
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
            shift_images(&mut image, [5, 5], 1, 1.0, &mut rng);
            assert_eq!(image.iter().sum::<f32>(), 1.0);
            seen.insert(image.iter().position(|&p| p == 1.0).expect("kept"));
        }
        assert_eq!(
            seen.into_iter().collect::<Vec<_>>(),
            [6, 7, 8, 11, 12, 13, 16, 17, 18]
        );
    }

    #[test]
    fn shift_images_shifts_the_given_share() {
        let mut rng = StdRng::seed_from_u64(6);
        let moved = (0..2000)
            .filter(|_| {
                let mut image = vec![0.0; 25];
                image[12] = 1.0;
                shift_images(&mut image, [5, 5], 1, 0.5, &mut rng);
                image[12] == 0.0
            })
            .count();
        // Half of the images, of which one in nine is shifted by zero: 889 ± 22.
        assert!((780..1000).contains(&moved), "{moved} of 2000 moved");
    }
}
