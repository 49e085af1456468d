//! What stands on the left of a product, without what is zero.
//!
//! Most pixels of a digit are black, and behind a rectifier half of the units are silent. A place at which a whole
//! group of lanes is zero adds nothing to their sums, so a product need not go there. What it adds up otherwise
//! stays the same, in the same order.

use super::{
    panels::{Group, Matrix, Panels},
    product::ROWS,
};

/// Whether leaving out all but `some` of `all` places pays for having to look up which are left.
pub(super) fn is_thin(some: usize, all: usize) -> bool {
    4 * some <= 3 * all
}

/// One group of so many is looked at to tell whether there are many zeros.
const PROBED: usize = 7;

/// A product's left operand.
#[derive(Debug, Clone, Default)]
pub(super) struct Left {
    panels: Panels<ROWS>,
    /// All panels' groups that are not zero, where that are few; otherwise nothing.
    groups: Vec<Group<ROWS>>,
    /// The place of each of them in its panel.
    places: Vec<u32>,
    /// Where each panel's groups end.
    ends: Vec<usize>,
}

/// One of its panels.
pub(super) enum Panel<'a> {
    /// A group for each place.
    Whole(&'a [Group<ROWS>]),
    /// Some groups, and the place of each.
    Thin(&'a [Group<ROWS>], &'a [u32]),
}

impl Left {
    /// With the matrix's columns as lanes, summed over its rows, into the memory of what was here.
    pub(super) fn take_columns(&mut self, matrix: Matrix) {
        self.panels.take_columns(matrix);
        self.thin_out();
    }

    /// With its rows as lanes, summed over its columns, into the memory of what was here.
    pub(super) fn take_rows(&mut self, matrix: Matrix) {
        self.panels.take_rows(matrix);
        self.thin_out();
    }

    fn thin_out(&mut self) {
        self.groups.clear();
        self.places.clear();
        self.ends.clear();
        let probed = self.panels.groups().iter().step_by(PROBED);
        let some = probed.clone().filter(|group| !group.is_zero()).count();
        if !is_thin(some, probed.len()) {
            return;
        }
        for panel in self.panels.panels() {
            for (place, group) in panel
                .iter()
                .enumerate()
                .filter(|(_, group)| !group.is_zero())
            {
                self.groups.push(*group);
                self.places.push(place as u32);
            }
            self.ends.push(self.groups.len());
        }
    }

    /// Rows of the product.
    pub(super) fn lanes(&self) -> usize {
        self.panels.lanes()
    }

    /// Numbers that are summed over.
    pub(super) fn depth(&self) -> usize {
        self.panels.depth()
    }

    /// The panels in order.
    pub(super) fn panels(&self) -> impl Iterator<Item = Panel<'_>> + Clone {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        let mut ranges = starts.zip(&self.ends);
        self.panels.panels().map(move |whole| match ranges.next() {
            None => Panel::Whole(whole),
            Some((start, &end)) => Panel::Thin(&self.groups[start..end], &self.places[start..end]),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_of_zeros_are_left_out_where_they_are_many() {
        // Six rows, two panels, of which the second has two rows.
        let mut values = vec![0.0; 6 * 5];
        for (row, column) in [(0, 1), (3, 1), (2, 4), (5, 0)] {
            values[row * 5 + column] = 1.0 + column as f32;
        }
        let mut left = Left::default();
        left.take_rows(Matrix::new(&values, 6, 5));
        let found: Vec<_> = left
            .panels()
            .map(|panel| match panel {
                Panel::Whole(_) => panic!("most of it is zero"),
                Panel::Thin(groups, places) => (
                    groups.iter().map(|group| group.0).collect::<Vec<_>>(),
                    places,
                ),
            })
            .collect();
        assert_eq!(found[0].0, [[2.0, 0.0, 0.0, 2.0], [0.0, 0.0, 5.0, 0.0]]);
        assert_eq!(found[0].1, [1, 4]);
        assert_eq!(
            (&found[1].0[..], found[1].1),
            (&[[0.0, 1.0, 0.0, 0.0]][..], &[0][..])
        );

        // Memory that held something else before.
        values.fill(1.0);
        left.take_rows(Matrix::new(&values, 6, 5));
        assert!(
            left.panels()
                .all(|panel| matches!(panel, Panel::Whole(groups) if groups.len() == 5))
        );
        assert_eq!(
            (left.lanes(), left.depth(), left.panels().count()),
            (6, 5, 2)
        );
    }
}
