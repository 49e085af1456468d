//! What a pen has drawn, before it is a picture.

/// Side of the drawing in pixels.
pub(crate) const SIDE: u32 = 280;

/// A point of a stroke, in pixels of the drawing, and how wide the line is there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Dab {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) width: f64,
}

/// The strokes of one drawing.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Strokes(Vec<Vec<Dab>>);

impl Strokes {
    /// Whether nothing is drawn.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A pen touches down.
    pub(crate) fn begin(&mut self, dab: Dab) {
        self.0.push(vec![dab]);
    }

    /// The pen moves. Gives the piece that is new; none when the pen is where it was.
    pub(crate) fn draw_to(&mut self, dab: Dab) -> Option<(Dab, Dab)> {
        let stroke = self.0.last_mut()?;
        let from = *stroke.last()?;
        if from == dab {
            return None;
        }
        stroke.push(dab);
        Some((from, dab))
    }

    /// Takes the last stroke back.
    pub(crate) fn undo(&mut self) {
        self.0.pop();
    }

    /// Takes all strokes away.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// The part of the drawing that all ink lies in, as left, top, width and height in pixels; none where there
    /// is no ink.
    pub(crate) fn bounds(&self) -> Option<[u32; 4]> {
        // Half of the widest line, and its soft edge.
        let reach = line_width(1.0) / 2.0 + 1.0;
        let dabs = || self.0.iter().flatten();
        let span = |of: fn(&Dab) -> f64| {
            let low = dabs().map(of).fold(f64::INFINITY, f64::min) - reach;
            let high = dabs().map(of).fold(f64::NEG_INFINITY, f64::max) + reach;
            let side = f64::from(SIDE);
            let low = low.floor().clamp(0.0, side);
            (low as u32, (high.ceil().clamp(0.0, side) - low) as u32)
        };
        let [(left, width), (top, height)] = [span(|dab| dab.x), span(|dab| dab.y)];
        (width > 0 && height > 0).then_some([left, top, width, height])
    }

    /// All pieces of all strokes; a dot is a piece from a point to itself.
    pub(crate) fn pieces(&self) -> impl Iterator<Item = (Dab, Dab)> + '_ {
        self.0.iter().flat_map(|stroke| {
            let dot = stroke.first().map(|dab| (*dab, *dab));
            dot.into_iter()
                .chain(stroke.windows(2).map(|pair| (pair[0], pair[1])))
        })
    }
}

/// The width of the line for a pen's pressure from 0 to 1. A mouse and most fingers say 0.5 or 0.
pub(crate) fn line_width(pressure: f32) -> f64 {
    let pressure = if pressure > 0.0 { pressure } else { 0.5 };
    // MNIST's strokes are about two pixels of 28 wide.
    f64::from(SIDE) * (0.05 + 0.05 * f64::from(pressure.min(1.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dab(x: f64) -> Dab {
        Dab {
            x,
            y: 0.0,
            width: 1.0,
        }
    }

    #[test]
    fn strokes_are_taken_back_one_by_one() {
        let mut strokes = Strokes::default();
        assert_eq!(strokes.draw_to(dab(1.0)), None, "the pen is not down");
        strokes.begin(dab(1.0));
        assert_eq!(strokes.draw_to(dab(2.0)), Some((dab(1.0), dab(2.0))));
        assert_eq!(strokes.draw_to(dab(2.0)), None, "it has not moved");
        strokes.begin(dab(5.0));
        assert_eq!(strokes.pieces().count(), 3, "two dots and a line");
        strokes.undo();
        assert_eq!(strokes.pieces().count(), 2);
        strokes.undo();
        strokes.undo();
        assert!(strokes.is_empty());
    }

    #[test]
    fn ink_lies_within_the_bounds() {
        let mut strokes = Strokes::default();
        assert_eq!(strokes.bounds(), None);
        let at = |x, y| Dab { x, y, width: 21.0 };
        strokes.begin(at(100.0, 90.5));
        assert_eq!(strokes.bounds(), Some([85, 75, 30, 31]));
        strokes.draw_to(at(3.0, 600.0));
        assert_eq!(strokes.bounds(), Some([0, 75, 115, SIDE - 75]));
        strokes.clear();
        strokes.begin(at(-40.0, 5.0));
        assert_eq!(strokes.bounds(), None, "beside the surface");
    }

    #[test]
    fn pressure_widens_the_line_and_a_mouse_has_the_middle() {
        assert!(line_width(0.1) < line_width(0.5) && line_width(0.5) < line_width(1.0));
        assert_eq!(line_width(0.0), line_width(0.5));
        assert_eq!(line_width(7.0), line_width(1.0));
    }
}
