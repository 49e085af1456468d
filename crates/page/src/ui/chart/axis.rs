//! An axis: from values to positions, with ticks at round numbers. No web types.

/// An axis from `from` to `to`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Axis {
    /// The lower end.
    pub(crate) from: f64,
    /// The upper end.
    pub(crate) to: f64,
}

impl Axis {
    /// The axis from the smallest to the largest finite value; never empty.
    pub(crate) fn spanning(values: impl Iterator<Item = f64>) -> Self {
        let (from, to) = values
            .filter(|value| value.is_finite())
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(from, to), value| {
                (from.min(value), to.max(value))
            });
        if from > to {
            return Self { from: 0.0, to: 1.0 };
        }
        Self {
            from,
            to: if to > from { to } else { from + 1.0 },
        }
    }

    /// The same axis extended to 0, with a margin beyond the values.
    pub(crate) fn with_zero_and_margin(self) -> Self {
        let (from, to) = (self.from.min(0.0), self.to.max(0.0));
        let margin = 0.06 * (to - from);
        Self {
            from: if from < 0.0 { from - margin } else { 0.0 },
            to: to + margin,
        }
    }

    /// The same axis, longer by `margin` at both ends.
    pub(crate) fn with_margin(self, margin: f64) -> Self {
        Self {
            from: self.from - margin,
            to: self.to + margin,
        }
    }

    /// The distance between the ends.
    pub(crate) fn length(self) -> f64 {
        self.to - self.from
    }

    /// The position of a value: 0 at the lower end, 1 at the upper end.
    pub(crate) fn position(self, value: f64) -> f64 {
        (value - self.from) / self.length()
    }

    /// The value at a position.
    pub(crate) fn value(self, position: f64) -> f64 {
        self.from + position * self.length()
    }

    /// The value, or a finite one two lengths off the axis in its place if it is farther away.
    pub(crate) fn clamp_far(self, value: f64) -> f64 {
        self.value(self.position(value).clamp(-2.0, 2.0))
    }

    /// About `count` round numbers on the axis.
    pub(crate) fn ticks(self, count: usize) -> Vec<f64> {
        let rough = self.length() / count.max(1) as f64;
        let magnitude = 10_f64.powf(rough.log10().floor());
        let stride = [1.0, 2.0, 5.0, 10.0]
            .map(|round| round * magnitude)
            .into_iter()
            .find(|stride| *stride >= rough)
            .unwrap_or(rough);
        let first = (self.from / stride).ceil() as i64;
        let last = (self.to / stride).floor() as i64;
        (first..=last).map(|tick| tick as f64 * stride).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::format;

    #[test]
    fn ticks_are_round_and_on_the_axis() {
        let axis = Axis {
            from: 0.0,
            to: 230.0,
        };
        assert_eq!(axis.ticks(5), [0.0, 50.0, 100.0, 150.0, 200.0]);
        let small = Axis {
            from: -0.3,
            to: 0.45,
        };
        let labels: Vec<_> = small.ticks(4).into_iter().map(format::tick).collect();
        assert_eq!(labels, ["−0.2", "0", "0.2", "0.4"]);
    }

    #[test]
    fn spanning_is_never_empty() {
        let empty = Axis::spanning([f64::NAN].into_iter());
        assert_eq!(empty, Axis { from: 0.0, to: 1.0 });
        let one = Axis::spanning([5.0].into_iter());
        assert_eq!(one.position(5.0), 0.0);
    }

    #[test]
    fn position_and_value_are_inverse() {
        let axis = Axis::spanning([10.0, 20.0].into_iter()).with_zero_and_margin();
        assert_eq!(axis.from, 0.0);
        assert!(axis.to > 20.0 && axis.to < 22.0);
        assert!((axis.value(axis.position(7.0)) - 7.0).abs() < 1e-9);
        assert_eq!(axis.clamp_far(f64::NEG_INFINITY), -2.0 * axis.to);
    }
}
