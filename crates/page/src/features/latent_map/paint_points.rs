//! Paints encoded images as dots.

use crate::features::latent_map::latent_slice::LatentSlice;
use crate::features::latent_map::points::Points;
use crate::features::latent_map::viewport::Viewport;
use crate::ui::palette::Rgb;

/// Opacity of the points that are not of the isolated class.
const FAINT: u8 = 40;

/// RGBA pixels, `[side × side × 4]`, with a dot for each point in the colour of its label. If a class is isolated, its
/// points are on top and the others are faint.
pub(crate) fn paint_points(
    points: &Points,
    slice: &LatentSlice,
    view: &Viewport,
    side: usize,
    colours: &[Rgb; 256],
    isolated: Option<u8>,
) -> Vec<u8> {
    let mut rgba = vec![0; side * side * 4];
    // 1.5 CSS pixels on a screen with a device pixel ratio of 2.
    let dot = (side / 150).clamp(2, 6) as i64;
    let mut paint = |alpha: u8, is_painted: &dyn Fn(u8) -> bool| {
        for (mu, &label) in points.means_by_image().zip(points.labels()) {
            if !is_painted(label) {
                continue;
            }
            let [across, down] = view.fraction_of(slice.to_map(mu));
            let [left, top] =
                [across, down].map(|fraction| (fraction * side as f64).round() as i64 - dot / 2);
            let [red, green, blue] = colours[usize::from(label)];
            for y in top.max(0)..(top + dot).min(side as i64) {
                for x in left.max(0)..(left + dot).min(side as i64) {
                    let at = (y as usize * side + x as usize) * 4;
                    rgba[at..at + 4].copy_from_slice(&[red, green, blue, alpha]);
                }
            }
        }
    };
    match isolated {
        None => paint(255, &|_| true),
        Some(class) => {
            paint(FAINT, &|label| label != class);
            paint(255, &|label| label == class);
        }
    }
    rgba
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::latent_map::points::LabelledImages;
    use crate::features::latent_map::scale::Scale;
    use std::sync::Arc;

    fn painted(isolated: Option<u8>) -> Vec<u8> {
        let points = Points {
            images: LabelledImages {
                labels: Arc::new(vec![0, 7, 255]),
                ..LabelledImages::default()
            },
            means: vec![0.0, 0.0, 2.9, 2.9, -20.0, 0.0],
            sigmas: vec![0.1; 6],
            latent: 2,
        };
        let slice = LatentSlice::axis_aligned(2, [0, 1], Scale::Linear);
        let mut colours = [[0; 3]; 256];
        colours[7] = [1, 2, 3];
        paint_points(&points, &slice, &Viewport::HOME, 300, &colours, isolated)
    }

    #[test]
    fn paint_points_draws_a_coloured_dot_at_each_mean() {
        let rgba = painted(None);
        let at = |x: usize, y: usize| &rgba[(y * 300 + x) * 4..][..4];
        assert_eq!(at(150, 150), [0, 0, 0, 255]);
        assert_eq!(at(295, 5), [1, 2, 3, 255]);
        let opaque = rgba.chunks(4).filter(|pixel| pixel[3] > 0).count();
        assert_eq!(opaque, 8, "two dots in view, of four pixels each");
    }

    #[test]
    fn paint_points_makes_other_classes_faint() {
        let rgba = painted(Some(7));
        let at = |x: usize, y: usize| &rgba[(y * 300 + x) * 4..][..4];
        assert_eq!(at(150, 150), [0, 0, 0, FAINT]);
        assert_eq!(at(295, 5), [1, 2, 3, 255]);
    }
}
