//! A packed left operand that skips zeros.
//!
//! Most pixels of a digit are black, and half of a rectifier's outputs are zero. A k-slice whose entries are all zero
//! adds nothing to the sums of its tile, so the product skips it; the remaining terms are added in the same order, and
//! the result is the same.

use super::pack::{KSlice, MR, MatrixRef, PackedPanels};

/// Whether the operand is sparse enough (at most 75 % nonzero) for the indexed micro-kernel to pay for its index
/// lookups.
pub(super) fn is_sparse(nonzero: usize, total: usize) -> bool {
    4 * nonzero <= 3 * total
}

/// One k-slice of this many is probed to estimate the sparsity.
const PROBE_STRIDE: usize = 7;

/// The left operand of a product, `[m, k]`, with an index of its nonzero k-slices where these are few.
#[derive(Debug, Clone, Default)]
pub struct SparseLhs {
    panels: PackedPanels<MR>,
    /// The nonzero k-slices of all panels; empty for a dense operand.
    nonzero: Vec<KSlice<MR>>,
    /// The index along k of each of them.
    indices: Vec<u32>,
    /// For each panel, the end of its range in `nonzero` and `indices`; empty for a dense operand.
    panel_ends: Vec<usize>,
}

/// A panel of [`MR`] rows.
pub(super) enum LhsPanel<'a> {
    /// A slice for each index of k.
    Dense(&'a [KSlice<MR>]),
    /// The nonzero slices, and the index along k of each.
    Sparse(&'a [KSlice<MR>], &'a [u32]),
}

impl SparseLhs {
    /// Packs the transpose of `matrix` (m runs over its columns, k over its rows), reusing this operand's memory.
    pub fn pack_columns(&mut self, matrix: MatrixRef<'_>) {
        self.panels.pack_columns(matrix);
        self.index_nonzero();
    }

    /// Packs `matrix` (m runs over its rows, k over its columns), reusing this operand's memory.
    pub fn pack_rows(&mut self, matrix: MatrixRef<'_>) {
        self.panels.pack_rows(matrix);
        self.index_nonzero();
    }

    fn index_nonzero(&mut self) {
        self.nonzero.clear();
        self.indices.clear();
        self.panel_ends.clear();
        let probes = self.panels.slices().iter().step_by(PROBE_STRIDE);
        let nonzero = probes.clone().filter(|slice| !slice.is_zero()).count();
        if !is_sparse(nonzero, probes.len()) {
            return;
        }
        for panel in self.panels.panels() {
            for (index, slice) in panel
                .iter()
                .enumerate()
                .filter(|(_, slice)| !slice.is_zero())
            {
                self.nonzero.push(*slice);
                self.indices.push(index as u32);
            }
            self.panel_ends.push(self.nonzero.len());
        }
    }

    /// Rows.
    pub fn m(&self) -> usize {
        self.panels.extent()
    }

    /// The size of the axis that is summed over.
    pub fn k(&self) -> usize {
        self.panels.k()
    }

    /// The panels in order.
    pub(super) fn panels(&self) -> impl Iterator<Item = LhsPanel<'_>> + Clone {
        let starts = std::iter::once(0).chain(self.panel_ends.iter().copied());
        let mut ranges = starts.zip(&self.panel_ends);
        self.panels.panels().map(move |dense| match ranges.next() {
            None => LhsPanel::Dense(dense),
            Some((start, &end)) => {
                LhsPanel::Sparse(&self.nonzero[start..end], &self.indices[start..end])
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sparse_lhs_indexes_nonzero_slices_only_when_sparse() {
        // Six rows: two panels, of which the second has two rows.
        let mut values = vec![0.0; 6 * 5];
        for (row, column) in [(0, 1), (3, 1), (2, 4), (5, 0)] {
            values[row * 5 + column] = 1.0 + column as f32;
        }
        let mut lhs = SparseLhs::default();
        lhs.pack_rows(MatrixRef::new(&values, 6, 5));
        let found: Vec<_> = lhs
            .panels()
            .map(|panel| match panel {
                LhsPanel::Dense(_) => panic!("most entries are zero"),
                LhsPanel::Sparse(slices, indices) => (
                    slices.iter().map(|slice| slice.0).collect::<Vec<_>>(),
                    indices,
                ),
            })
            .collect();
        assert_eq!(found[0].0, [[2.0, 0.0, 0.0, 2.0], [0.0, 0.0, 5.0, 0.0]]);
        assert_eq!(found[0].1, [1, 4]);
        assert_eq!(
            (&found[1].0[..], found[1].1),
            (&[[0.0, 1.0, 0.0, 0.0]][..], &[0][..])
        );

        // Memory that was filled by another packing.
        values.fill(1.0);
        lhs.pack_rows(MatrixRef::new(&values, 6, 5));
        assert!(
            lhs.panels()
                .all(|panel| matches!(panel, LhsPanel::Dense(slices) if slices.len() == 5))
        );
        assert_eq!((lhs.m(), lhs.k(), lhs.panels().count()), (6, 5, 2));
    }
}
