//! Which plane through the latent space the map is of, and how places on it are counted.

use crate::features::latent_map::normal_cdf;
use crate::latent::{LATENT_LIMIT, round_to_step};

/// How the map counts along its axes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Scale {
    /// As z does.
    #[default]
    Linear,
    /// By the prior's inverse distribution function: equal areas of the map, from −3 to 3, hold equal
    /// shares of p(z), as in figure 4 of Kingma & Welling (2013).
    Quantile,
}

/// A place as far out as this stands for the whole tail.
const EDGE: f64 = 1e-9;

impl Scale {
    /// Where on the map a value lies.
    pub(crate) fn place(self, value: f64) -> f64 {
        match self {
            Self::Linear => value,
            Self::Quantile => 6.0 * normal_cdf::cdf(value) - 3.0,
        }
    }

    /// The value at a place; beyond the whole of the prior its last one.
    pub(crate) fn value(self, place: f64) -> f64 {
        match self {
            Self::Linear => place,
            Self::Quantile => {
                let share = (place / 6.0 + 0.5).clamp(EDGE, 1.0 - EDGE);
                normal_cdf::quantile(share).clamp(-f64::from(LATENT_LIMIT), f64::from(LATENT_LIMIT))
            }
        }
    }
}

/// A plane through the latent space, parallel to two axes of length 1 that are at right angles. The prior,
/// seen on it, is N(0, I) again.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LatentSlice {
    axes: [Vec<f32>; 2],
    /// The dimensions that they are, where they are two of z's own.
    pair: Option<[usize; 2]>,
    /// How it is counted.
    pub(crate) scale: Scale,
}

impl LatentSlice {
    /// The plane of two of `size` dimensions.
    pub(crate) fn axis_aligned(size: usize, pair: [usize; 2], scale: Scale) -> Self {
        let axes = pair.map(|at| {
            let mut axis = vec![0.0; size];
            if let Some(one) = axis.get_mut(at) {
                *one = 1.0;
            }
            axis
        });
        Self {
            axes,
            pair: Some(pair),
            scale,
        }
    }

    /// The plane along two directions.
    pub(crate) fn along(axes: [Vec<f32>; 2], scale: Scale) -> Self {
        Self {
            axes,
            pair: None,
            scale,
        }
    }

    /// The dimensions that the axes are, counting from 0; none where they are mixtures.
    pub(crate) fn pair(&self) -> Option<[usize; 2]> {
        self.pair
    }

    /// Number of latent dimensions.
    pub(crate) fn size(&self) -> usize {
        self.axes[0].len()
    }

    /// The two coordinates of z in the plane, as values.
    pub(crate) fn coordinates(&self, z: &[f32]) -> [f64; 2] {
        match self.pair {
            // What most maps are, ten thousand points of them sixty times a second.
            Some(pair) => pair.map(|at| f64::from(z.get(at).copied().unwrap_or(0.0))),
            None => self.axes.each_ref().map(|axis| dot(axis, z)),
        }
    }

    /// Where on the map z lies.
    pub(crate) fn to_map(&self, z: &[f32]) -> [f64; 2] {
        self.coordinates(z).map(|value| self.scale.place(value))
    }

    /// The z at a place on the map, in the plane through another z.
    pub(crate) fn z(&self, place: [f64; 2], through: &[f32]) -> Vec<f32> {
        let values = place.map(|place| self.scale.value(place));
        if let Some(pair) = self.pair {
            let mut z = through.to_vec();
            for (at, value) in pair.into_iter().zip(values) {
                if let Some(slot) = z.get_mut(at) {
                    *slot = (value as f32).clamp(-LATENT_LIMIT, LATENT_LIMIT);
                }
            }
            return z;
        }
        let here = self.coordinates(through);
        let [by, also_by] = [values[0] - here[0], values[1] - here[1]];
        let axes = self.axes[0].iter().zip(&self.axes[1]);
        let moved = through.iter().zip(axes).map(|(&z, (&a, &b))| {
            (f64::from(z) + by * f64::from(a) + also_by * f64::from(b)) as f32
        });
        moved
            .map(|z| z.clamp(-LATENT_LIMIT, LATENT_LIMIT))
            .collect()
    }

    /// As [`z`](Self::z), rounded to what the sliders can be set to, where the axes are sliders.
    pub(crate) fn slider_z(&self, place: [f64; 2], through: &[f32]) -> Vec<f32> {
        let mut z = self.z(place, through);
        for at in self.pair.into_iter().flatten() {
            if let Some(slot) = z.get_mut(at) {
                *slot = round_to_step(*slot);
            }
        }
        z
    }

    /// What is left of z without its part in the plane, to three decimals: all places on the map have it in
    /// common.
    pub(crate) fn orthogonal_part(&self, z: &[f32]) -> Vec<f32> {
        let mut rest = z.to_vec();
        for (axis, value) in self.axes.iter().zip(self.coordinates(z)) {
            for (rest, &along) in rest.iter_mut().zip(axis) {
                *rest -= value as f32 * along;
            }
        }
        let rounded = rest.into_iter().map(|rest| (rest * 1e3).round() / 1e3);
        // No −0, which is not 0 to whoever compares.
        rounded.map(|rest| rest + 0.0).collect()
    }

    /// The covariance of a Gaussian of independent dimensions with these σ, seen on the plane, in units of z:
    /// the variances along the axes, and what they share.
    pub(crate) fn covariance(&self, sigma: &[f32]) -> [f64; 3] {
        let [a, b] = &self.axes;
        let mut sums = [0.0; 3];
        for ((&a, &b), &sigma) in a.iter().zip(b).zip(sigma) {
            let [a, b, variance] = [a, b, sigma * sigma].map(f64::from);
            sums[0] += a * a * variance;
            sums[1] += b * b * variance;
            sums[2] += a * b * variance;
        }
        sums
    }

    /// Places around the outline of that Gaussian at so many σ from its mean: an ellipse, bent as the scale
    /// bends.
    pub(crate) fn ellipse(
        &self,
        mean: [f64; 2],
        covariance: [f64; 3],
        sigmas: f64,
    ) -> Vec<[f64; 2]> {
        // The Cholesky factor turns the unit circle into the ellipse.
        let [across, up, shared] = covariance;
        let first = across.max(0.0).sqrt();
        let slant = if first > 0.0 { shared / first } else { 0.0 };
        let second = (up - slant * slant).max(0.0).sqrt();
        let turn = |i: usize| {
            let angle = i as f64 / CORNERS as f64 * std::f64::consts::TAU;
            let (sin, cos) = angle.sin_cos();
            let off = [first * cos, slant * cos + second * sin];
            [0, 1].map(|i| self.scale.place(mean[i] + sigmas * off[i]))
        };
        (0..CORNERS).map(turn).collect()
    }
}

/// Corners of an outline: more than a screen shows.
const CORNERS: usize = 72;

fn dot(a: &[f32], b: &[f32]) -> f64 {
    let products = a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b));
    products.sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slanted() -> LatentSlice {
        let half = std::f32::consts::FRAC_1_SQRT_2;
        LatentSlice::along([vec![half, half, 0.0], vec![0.0, 0.0, 1.0]], Scale::Linear)
    }

    fn close(a: &[f32], b: &[f32]) -> bool {
        a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-5)
    }

    #[test]
    fn two_dimensions_are_the_plane_itself() {
        let slice = LatentSlice::axis_aligned(2, [0, 1], Scale::Linear);
        assert_eq!(slice.to_map(&[0.5, -1.25]), [0.5, -1.25]);
        assert_eq!(slice.z([0.5, -1.25], &[9.0, 9.0]), [0.5, -1.25]);
        assert_eq!(slice.orthogonal_part(&[0.5, -1.25]), [0.0, 0.0]);
        assert_eq!(
            slice.slider_z([0.123_4, 9.0], &[0.0, 0.0]),
            [0.12, LATENT_LIMIT]
        );
    }

    #[test]
    fn what_is_not_in_the_plane_stays() {
        let through = [1.0, 0.5, -0.25];
        let slice = LatentSlice::axis_aligned(3, [2, 0], Scale::Linear);
        assert_eq!(slice.z([2.0, -1.0], &through), [-1.0, 0.5, 2.0]);
        assert_eq!(slice.orthogonal_part(&through), [0.0, 0.5, 0.0]);

        let slice = slanted();
        let place = slice.to_map(&through);
        assert!(close(&slice.z(place, &through), &through), "where it is");
        let moved = slice.z([0.0, 0.0], &through);
        assert!(close(&moved, &[0.25, -0.25, 0.0]));
        assert!(close(
            &slice.orthogonal_part(&through),
            &slice.orthogonal_part(&moved)
        ));
    }

    #[test]
    fn a_place_and_its_z_are_each_others_inverse_on_either_scale() {
        for scale in [Scale::Linear, Scale::Quantile] {
            let slice = LatentSlice { scale, ..slanted() };
            for place in [[0.5, -1.0], [-2.9, 2.9], [0.0, 0.0]] {
                let back = slice.to_map(&slice.z(place, &[0.3, 0.1, -0.2]));
                assert!(
                    (0..2).all(|i| (back[i] - place[i]).abs() < 1e-5),
                    "{back:?}"
                );
            }
        }
    }

    #[test]
    fn equal_areas_hold_equal_shares_of_the_prior() {
        let edges: Vec<f64> = [-1.5, 0.0, 1.5]
            .map(|at| Scale::Quantile.value(at))
            .to_vec();
        let quartile = 0.674_489_750_196_081_7;
        assert!((edges[0] + quartile).abs() < 1e-9 && edges[1].abs() < 1e-9);
        assert!((edges[2] - quartile).abs() < 1e-9);
        assert_eq!(Scale::Quantile.value(5.0), Scale::Quantile.value(3.0));
        assert!(Scale::Quantile.value(3.0) < f64::from(LATENT_LIMIT) + 1e-9);
    }

    #[test]
    fn outlines_are_to_scale_and_turned() {
        let slice = slanted();
        // σ of 2 and 1 on the slant: variances (4 + 1) / 2.
        let covariance = slice.covariance(&[2.0, 1.0, 0.5]);
        assert!((covariance[0] - 2.5).abs() < 1e-6 && (covariance[1] - 0.25).abs() < 1e-6);
        let outline = slice.ellipse([1.0, 0.0], covariance, 2.0);
        let widest = outline.iter().map(|at| at[0]).fold(f64::MIN, f64::max);
        assert!((widest - (1.0 + 2.0 * 2.5_f64.sqrt())).abs() < 1e-6);
        // Every corner is two σ from the middle by the covariance itself.
        let [a, b, c] = [2.0, 1.0, 0.6];
        for [x, y] in slice.ellipse([0.0; 2], [a, b, c], 2.0) {
            let distance = (b * x * x - 2.0 * c * x * y + a * y * y) / (a * b - c * c);
            assert!((distance - 4.0).abs() < 1e-9);
        }
    }
}
