//! Lines of a chart as SVG paths. No web types.

use crate::ui::chart::axis::Axis;
use std::fmt::Write as _;

/// The width of the drawing in its own units; CSS stretches it.
pub(crate) const WIDTH: f64 = 1000.0;
/// The height of the drawing in its own units.
pub(crate) const HEIGHT: f64 = 400.0;
/// The `viewBox` of the drawing.
pub(crate) const VIEW_BOX: &str = "0 0 1000 400";

/// A pair of axes. Values off an axis are drawn off the chart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Plot {
    /// The horizontal axis.
    pub(crate) x: Axis,
    /// The vertical axis.
    pub(crate) y: Axis,
}

impl Plot {
    /// The line through these points.
    pub(crate) fn line(&self, points: impl Iterator<Item = (f64, f64)>) -> String {
        let mut path = String::new();
        for (x, y) in points {
            let command = if path.is_empty() { 'M' } else { 'L' };
            let (x, y) = (self.x.position(x) * WIDTH, self.vertical(y));
            // Writing to a string cannot fail.
            let _ = write!(path, "{command}{x:.1} {y:.1}");
        }
        path
    }

    /// A dot at each of these points: a line without length, which a round cap makes visible. Unlike a circle it keeps
    /// its shape when the drawing is stretched.
    pub(crate) fn dots(&self, points: impl Iterator<Item = (f64, f64)>) -> String {
        let mut path = String::new();
        for (x, y) in points {
            let (x, y) = (self.x.position(x) * WIDTH, self.vertical(y));
            // Writing to a string cannot fail.
            let _ = write!(path, "M{x:.1} {y:.1}h0");
        }
        path
    }

    /// The area between the lower and the upper of these points, each as x, lower, upper.
    pub(crate) fn band(&self, points: &[(f64, f64, f64)]) -> String {
        if points.is_empty() {
            return String::new();
        }
        let upper = points.iter().map(|&(x, _, upper)| (x, upper));
        let lower = points.iter().rev().map(|&(x, lower, _)| (x, lower));
        self.line(upper.chain(lower)) + "Z"
    }

    /// A horizontal line at this value.
    pub(crate) fn level(&self, y: f64) -> String {
        format!("M0 {:.1}H{WIDTH}", self.vertical(y))
    }

    /// Horizontal lines at about `count` ticks.
    pub(crate) fn grid(&self, count: usize) -> String {
        let ticks = self.y.ticks(count);
        ticks.into_iter().map(|tick| self.level(tick)).collect()
    }

    fn vertical(&self, y: f64) -> f64 {
        (1.0 - self.y.position(y)) * HEIGHT
    }
}

/// A vertical line at this share of the width.
pub(crate) fn vertical_line(position: f64) -> String {
    format!("M{:.1} 0V{HEIGHT}", position * WIDTH)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLOT: Plot = Plot {
        x: Axis { from: 0.0, to: 1.0 },
        y: Axis {
            from: 0.0,
            to: 100.0,
        },
    };

    #[test]
    fn line_goes_from_the_first_point_to_the_last() {
        let points = [(0.0, 100.0), (1.0, 25.0)];
        assert_eq!(PLOT.line(points.into_iter()), "M0.0 0.0L1000.0 300.0");
        assert!(PLOT.line([].into_iter()).is_empty());
    }

    #[test]
    fn dots_are_separate() {
        let points = [(0.0, 100.0), (1.0, 25.0)];
        assert_eq!(PLOT.dots(points.into_iter()), "M0.0 0.0h0M1000.0 300.0h0");
    }

    #[test]
    fn band_is_closed_and_empty_without_points() {
        let band = PLOT.band(&[(0.0, 0.0, 100.0), (1.0, 0.0, 50.0)]);
        assert_eq!(band, "M0.0 0.0L1000.0 200.0L1000.0 400.0L0.0 400.0Z");
        assert!(PLOT.band(&[]).is_empty());
    }

    #[test]
    fn view_box_is_the_drawing() {
        assert_eq!(VIEW_BOX, format!("0 0 {WIDTH} {HEIGHT}"));
        assert_eq!(PLOT.level(75.0), "M0 100.0H1000");
    }
}
