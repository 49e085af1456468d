//! Axes: from values to places, with ticks at round numbers. No web types.

/// An axis from `from` to `to`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Axis {
    /// Its lower end.
    pub(crate) from: f64,
    /// Its upper end.
    pub(crate) to: f64,
}

impl Axis {
    /// An axis that holds these values; never empty.
    pub(crate) fn holding(values: impl Iterator<Item = f64>) -> Self {
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

    /// The same with 0 on it, and some air above.
    pub(crate) fn with_zero_and_air(self) -> Self {
        let (from, to) = (self.from.min(0.0), self.to.max(0.0));
        let air = 0.06 * (to - from);
        Self {
            from: if from < 0.0 { from - air } else { 0.0 },
            to: to + air,
        }
    }

    /// Where a value lies: 0 at the lower end, 1 at the upper one.
    pub(crate) fn place(self, value: f64) -> f64 {
        (value - self.from) / (self.to - self.from)
    }

    /// The value at a place.
    pub(crate) fn value(self, place: f64) -> f64 {
        self.from + place * (self.to - self.from)
    }

    /// Round numbers on the axis, about so many.
    pub(crate) fn ticks(self, about: usize) -> Vec<f64> {
        let rough = (self.to - self.from) / about.max(1) as f64;
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

/// A tick's number: "0.5", "250", "12k".
pub(crate) fn tick_label(value: f64) -> String {
    let text = if value.abs() >= 10_000.0 {
        format!("{}k", value / 1000.0)
    } else {
        // Ticks are round; this takes off what binary fractions leave.
        format!("{}", (value * 1e6).round() / 1e6)
    };
    text.replace('-', "−")
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let labels: Vec<_> = small.ticks(4).into_iter().map(tick_label).collect();
        assert_eq!(labels, ["−0.2", "0", "0.2", "0.4"]);
        assert_eq!(tick_label(25_000.0), "25k");
    }

    #[test]
    fn an_axis_is_never_empty_and_places_what_it_holds() {
        let nothing = Axis::holding([f64::NAN].into_iter());
        assert_eq!(nothing, Axis { from: 0.0, to: 1.0 });
        let one = Axis::holding([5.0].into_iter());
        assert_eq!(one.place(5.0), 0.0);
        let axis = Axis::holding([10.0, 20.0].into_iter()).with_zero_and_air();
        assert_eq!(axis.from, 0.0);
        assert!(axis.to > 20.0 && axis.to < 22.0);
        assert!((axis.value(axis.place(7.0)) - 7.0).abs() < 1e-9);
    }
}
