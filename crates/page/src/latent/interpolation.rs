//! Interpolation in the latent space: linear, spherical, and along a path of waypoints.

/// Linear interpolation: t = 0 is `from`, t = 1 is `to`.
pub(crate) fn lerp(from: &[f32], to: &[f32], t: f64) -> Vec<f32> {
    weighted(from, 1.0 - t, to, t)
}

/// Spherical interpolation (Shoemake 1985; White 2016 for latent spaces): rotates from one direction to the
/// other at constant angular speed, while the norm changes linearly. In many dimensions the prior concentrates
/// near a sphere, which a straight line leaves. Linear if a norm or the sine of the angle is about 0.
pub(crate) fn slerp(from: &[f32], to: &[f32], t: f64) -> Vec<f32> {
    let (a, b) = (norm(from), norm(to));
    if a < 1e-6 || b < 1e-6 {
        return lerp(from, to, t);
    }
    let cos = dot(from, to) / (a * b);
    let angle = cos.clamp(-1.0, 1.0).acos();
    if angle.sin() < 1e-4 {
        return lerp(from, to, t);
    }
    let length = a + (b - a) * t;
    let share = |t: f64| (t * angle).sin() / angle.sin() * length;
    weighted(from, share(1.0 - t) / a, to, share(t) / b)
}

fn weighted(from: &[f32], a: f64, to: &[f32], b: f64) -> Vec<f32> {
    let each = from.iter().zip(to);
    each.map(|(&from, &to)| (f64::from(from) * a + f64::from(to) * b) as f32)
        .collect()
}

fn dot(a: &[f32], b: &[f32]) -> f64 {
    let each = a.iter().zip(b);
    each.map(|(&a, &b)| f64::from(a) * f64::from(b)).sum()
}

/// The Euclidean norm.
pub(crate) fn norm(z: &[f32]) -> f64 {
    dot(z, z).sqrt()
}

/// Scales z to norm √d, the radius of the sphere near which almost all of the mass of N(0, I) lies for large d.
pub(crate) fn project_to_shell(z: &[f32]) -> Vec<f32> {
    let length = norm(z);
    let scale = if length > 1e-6 {
        (z.len() as f64).sqrt() / length
    } else {
        0.0
    };
    z.iter().map(|&z| (f64::from(z) * scale) as f32).collect()
}

/// A path through waypoints, with the same duration for each segment.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct InterpolationPath {
    /// Latent vectors of the same size, at least two.
    pub(crate) waypoints: Vec<Vec<f32>>,
    /// [`slerp`] if true, [`lerp`] otherwise.
    pub(crate) spherical: bool,
    /// Whether the path returns from the last waypoint to the first and repeats.
    pub(crate) looped: bool,
    /// Duration of one segment in seconds.
    pub(crate) segment_seconds: f64,
}

impl InterpolationPath {
    /// Duration in seconds; of one round if looped.
    pub(crate) fn seconds(&self) -> f64 {
        let segments = self
            .waypoints
            .len()
            .saturating_sub(usize::from(!self.looped));
        self.segment_seconds * segments as f64
    }

    /// z at a time after the start; `None` after the end.
    pub(crate) fn at(&self, seconds: f64) -> Option<Vec<f32>> {
        let count = self.waypoints.len();
        let segments = if self.looped {
            count
        } else {
            count.checked_sub(1)?
        };
        let progress = (seconds / self.segment_seconds).max(0.0);
        if count < 2 || (!self.looped && progress >= segments as f64) {
            return None;
        }
        let segment = progress.floor() as usize % segments;
        let (from, to) = (
            &self.waypoints[segment],
            &self.waypoints[(segment + 1) % count],
        );
        let t = progress.fract();
        Some(if self.spherical {
            slerp(from, to, t)
        } else {
            lerp(from, to, t)
        })
    }

    /// Points on the path, `per_segment` of them for each segment, and its end; a loop ends where it starts.
    pub(crate) fn samples(&self, per_segment: usize) -> Vec<Vec<f32>> {
        let step = self.segment_seconds / per_segment as f64;
        let count = (self.seconds() / step).round() as usize;
        let along = (0..count).filter_map(|k| self.at(k as f64 * step));
        let end = if self.looped {
            self.waypoints.first()
        } else {
            self.waypoints.last()
        };
        along.chain(end.cloned()).collect()
    }

    /// The last waypoint.
    pub(crate) fn end(&self) -> Option<&Vec<f32>> {
        self.waypoints.last()
    }
}

/// a − b + c, the vector arithmetic that word embeddings are known for (Mikolov et al. 2013).
pub(crate) fn analogy(a: &[f32], b: &[f32], c: &[f32]) -> Vec<f32> {
    let each = a.iter().zip(b).zip(c);
    each.map(|((a, b), c)| a - b + c).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn vector() -> impl Strategy<Value = Vec<f32>> {
        proptest::collection::vec(-3.0_f32..3.0, 4)
    }

    fn distance(a: &[f32], b: &[f32]) -> f64 {
        norm(&analogy(a, b, &vec![0.0; a.len()]))
    }

    proptest! {
        #[test]
        fn lerp_and_slerp_hit_both_ends(a in vector(), b in vector()) {
            for interpolate in [lerp, slerp] {
                prop_assert!(distance(&interpolate(&a, &b, 0.0), &a) < 1e-4);
                prop_assert!(distance(&interpolate(&a, &b, 1.0), &b) < 1e-4);
            }
        }

        #[test]
        fn slerp_changes_norm_and_angle_linearly(a in vector(), b in vector(), t in 0.0..1.0) {
            let (from, to) = (norm(&a), norm(&b));
            let cos = dot(&a, &b) / (from * to);
            // Nearly parallel vectors fall back to `lerp`.
            prop_assume!(from > 0.1 && to > 0.1 && cos.abs() < 0.999);
            let z = slerp(&a, &b, t);
            prop_assert!((norm(&z) - (from + (to - from) * t)).abs() < 1e-3);
            let angle = (dot(&a, &z) / (from * norm(&z))).clamp(-1.0, 1.0).acos();
            prop_assert!((angle - t * cos.acos()).abs() < 1e-2);
        }

        #[test]
        fn project_to_shell_gives_norm_root_d(z in vector()) {
            prop_assume!(norm(&z) > 1e-3);
            prop_assert!((norm(&project_to_shell(&z)) - 2.0).abs() < 1e-4);
        }
    }

    #[test]
    fn slerp_is_linear_for_opposite_and_zero_vectors() {
        let (a, zero) = ([1.0, 0.0], [0.0, 0.0]);
        assert_eq!(slerp(&a, &[-1.0, 0.0], 0.5), [0.0, 0.0]);
        assert_eq!(slerp(&zero, &a, 0.25), [0.25, 0.0]);
        assert_eq!(project_to_shell(&zero), zero);
    }

    #[test]
    fn interpolation_path_visits_waypoints_and_ends_or_loops() {
        let mut path = InterpolationPath {
            waypoints: vec![vec![0.0, 0.0], vec![1.0, 0.0], vec![1.0, 2.0]],
            spherical: false,
            looped: false,
            segment_seconds: 2.0,
        };
        assert_eq!(path.at(0.0), Some(vec![0.0, 0.0]));
        assert_eq!(path.at(3.0), Some(vec![1.0, 1.0]));
        assert_eq!(path.at(4.0), None);
        assert_eq!(path.end(), Some(&vec![1.0, 2.0]));
        path.looped = true;
        assert_eq!(path.at(5.0), Some(vec![0.5, 1.0]));
        assert_eq!(path.at(6.0), Some(vec![0.0, 0.0]));
        assert_eq!(path.samples(2).len(), 7);
        assert_eq!(path.samples(2)[3], [1.0, 1.0]);
        assert_eq!(path.samples(2)[6], [0.0, 0.0], "a loop ends at its start");
        path.looped = false;
        assert_eq!(path.samples(2).len(), 5);
        assert_eq!(path.samples(2)[4], [1.0, 2.0]);
        path.waypoints.truncate(1);
        assert_eq!(path.at(0.0), None, "one waypoint is not a path");
    }

    #[test]
    fn analogy_is_a_minus_b_plus_c() {
        assert_eq!(analogy(&[3.0, 1.0], &[1.0, 1.0], &[0.5, -1.0]), [2.5, -1.0]);
    }
}
