//! Walks through the latent space: from pin to pin, along a line or along the prior's shell.

/// z between two others: t = 0 is `from`, t = 1 is `to`.
pub(crate) fn lerp(from: &[f32], to: &[f32], t: f64) -> Vec<f32> {
    weighted(from, 1.0 - t, to, t)
}

/// Spherical interpolation (Shoemake 1985; White 2016 for latent spaces): turns from one direction to the
/// other at constant speed, and goes from one norm to the other. In many dimensions the prior lies near
/// a sphere, which a straight line leaves. Where there is no angle to turn through, the line is taken.
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

/// A draw from the prior, put onto its shell: the sphere of radius √d, near which almost all of N(0, I)
/// lies when d is large.
pub(crate) fn onto_shell(draw: &[f32]) -> Vec<f32> {
    let length = norm(draw);
    let times = if length > 1e-6 {
        (draw.len() as f64).sqrt() / length
    } else {
        0.0
    };
    draw.iter()
        .map(|&z| (f64::from(z) * times) as f32)
        .collect()
}

/// A walk over some stops, at a constant time for each leg.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Walk {
    /// Where it goes, two stops or more, all of the same size.
    pub(crate) stops: Vec<Vec<f32>>,
    /// Whether it turns along spheres rather than going straight.
    pub(crate) spherical: bool,
    /// Whether it goes from the last stop to the first and on; otherwise it ends there.
    pub(crate) looped: bool,
    /// Seconds from stop to stop.
    pub(crate) leg: f64,
}

impl Walk {
    /// How long it takes, or, where it goes round and round, one round, in seconds.
    pub(crate) fn seconds(&self) -> f64 {
        let legs = self.stops.len().saturating_sub(usize::from(!self.looped));
        self.leg * legs as f64
    }

    /// The z after so many seconds; none when the walk is over.
    pub(crate) fn at(&self, seconds: f64) -> Option<Vec<f32>> {
        let count = self.stops.len();
        let legs = if self.looped {
            count
        } else {
            count.checked_sub(1)?
        };
        let done = (seconds / self.leg).max(0.0);
        if count < 2 || (!self.looped && done >= legs as f64) {
            return None;
        }
        let at = done.floor() as usize % legs;
        let (from, to) = (&self.stops[at], &self.stops[(at + 1) % count]);
        let t = done.fract();
        Some(if self.spherical {
            slerp(from, to, t)
        } else {
            lerp(from, to, t)
        })
    }

    /// Where it ends.
    pub(crate) fn end(&self) -> Option<&Vec<f32>> {
        self.stops.last()
    }
}

/// a − b + c, what word vectors are known for (Mikolov et al. 2013).
pub(crate) fn arithmetic(a: &[f32], b: &[f32], c: &[f32]) -> Vec<f32> {
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

    fn apart(a: &[f32], b: &[f32]) -> f64 {
        norm(&arithmetic(a, b, &vec![0.0; a.len()]))
    }

    proptest! {
        #[test]
        fn both_ways_begin_and_end_where_they_should(a in vector(), b in vector()) {
            for way in [lerp, slerp] {
                prop_assert!(apart(&way(&a, &b, 0.0), &a) < 1e-4);
                prop_assert!(apart(&way(&a, &b, 1.0), &b) < 1e-4);
            }
        }

        #[test]
        fn slerp_goes_steadily_from_norm_to_norm(a in vector(), b in vector(), t in 0.0..1.0) {
            let (from, to) = (norm(&a), norm(&b));
            let cos = dot(&a, &b) / (from * to);
            // Nearly opposite or nearly the same: a line.
            prop_assume!(from > 0.1 && to > 0.1 && cos.abs() < 0.999);
            let z = slerp(&a, &b, t);
            prop_assert!((norm(&z) - (from + (to - from) * t)).abs() < 1e-3);
            // The angle already turned through is t of the whole.
            let turned = (dot(&a, &z) / (from * norm(&z))).clamp(-1.0, 1.0).acos();
            prop_assert!((turned - t * cos.acos()).abs() < 1e-2);
        }

        #[test]
        fn the_shell_has_radius_root_d(draw in vector()) {
            prop_assume!(norm(&draw) > 1e-3);
            prop_assert!((norm(&onto_shell(&draw)) - 2.0).abs() < 1e-4);
        }
    }

    #[test]
    fn opposite_and_zero_take_the_line() {
        let (a, zero) = ([1.0, 0.0], [0.0, 0.0]);
        assert_eq!(slerp(&a, &[-1.0, 0.0], 0.5), [0.0, 0.0]);
        assert_eq!(slerp(&zero, &a, 0.25), [0.25, 0.0]);
        assert_eq!(onto_shell(&zero), zero);
    }

    #[test]
    fn a_walk_visits_its_stops_and_ends_or_goes_round() {
        let mut walk = Walk {
            stops: vec![vec![0.0, 0.0], vec![1.0, 0.0], vec![1.0, 2.0]],
            spherical: false,
            looped: false,
            leg: 2.0,
        };
        assert_eq!(walk.at(0.0), Some(vec![0.0, 0.0]));
        assert_eq!(walk.at(3.0), Some(vec![1.0, 1.0]));
        assert_eq!(walk.at(4.0), None);
        assert_eq!(walk.end(), Some(&vec![1.0, 2.0]));
        walk.looped = true;
        assert_eq!(walk.at(5.0), Some(vec![0.5, 1.0]));
        assert_eq!(walk.at(6.0), Some(vec![0.0, 0.0]));
        walk.stops.truncate(1);
        assert_eq!(walk.at(0.0), None, "one stop is no walk");
    }

    #[test]
    fn arithmetic_is_a_minus_b_plus_c() {
        assert_eq!(
            arithmetic(&[3.0, 1.0], &[1.0, 1.0], &[0.5, -1.0]),
            [2.5, -1.0]
        );
    }
}
