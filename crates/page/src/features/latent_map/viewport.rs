//! The part of the plane that is in view.

use crate::latent::LATENT_LIMIT;

/// A square of the plane, in map positions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Viewport {
    /// Its centre, horizontal and vertical.
    pub(crate) centre: [f64; 2],
    /// Half its side.
    pub(crate) half: f64,
}

/// Half side at the largest magnification.
const MIN_HALF: f64 = 0.02;
/// Half side at the smallest magnification: all valid z.
const MAX_HALF: f64 = LATENT_LIMIT as f64;

/// Numbers in links have four decimals.
const ROUNDING: f64 = 1e-4;

impl Viewport {
    /// The default view, −3 to 3, which holds nearly all of the prior's mass.
    pub(crate) const HOME: Self = Self {
        centre: [0.0; 2],
        half: 3.0,
    };

    /// A view from untrusted numbers; `None` if it is out of range, but for what rounding in links adds.
    pub(crate) fn checked(centre: [f64; 2], half: f64) -> Option<Self> {
        let view = Self {
            centre,
            half: half.clamp(MIN_HALF, MAX_HALF),
        }
        .clamped();
        let is_near = |a: f64, b: f64| (a - b).abs() <= ROUNDING;
        let fits = is_near(view.half, half)
            && is_near(view.centre[0], centre[0])
            && is_near(view.centre[1], centre[1]);
        fits.then_some(view)
    }

    /// Converts a map position to fractions of the side from left and top; 0 to 1 in view.
    pub(crate) fn fraction_of(&self, z: [f64; 2]) -> [f64; 2] {
        let [across, up] = [0, 1].map(|i| (z[i] - self.centre[i]) / (2.0 * self.half) + 0.5);
        [across, 1.0 - up]
    }

    /// Inverse of [`fraction_of`](Self::fraction_of).
    pub(crate) fn at_fraction(&self, [across, down]: [f64; 2]) -> [f64; 2] {
        let at = |centre: f64, fraction: f64| centre + (fraction - 0.5) * 2.0 * self.half;
        [at(self.centre[0], across), at(self.centre[1], 1.0 - down)]
    }

    /// Magnified by a factor about a fixed map position.
    pub(crate) fn zoomed(&self, factor: f64, fixed: [f64; 2]) -> Self {
        let half = (self.half / factor).clamp(MIN_HALF, MAX_HALF);
        let ratio = half / self.half;
        let centre = [0, 1].map(|i| fixed[i] + (self.centre[i] - fixed[i]) * ratio);
        Self { centre, half }.clamped()
    }

    /// Moved by an offset.
    pub(crate) fn panned(&self, by: [f64; 2]) -> Self {
        let centre = [0, 1].map(|i| self.centre[i] + by[i]);
        Self { centre, ..*self }.clamped()
    }

    /// Moved by the smallest offset that brings a map position into view.
    pub(crate) fn scrolled_to(&self, position: [f64; 2]) -> Self {
        let by = [0, 1].map(|i| {
            let offset = position[i] - self.centre[i];
            offset - offset.clamp(-self.half, self.half)
        });
        self.panned(by)
    }

    /// Whether it can be zoomed in, and out.
    pub(crate) fn can_zoom(&self) -> (bool, bool) {
        (self.half > MIN_HALF * 1.001, self.half < MAX_HALF * 0.999)
    }

    /// Ticks of the horizontal and the vertical axis: the multiples of [`tick_step`](Self::tick_step) in view.
    pub(crate) fn ticks(&self) -> [Vec<f64>; 2] {
        let step = self.tick_step();
        self.centre.map(|centre| {
            let (from, to) = (centre - self.half, centre + self.half);
            let (first, last) = ((from / step).ceil() as i64, (to / step).floor() as i64);
            (first..=last).map(|k| k as f64 * step).collect()
        })
    }

    /// The step between ticks: 1, 2 or 5 times a power of ten, for at most seven ticks.
    pub(crate) fn tick_step(&self) -> f64 {
        let minimum = 2.0 * self.half / 6.001;
        let power = 10_f64.powf(minimum.log10().floor());
        let step = [1.0, 2.0, 5.0]
            .into_iter()
            .find(|step| step * power >= minimum);
        step.unwrap_or(10.0) * power
    }

    /// The nearest view that is neither too small nor too large, with only valid z in view.
    pub(crate) fn within_limits(self) -> Self {
        let half = self.half.clamp(MIN_HALF, MAX_HALF);
        Self { half, ..self }.clamped()
    }

    /// Moved so that only valid z are in view.
    fn clamped(self) -> Self {
        let limit = MAX_HALF - self.half;
        let centre = self.centre.map(|centre| centre.clamp(-limit, limit));
        Self { centre, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_fraction_inverts_fraction_of() {
        let view = Viewport {
            centre: [1.0, -0.5],
            half: 0.75,
        };
        assert_eq!(view.fraction_of([1.0, -0.5]), [0.5, 0.5]);
        assert_eq!(view.fraction_of([0.25, 0.25]), [0.0, 0.0], "left and top");
        let z = view.at_fraction(view.fraction_of([1.3, -0.9]));
        assert!((z[0] - 1.3).abs() < 1e-12 && (z[1] + 0.9).abs() < 1e-12);
    }

    #[test]
    fn zoomed_keeps_the_fixed_position() {
        let fixed = [1.2, -2.0];
        let before = Viewport::HOME.fraction_of(fixed);
        let near = Viewport::HOME.zoomed(4.0, fixed);
        assert_eq!(near.half, 0.75);
        let after = near.fraction_of(fixed);
        assert!((0..2).all(|i| (before[i] - after[i]).abs() < 1e-12));
    }

    #[test]
    fn viewport_stays_within_the_limits() {
        let far = Viewport::HOME.zoomed(0.01, [3.0, 3.0]);
        assert_eq!((far.half, far.centre), (6.0, [0.0; 2]));
        assert_eq!(Viewport::HOME.panned([9.0, -9.0]).centre, [3.0, -3.0]);
        assert_eq!(Viewport::HOME.zoomed(1e6, [0.0; 2]).half, MIN_HALF);
        assert_eq!(far.can_zoom(), (true, false));
        assert_eq!(Viewport::HOME.can_zoom(), (true, true));
    }

    #[test]
    fn scrolled_to_moves_by_the_smallest_offset() {
        assert_eq!(Viewport::HOME.scrolled_to([1.0, 3.0]), Viewport::HOME);
        assert_eq!(Viewport::HOME.scrolled_to([3.5, 0.0]).centre, [0.5, 0.0]);
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
