//! Encoded digits as points on a plane.

use super::viewport::Viewport;
use crate::state::PIXELS;
use std::sync::Arc;

/// Digits with the μ of q(z|x) of each.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Points {
    /// `[n × 784]`, light ink on black.
    pub(crate) images: Arc<Vec<u8>>,
    /// `[n]`, 0 to 9, or [`NO_LABEL`](protocol::NO_LABEL).
    pub(crate) labels: Arc<Vec<u8>>,
    /// `[m × latent]`, of the first m of them: those that are encoded already.
    pub(crate) means: Vec<f32>,
    /// Number of latent dimensions.
    pub(crate) latent: usize,
}

impl Points {
    /// The μ of each.
    pub(crate) fn each(&self) -> std::slice::ChunksExact<'_, f32> {
        self.means.chunks_exact(self.latent.max(1))
    }

    /// Whether all are encoded.
    pub(crate) fn is_complete(&self) -> bool {
        self.each().len() == self.labels.len()
    }

    /// One digit's pixels.
    pub(crate) fn image(&self, index: usize) -> Option<&[u8]> {
        self.images.chunks_exact(PIXELS).nth(index)
    }

    /// Puts the μ of some digits in, from this one on: in place of older ones, or after the last.
    pub(crate) fn put_means(&mut self, first: usize, means: &[f32]) {
        let start = first * self.latent;
        if start > self.means.len() {
            return;
        }
        let over = self.means.len().min(start + means.len());
        self.means.splice(start..over, means.iter().copied());
    }

    /// The one nearest to z on a plane of two dimensions, if one is as near as this.
    pub(crate) fn nearest(&self, [x, y]: [f64; 2], within: f64) -> Option<usize> {
        let distance = |mu: &[f32]| {
            let [dx, dy] = [f64::from(mu[0]) - x, f64::from(mu[1]) - y];
            dx * dx + dy * dy
        };
        let near = self.each().map(distance).enumerate();
        near.filter(|(_, distance)| *distance <= within * within)
            .min_by(|(_, a), (_, b)| a.total_cmp(b))
            .map(|(index, _)| index)
    }
}

/// Draws the first two dimensions of all points onto a square of so many pixels as RGBA, each as a dot in
/// its class' colour.
pub(crate) fn paint(
    points: &Points,
    view: &Viewport,
    side: usize,
    colours: &[[u8; 3]; 11],
) -> Vec<u8> {
    let mut rgba = vec![0; side * side * 4];
    // Three pixels of a screen of two pixels a point are one and a half.
    let dot = (side / 150).clamp(2, 6) as i64;
    for (mu, &label) in points.each().zip(points.labels.iter()) {
        let [across, down] = view.share([f64::from(mu[0]), f64::from(mu[1])]);
        let [left, top] =
            [across, down].map(|share| (share * side as f64).round() as i64 - dot / 2);
        let colour = colours[usize::from(label).min(10)];
        for y in top.max(0)..(top + dot).min(side as i64) {
            for x in left.max(0)..(left + dot).min(side as i64) {
                let at = (y as usize * side + x as usize) * 4;
                rgba[at..at + 3].copy_from_slice(&colour);
                rgba[at + 3] = 255;
            }
        }
    }
    rgba
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points() -> Points {
        Points {
            images: Arc::default(),
            labels: Arc::new(vec![0, 7, 255]),
            means: vec![0.0, 0.0, 2.9, 2.9, -20.0, 0.0],
            latent: 2,
        }
    }

    #[test]
    fn each_is_a_dot_of_its_colour_where_its_mean_is() {
        let mut colours = [[0; 3]; 11];
        colours[7] = [1, 2, 3];
        let rgba = paint(&points(), &Viewport::HOME, 300, &colours);
        let at = |x: usize, y: usize| &rgba[(y * 300 + x) * 4..][..4];
        assert_eq!(at(150, 150), [0, 0, 0, 255]);
        assert_eq!(at(295, 5), [1, 2, 3, 255]);
        let drawn = rgba.chunks(4).filter(|pixel| pixel[3] > 0).count();
        assert_eq!(drawn, 8, "two dots in view, of four pixels each");
    }

    #[test]
    fn means_come_in_turn_and_are_replaced_in_place() {
        let mut points = Points {
            means: Vec::new(),
            ..points()
        };
        points.put_means(0, &[1.0, 2.0, 3.0, 4.0]);
        assert!(!points.is_complete());
        points.put_means(2, &[5.0, 6.0]);
        assert!(points.is_complete());
        points.put_means(1, &[7.0, 8.0]);
        assert_eq!(points.means, [1.0, 2.0, 7.0, 8.0, 5.0, 6.0]);
        points.put_means(9, &[0.0, 0.0]);
        assert!(points.is_complete(), "nothing can come after a gap");
    }

    #[test]
    fn the_nearest_is_found_if_it_is_near() {
        assert_eq!(points().nearest([2.8, 2.9], 0.2), Some(1));
        assert_eq!(points().nearest([1.0, 1.0], 0.2), None);
        assert_eq!(Points::default().nearest([0.0; 2], 1.0), None);
    }
}
