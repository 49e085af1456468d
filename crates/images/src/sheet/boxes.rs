//! Boxes on a sheet, and the order in which people read them.

/// A box in pixels of a sheet's [`corrected`](super::Sheet::corrected) picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BoxPx {
    /// The first column.
    pub left: usize,
    /// The first row.
    pub top: usize,
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
}

impl BoxPx {
    /// The column after the last.
    pub fn right(&self) -> usize {
        self.left.saturating_add(self.width)
    }

    /// The row after the last.
    pub fn bottom(&self) -> usize {
        self.top.saturating_add(self.height)
    }

    /// The smallest box around both: two parts of one digit, merged by hand.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        let (left, top) = (self.left.min(other.left), self.top.min(other.top));
        Self {
            left,
            top,
            width: self.right().max(other.right()) - left,
            height: self.bottom().max(other.bottom()) - top,
        }
    }

    /// Pixels that both have.
    pub fn overlap(&self, other: &Self) -> usize {
        let side = |from: usize, to: usize| to.saturating_sub(from);
        let width = side(self.left.max(other.left), self.right().min(other.right()));
        let height = side(self.top.max(other.top), self.bottom().min(other.bottom()));
        width.saturating_mul(height)
    }

    /// The part of it that lies on a picture of this size; none outside.
    pub(super) fn clipped(&self, width: usize, height: usize) -> Option<Self> {
        let (right, bottom) = (self.right().min(width), self.bottom().min(height));
        (self.left < right && self.top < bottom).then(|| Self {
            width: right - self.left,
            height: bottom - self.top,
            ..*self
        })
    }

    /// Empty pixels between the two, along the axis where they are further apart.
    pub(super) fn gap(&self, other: &Self) -> usize {
        let apart =
            |a: usize, b: usize, c: usize, d: usize| c.saturating_sub(b).max(a.saturating_sub(d));
        apart(self.left, self.right(), other.left, other.right()).max(apart(
            self.top,
            self.bottom(),
            other.top,
            other.bottom(),
        ))
    }

    fn middle(&self) -> (f32, f32) {
        (
            self.left as f32 + self.width as f32 / 2.0,
            self.top as f32 + self.height as f32 / 2.0,
        )
    }
}

/// Row by row from the top, each from the left. Rows may slant: a box continues the row whose last
/// box is on its left at about its height.
pub(super) fn reading_order(boxes: &mut Vec<BoxPx>, height: f32) {
    boxes.sort_by_key(|b| b.left + b.width / 2);
    let mut rows: Vec<Vec<BoxPx>> = Vec::new();
    for next in boxes.drain(..) {
        let off = |row: &Vec<BoxPx>| {
            row.last()
                .map_or(f32::MAX, |last| (last.middle().1 - next.middle().1).abs())
        };
        let nearest = rows.iter_mut().min_by(|a, b| off(a).total_cmp(&off(b)));
        match nearest {
            Some(row) if off(row) < 0.6 * height => row.push(next),
            _ => rows.push(vec![next]),
        }
    }
    // All rows slant alike: compare them where they would begin.
    let (mut along, mut down) = (0.0, 0.0);
    for row in &rows {
        if let [first, .., last] = row.as_slice() {
            along += last.middle().0 - first.middle().0;
            down += last.middle().1 - first.middle().1;
        }
    }
    let slant = if along > 0.0 { down / along } else { 0.0 };
    let start = |row: &Vec<BoxPx>| {
        let sum: f32 = row
            .iter()
            .map(|b| b.middle().1 - slant * b.middle().0)
            .sum();
        sum / row.len() as f32
    };
    rows.sort_by(|a, b| start(a).total_cmp(&start(b)));
    boxes.extend(rows.into_iter().flatten());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(left: usize, top: usize) -> BoxPx {
        BoxPx {
            left,
            top,
            width: 20,
            height: 30,
        }
    }

    #[test]
    fn slanted_rows_are_read_one_after_the_other() {
        let mut ordered = Vec::new();
        for row in 0..4 {
            for column in 0..12 {
                // The last of a row stands lower than the first of the next.
                ordered.push(at(10 + column * 60, 20 + row * 60 + column * 6));
            }
        }
        let mut boxes: Vec<_> = ordered.iter().rev().copied().collect();
        reading_order(&mut boxes, 30.0);
        assert_eq!(boxes, ordered);
    }

    #[test]
    fn union_overlap_and_gap() {
        let (a, b) = (at(0, 0), at(25, 10));
        assert_eq!(
            a.union(&b),
            BoxPx {
                left: 0,
                top: 0,
                width: 45,
                height: 40
            }
        );
        assert_eq!(a.overlap(&b), 0);
        assert_eq!(a.gap(&b), 5);
        assert_eq!(a.overlap(&at(10, 10)), 10 * 20);
        assert_eq!(at(90, 0).clipped(100, 100).map(|b| b.width), Some(10));
        assert_eq!(at(usize::MAX, 0).clipped(100, 100), None);
    }
}
