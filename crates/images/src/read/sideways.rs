//! Finds sets of digits whose rows and columns are swapped, as EMNIST's are, if their names do not tell.

use super::blocks::ImageBlocks;
use crate::image::SIDE;

/// Side of the images that are compared.
const HALF: usize = SIDE / 2;
/// The mean image of each digit, `[10 × HALF × HALF]`: of the 10,000 MNIST digits in `www/samples/`.
const MEANS: &[u8; 10 * HALF * HALF] = include_bytes!("digit_means.u8");

/// Fewest classes and images that are compared.
const MIN_CLASSES: usize = 3;
const MIN_IMAGES: usize = 20;
/// Most images that are compared.
const MAX_IMAGES: usize = 2_000;
/// The mean correlation of swapped classes with MNIST's digits from which they are digits. Other sets of ten classes, such
/// as clothes, are far below it.
const MIN_CORRELATION: f64 = 0.6;
/// How much larger it must be than that of the classes as they are.
const MARGIN: f64 = 0.15;

/// Whether digits lie on their side, by the mean images of their classes. `digit` gives the digit of an image, `None` if it
/// is not one that counts.
pub(super) fn lie_on_their_side(
    images: &ImageBlocks,
    digit: impl Fn(usize) -> Option<usize>,
) -> bool {
    let mut sums = vec![[0_f64; HALF * HALF]; 10];
    let mut counts = [0_usize; 10];
    let step = images.len().div_ceil(MAX_IMAGES).max(1);
    for index in (0..images.len()).step_by(step) {
        let (Some(digit), Some(image)) = (digit(index).filter(|d| *d < 10), images.get(index))
        else {
            continue;
        };
        counts[digit] += 1;
        for (at, &value) in image.iter().enumerate() {
            sums[digit][at / SIDE / 2 * HALF + at % SIDE / 2] += f64::from(value);
        }
    }
    let found: Vec<usize> = (0..10).filter(|&digit| counts[digit] > 0).collect();
    if found.len() < MIN_CLASSES || counts.iter().sum::<usize>() < MIN_IMAGES {
        return false;
    }
    let mean = |swapped: bool| {
        let each = found.iter().map(|&digit| {
            let means = &MEANS[digit * HALF * HALF..][..HALF * HALF];
            correlation(means, |at| {
                sums[digit][if swapped {
                    at % HALF * HALF + at / HALF
                } else {
                    at
                }]
            })
        });
        each.sum::<f64>() / found.len() as f64
    };
    let swapped = mean(true);
    swapped >= MIN_CORRELATION && swapped >= mean(false) + MARGIN
}

/// Swaps rows and columns of an image of [`SIDE`] × [`SIDE`] pixels.
pub(super) fn swap(image: &mut [u8]) {
    for y in 0..SIDE {
        for x in 0..y {
            image.swap(y * SIDE + x, x * SIDE + y);
        }
    }
}

fn correlation(a: &[u8], b: impl Fn(usize) -> f64) -> f64 {
    let count = a.len() as f64;
    let mean_a = a.iter().map(|&value| f64::from(value)).sum::<f64>() / count;
    let mean_b = (0..a.len()).map(&b).sum::<f64>() / count;
    let (mut both, mut of_a, mut of_b) = (0.0, 0.0, 0.0);
    for (at, &value) in a.iter().enumerate() {
        let (da, db) = (f64::from(value) - mean_a, b(at) - mean_b);
        both += da * db;
        of_a += da * da;
        of_b += db * db;
    }
    both / (of_a * of_b).sqrt().max(f64::MIN_POSITIVE)
}
