//! Image scaling with a triangle filter that is widened when scaling down (antialiasing), so that thin
//! strokes become fainter instead of breaking up.

use crate::grey_image::GreyImage;

/// Filter weights of one target pixel along one axis, starting at source pixel `first`.
struct Taps {
    first: usize,
    weights: Vec<f32>,
}

/// The filter taps of each target pixel; the weights sum to 1.
fn taps(source: usize, target: usize) -> Vec<Taps> {
    let scale = source as f32 / target as f32;
    let radius = scale.max(1.0);
    (0..target)
        .map(|i| {
            let centre = (i as f32 + 0.5) * scale;
            let first = (centre - radius).floor().max(0.0) as usize;
            let last = ((centre + radius).ceil() as usize).min(source);
            let mut weights: Vec<f32> = (first..last)
                .map(|j| (1.0 - ((j as f32 + 0.5 - centre) / radius).abs()).max(0.0))
                .collect();
            let sum: f32 = weights.iter().sum();
            for weight in &mut weights {
                *weight /= sum;
            }
            Taps { first, weights }
        })
        .collect()
}

/// Scales an image to `width × height`, both at least 1.
pub(crate) fn resample(grey: &GreyImage, width: usize, height: usize) -> GreyImage {
    if (width, height) == (grey.width(), grey.height()) {
        return grey.clone();
    }
    let columns = taps(grey.width(), width);
    let mut narrow = Vec::with_capacity(width * grey.height());
    for row in grey.rows() {
        narrow.extend(columns.iter().map(|taps| {
            row[taps.first..]
                .iter()
                .zip(&taps.weights)
                .map(|(&pixel, weight)| f32::from(pixel) * weight)
                .sum::<f32>()
        }));
    }
    let rows = taps(grey.height(), height);
    let mut line = vec![0.0; width];
    let mut pixels = Vec::with_capacity(width * height);
    for taps in &rows {
        line.fill(0.0);
        let sources = narrow[taps.first * width..].chunks_exact(width);
        for (source, weight) in sources.zip(&taps.weights) {
            for (sum, value) in line.iter_mut().zip(source) {
                *sum += value * weight;
            }
        }
        pixels.extend(line.iter().map(|value| value.round() as u8));
    }
    let mut pixels = pixels.into_iter();
    GreyImage::from_fn(width, height, |_, _| pixels.next().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resample_preserves_the_mean_and_flat_areas() {
        let flat = GreyImage::from_fn(37, 11, |_, _| 77);
        assert!(resample(&flat, 5, 20).pixels().iter().all(|&p| p == 77));
        let ramp = GreyImage::from_fn(64, 64, |x, _| (x * 4) as u8);
        let mean = |grey: &GreyImage| {
            grey.pixels().iter().map(|&p| f64::from(p)).sum::<f64>() / grey.pixels().len() as f64
        };
        assert!((mean(&resample(&ramp, 16, 16)) - mean(&ramp)).abs() < 1.0);
        assert!((mean(&resample(&ramp, 200, 100)) - mean(&ramp)).abs() < 1.0);
    }

    #[test]
    fn resample_preserves_the_ink_of_a_one_pixel_line() {
        let line = GreyImage::from_fn(100, 100, |x, _| if x == 37 { 255 } else { 0 });
        let small = resample(&line, 20, 20);
        let sum: u32 = (0..20).map(|x| u32::from(small.at(x, 9))).sum();
        assert!((45..=57).contains(&sum), "{sum}");
    }
}
