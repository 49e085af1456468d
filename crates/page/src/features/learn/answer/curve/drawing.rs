//! The values of a curve that is being drawn, and its coordinates in the SVG.

use course::CURVE_POINTS;

/// The SVG's width, in its own units.
pub(super) const WIDTH: f64 = 360.0;
/// The left end of the horizontal axis.
pub(super) const LEFT: f64 = 36.0;
/// Its right end.
pub(super) const RIGHT: f64 = 344.0;
/// The top of the vertical axis.
pub(super) const TOP: f64 = 8.0;
/// Its bottom.
pub(super) const HEIGHT: f64 = 160.0;

/// The x coordinate of a column.
pub(super) fn at_column(column: usize) -> f64 {
    LEFT + 8.0 + (RIGHT - LEFT - 16.0) * column as f64 / (CURVE_POINTS - 1) as f64
}

/// The y coordinate of a value; values outside the axis are at its ends.
pub(super) fn height_of(value: f64, [low, high]: [f64; 2]) -> f64 {
    HEIGHT - (HEIGHT - TOP) * (value.clamp(low, high) - low) / (high - low)
}

/// The nearest column and the value at coordinates of the SVG.
pub(super) fn value_at(x: f64, y: f64, [low, high]: [f64; 2]) -> (usize, f64) {
    let share = (x - at_column(0)) / (at_column(CURVE_POINTS - 1) - at_column(0));
    let column = (share.clamp(0.0, 1.0) * (CURVE_POINTS - 1) as f64).round() as usize;
    let up = ((HEIGHT - y) / (HEIGHT - TOP)).clamp(0.0, 1.0);
    (column, low + up * (high - low))
}

/// The values that are drawn so far.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Drawing {
    values: [Option<f64>; CURVE_POINTS],
    selected: usize,
}

impl Drawing {
    /// Draws a line between two columns, both included.
    pub(super) fn draw(&mut self, from: (usize, f64), to: (usize, f64)) {
        let (first, last) = if from.0 <= to.0 {
            (from, to)
        } else {
            (to, from)
        };
        let columns = (last.0 - first.0).max(1) as f64;
        for column in first.0..=last.0 {
            let share = (column - first.0) as f64 / columns;
            if let Some(value) = self.values.get_mut(column) {
                *value = Some(first.1 + share * (last.1 - first.1));
            }
        }
        // Within one column, the pointer's last height counts.
        if let Some(value) = self.values.get_mut(to.0) {
            *value = Some(to.1);
        }
        self.selected = to.0;
    }

    /// Moves the selection.
    pub(super) fn select(&mut self, by: isize) {
        self.selected = self
            .selected
            .saturating_add_signed(by)
            .min(CURVE_POINTS - 1);
    }

    /// Changes the selected value; one that is not drawn begins in the middle.
    pub(super) fn raise(&mut self, by: f64, [low, high]: [f64; 2]) {
        if let Some(value) = self.values.get_mut(self.selected) {
            let before = value.unwrap_or(f64::midpoint(low, high));
            *value = Some((before + by).clamp(low, high));
        }
    }

    /// The selected column and its value.
    pub(super) fn selected(&self) -> (usize, Option<f64>) {
        let value = self.values.get(self.selected).copied().flatten();
        (self.selected, value)
    }

    /// The number of columns without a value.
    pub(super) fn missing(&self) -> usize {
        self.values.iter().filter(|value| value.is_none()).count()
    }

    /// The drawn columns with their values.
    pub(super) fn points(&self) -> Vec<(usize, f64)> {
        let drawn = self.values.iter().enumerate();
        drawn
            .filter_map(|(column, value)| Some((column, (*value)?)))
            .collect()
    }

    /// All values, once each column has one.
    pub(super) fn complete(&self) -> Option<[f64; CURVE_POINTS]> {
        let values: Option<Vec<f64>> = self.values.iter().copied().collect();
        values?.try_into().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draw_fills_the_columns_between_two_events() {
        let mut drawing = Drawing::default();
        drawing.draw((0, 10.0), (0, 10.0));
        drawing.draw((0, 10.0), (4, 30.0));
        assert_eq!(drawing.points()[2], (2, 20.0));
        assert_eq!((drawing.missing(), drawing.complete()), (4, None));
        drawing.draw((8, 0.0), (4, 40.0));
        assert_eq!(drawing.complete().map(|values| values[6]), Some(20.0));
        assert_eq!(drawing.selected(), (4, Some(40.0)));
    }

    #[test]
    fn raise_begins_in_the_middle_and_stays_on_the_axis() {
        let mut drawing = Drawing::default();
        drawing.select(-1);
        drawing.raise(5.0, [0.0, 100.0]);
        assert_eq!(drawing.selected(), (0, Some(55.0)));
        drawing.raise(60.0, [0.0, 100.0]);
        assert_eq!(drawing.selected(), (0, Some(100.0)));
        drawing.select(99);
        assert_eq!(drawing.selected(), (CURVE_POINTS - 1, None));
    }

    #[test]
    fn value_at_inverts_the_coordinates() {
        let range = [-5.0, 15.0];
        for column in 0..CURVE_POINTS {
            let (found, value) = value_at(at_column(column) + 3.0, height_of(7.0, range), range);
            assert_eq!(found, column);
            assert!((value - 7.0).abs() < 1e-9);
        }
        assert_eq!(value_at(-100.0, 1000.0, range), (0, -5.0));
        assert_eq!(value_at(1000.0, -1000.0, range), (CURVE_POINTS - 1, 15.0));
    }
}
