//! The strokes of a drawing, as points. No web types.

/// Side of the drawing in pixels.
pub(crate) const SIDE: u32 = 280;

/// A point of a stroke, in pixels of the drawing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct StrokePoint {
    /// The distance from the left edge.
    pub(crate) x: f64,
    /// The distance from the top edge.
    pub(crate) y: f64,
    /// The width of the line at this point.
    pub(crate) width: f64,
}

/// A colour to draw with, as in CSS.
pub(crate) type Ink = &'static str;

/// White, on a black ground.
pub(crate) const WHITE: Ink = "#fff";

#[derive(Debug, Clone, PartialEq)]
struct Stroke {
    ink: Ink,
    points: Vec<StrokePoint>,
}

/// The strokes of one drawing.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Strokes(Vec<Stroke>);

impl Strokes {
    /// Whether nothing is drawn.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Starts a stroke in this colour.
    pub(crate) fn begin(&mut self, ink: Ink, point: StrokePoint) {
        self.0.push(Stroke {
            ink,
            points: vec![point],
        });
    }

    /// Extends the last stroke to this point. Returns the new segment; `None` if the point did not change.
    pub(crate) fn draw_to(&mut self, point: StrokePoint) -> Option<(StrokePoint, StrokePoint)> {
        let stroke = &mut self.0.last_mut()?.points;
        let from = *stroke.last()?;
        if from == point {
            return None;
        }
        stroke.push(point);
        Some((from, point))
    }

    /// Removes the last stroke.
    pub(crate) fn undo(&mut self) {
        self.0.pop();
    }

    /// Removes all strokes.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// The bounding box of all strokes, as left, top, width and height in pixels; `None` if no stroke is on the
    /// surface.
    pub(crate) fn bounds(&self) -> Option<[u32; 4]> {
        // Half of the widest line, and its antialiased edge.
        let margin = line_width(1.0) / 2.0 + 1.0;
        let dabs = || self.0.iter().flat_map(|stroke| &stroke.points);
        let span = |of: fn(&StrokePoint) -> f64| {
            let low = dabs().map(of).fold(f64::INFINITY, f64::min) - margin;
            let high = dabs().map(of).fold(f64::NEG_INFINITY, f64::max) + margin;
            let side = f64::from(SIDE);
            let low = low.floor().clamp(0.0, side);
            (low as u32, (high.ceil().clamp(0.0, side) - low) as u32)
        };
        let [(left, width), (top, height)] = [span(|point| point.x), span(|point| point.y)];
        (width > 0 && height > 0).then_some([left, top, width, height])
    }

    /// The segments of all strokes with their colours. Each stroke starts with a segment from its first point to itself,
    /// a dot.
    pub(crate) fn segments(&self) -> impl Iterator<Item = (Ink, StrokePoint, StrokePoint)> + '_ {
        self.0.iter().flat_map(|Stroke { ink, points }| {
            let dot = points.first().map(|point| (*ink, *point, *point));
            let pairs = points.windows(2);
            dot.into_iter()
                .chain(pairs.map(|pair| (*ink, pair[0], pair[1])))
        })
    }
}

/// The width of the line for a pressure from 0 to 1. A mouse and most touch screens report 0.5 or 0.
pub(crate) fn line_width(pressure: f32) -> f64 {
    let pressure = if pressure > 0.0 { pressure } else { 0.5 };
    // The strokes of MNIST are about 2 of 28 pixels wide.
    f64::from(SIDE) * (0.05 + 0.05 * f64::from(pressure.min(1.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(x: f64) -> StrokePoint {
        StrokePoint {
            x,
            y: 0.0,
            width: 1.0,
        }
    }

    #[test]
    fn undo_removes_one_stroke() {
        let mut strokes = Strokes::default();
        assert_eq!(strokes.draw_to(point(1.0)), None, "no stroke was started");
        strokes.begin(WHITE, point(1.0));
        assert_eq!(strokes.draw_to(point(2.0)), Some((point(1.0), point(2.0))));
        assert_eq!(
            strokes.draw_to(point(2.0)),
            None,
            "the point did not change"
        );
        strokes.begin("#f00", point(5.0));
        let inks: Vec<_> = strokes.segments().map(|(ink, ..)| ink).collect();
        assert_eq!(inks, [WHITE, WHITE, "#f00"], "two dots and a line");
        strokes.undo();
        assert_eq!(strokes.segments().count(), 2);
        strokes.undo();
        strokes.undo();
        assert!(strokes.is_empty());
    }

    #[test]
    fn bounds_contain_the_lines() {
        let mut strokes = Strokes::default();
        assert_eq!(strokes.bounds(), None);
        let at = |x, y| StrokePoint { x, y, width: 21.0 };
        strokes.begin(WHITE, at(100.0, 90.5));
        assert_eq!(strokes.bounds(), Some([85, 75, 30, 31]));
        strokes.draw_to(at(3.0, 600.0));
        assert_eq!(strokes.bounds(), Some([0, 75, 115, SIDE - 75]));
        strokes.clear();
        strokes.begin(WHITE, at(-40.0, 5.0));
        assert_eq!(strokes.bounds(), None, "off the surface");
    }

    #[test]
    fn line_width_grows_with_pressure() {
        assert!(line_width(0.1) < line_width(0.5) && line_width(0.5) < line_width(1.0));
        assert_eq!(line_width(0.0), line_width(0.5));
        assert_eq!(line_width(7.0), line_width(1.0));
    }
}
