//! The part of a latent plane that is in view.

use crate::latent::LATENT_LIMIT;

/// A square of the plane: its middle, and half its side, in units of z.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Viewport {
    /// The middle, (z₁, z₂).
    pub(crate) centre: [f64; 2],
    /// Half the side.
    pub(crate) half: f64,
}

/// How far in one can zoom.
const MIN_HALF: f64 = 0.1;
/// How far out: all that z may be.
const MAX_HALF: f64 = LATENT_LIMIT as f64;

impl Viewport {
    /// From −3 to 3, where nearly all of the prior lies.
    pub(crate) const HOME: Self = Self {
        centre: [0.0; 2],
        half: 3.0,
    };

    /// This square, if there can be such a view.
    pub(crate) fn checked(centre: [f64; 2], half: f64) -> Option<Self> {
        let view = Self { centre, half };
        let fits = (MIN_HALF..=MAX_HALF).contains(&half) && view.clamped() == view;
        fits.then_some(view)
    }

    /// Where a z lies, as shares of the side from the left and from the top: 0 to 1 in view.
    pub(crate) fn to_fraction(&self, z: [f64; 2]) -> [f64; 2] {
        let [across, up] = [0, 1].map(|i| (z[i] - self.centre[i]) / (2.0 * self.half) + 0.5);
        [across, 1.0 - up]
    }

    /// The z at these shares.
    pub(crate) fn to_z(&self, [across, down]: [f64; 2]) -> [f64; 2] {
        let at = |centre: f64, share: f64| centre + (share - 0.5) * 2.0 * self.half;
        [at(self.centre[0], across), at(self.centre[1], 1.0 - down)]
    }

    /// So many times as near, with this z staying where it is.
    pub(crate) fn zoomed(&self, times: f64, fixed: [f64; 2]) -> Self {
        let half = (self.half / times).clamp(MIN_HALF, MAX_HALF);
        let kept = half / self.half;
        let centre = [0, 1].map(|i| fixed[i] + (self.centre[i] - fixed[i]) * kept);
        Self { centre, half }.clamped()
    }

    /// Moved by so much of z.
    pub(crate) fn panned(&self, by: [f64; 2]) -> Self {
        let centre = [0, 1].map(|i| self.centre[i] + by[i]);
        Self { centre, ..*self }.clamped()
    }

    /// Moved no farther than it takes to have this z in view.
    pub(crate) fn showing(&self, z: [f64; 2]) -> Self {
        let by = [0, 1].map(|i| {
            let off = z[i] - self.centre[i];
            off - off.clamp(-self.half, self.half)
        });
        self.panned(by)
    }

    /// Whether it can be zoomed in, and out.
    pub(crate) fn can_zoom(&self) -> (bool, bool) {
        (self.half > MIN_HALF * 1.001, self.half < MAX_HALF * 0.999)
    }

    /// Numbers for the axes: multiples of a round step, in view, first across and then up.
    pub(crate) fn ticks(&self) -> [Vec<f64>; 2] {
        let step = self.tick_step();
        self.centre.map(|centre| {
            let (from, to) = (centre - self.half, centre + self.half);
            let (first, last) = ((from / step).ceil() as i64, (to / step).floor() as i64);
            (first..=last).map(|k| k as f64 * step).collect()
        })
    }

    /// The step between ticks: 1, 2 or 5 of a power of ten, for at most seven ticks.
    pub(crate) fn tick_step(&self) -> f64 {
        let least = 2.0 * self.half / 6.001;
        let power = 10_f64.powf(least.log10().floor());
        let step = [1.0, 2.0, 5.0]
            .into_iter()
            .find(|step| step * power >= least);
        step.unwrap_or(10.0) * power
    }

    /// The same, with nothing in view that z can't be.
    fn clamped(self) -> Self {
        let room = MAX_HALF - self.half;
        let centre = self.centre.map(|centre| centre.clamp(-room, room));
        Self { centre, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_and_z_are_each_others_inverse() {
        let view = Viewport {
            centre: [1.0, -0.5],
            half: 0.75,
        };
        assert_eq!(view.to_fraction([1.0, -0.5]), [0.5, 0.5]);
        assert_eq!(view.to_fraction([0.25, 0.25]), [0.0, 0.0], "left and top");
        let z = view.to_z(view.to_fraction([1.3, -0.9]));
        assert!((z[0] - 1.3).abs() < 1e-12 && (z[1] + 0.9).abs() < 1e-12);
    }

    #[test]
    fn zooming_keeps_what_is_under_the_pointer() {
        let fixed = [1.2, -2.0];
        let before = Viewport::HOME.to_fraction(fixed);
        let near = Viewport::HOME.zoomed(4.0, fixed);
        assert_eq!(near.half, 0.75);
        let after = near.to_fraction(fixed);
        assert!((0..2).all(|i| (before[i] - after[i]).abs() < 1e-12));
    }

    #[test]
    fn nothing_beyond_the_limit_comes_into_view() {
        let far = Viewport::HOME.zoomed(0.01, [3.0, 3.0]);
        assert_eq!((far.half, far.centre), (6.0, [0.0; 2]));
        assert_eq!(Viewport::HOME.panned([9.0, -9.0]).centre, [3.0, -3.0]);
        assert_eq!(Viewport::HOME.zoomed(1e6, [0.0; 2]).half, MIN_HALF);
        assert_eq!(far.can_zoom(), (true, false));
        assert_eq!(Viewport::HOME.can_zoom(), (true, true));
    }

    #[test]
    fn it_moves_just_far_enough() {
        assert_eq!(Viewport::HOME.showing([1.0, 3.0]), Viewport::HOME);
        assert_eq!(Viewport::HOME.showing([3.5, 0.0]).centre, [0.5, 0.0]);
    }

    #[test]
    fn ticks_are_round_and_few() {
        let whole: Vec<f64> = (-3..=3).map(f64::from).collect();
        assert_eq!(Viewport::HOME.ticks(), [whole.clone(), whole]);
        for zoom in 1..60 {
            let view = Viewport::HOME.zoomed(f64::from(zoom) / 2.0, [0.3, 0.7]);
            for ticks in view.ticks() {
                assert!((2..=7).contains(&ticks.len()), "{view:?}: {ticks:?}");
            }
        }
    }
}
