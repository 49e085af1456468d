//! Packing: matrices rearranged into panels that a product reads from start to end.

/// Rows of a micro-kernel's tile.
///
/// A tile of 4 × 8 sums is what the sixteen registers of 128-bit SIMD hold: eight registers of sums, two for the
/// right operand and one for a broadcast value of the left. Larger tiles spill.
pub(super) const MR: usize = 4;
/// Columns of a micro-kernel's tile.
pub(super) const NR: usize = 8;

/// A row-major matrix of `f32`.
#[derive(Debug, Clone, Copy)]
pub struct MatrixRef<'a> {
    values: &'a [f32],
    rows: usize,
    columns: usize,
}

impl<'a> MatrixRef<'a> {
    /// Views `values` as a matrix `[rows, columns]`.
    ///
    /// # Panics
    /// If the number of values is not rows × columns, or is zero.
    pub fn new(values: &'a [f32], rows: usize, columns: usize) -> Self {
        assert_eq!(values.len(), rows * columns, "number of matrix entries");
        assert!(!values.is_empty(), "empty matrix");
        Self {
            values,
            rows,
            columns,
        }
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// The entries of row `index`.
    ///
    /// # Panics
    /// If there is no such row.
    #[inline]
    pub fn row(&self, index: usize) -> &'a [f32] {
        &self.values[index * self.columns..][..self.columns]
    }
}

/// The `W` entries of a panel at one index of k. Aligned, so that a SIMD load of four entries never crosses a cache
/// line, wherever the allocator places the panels.
#[derive(Debug, Clone, Copy)]
#[repr(C, align(16))]
pub(super) struct KSlice<const W: usize>(pub(super) [f32; W]);

impl<const W: usize> KSlice<W> {
    const ZERO: Self = Self([0.0; W]);

    /// Whether all entries are zero, of either sign.
    pub(super) fn is_zero(&self) -> bool {
        // Branch-free; the shift discards the sign bit.
        self.0.iter().fold(0, |bits, x| bits | x.to_bits() << 1) == 0
    }
}

/// A packed operand: panels of `W` rows of A, or of `W` columns of B. Within a panel, the entries that a product
/// needs at the same index of k are adjacent, so both operands are read sequentially. The last panel is
/// padded with zeros.
#[derive(Debug, Clone, Default)]
pub struct PackedPanels<const W: usize> {
    slices: Vec<KSlice<W>>,
    extent: usize,
    k: usize,
}

/// A packed right operand, `[k, n]`, for [`gemm`](super::gemm) and [`gemv`](super::gemv()).
pub type PackedRhs = PackedPanels<NR>;

impl<const W: usize> PackedPanels<W> {
    /// Packs by columns: the operand's panels are the matrix's columns, and k runs over its rows.
    pub fn from_columns(matrix: MatrixRef<'_>) -> Self {
        let mut panels = Self::default();
        panels.pack_columns(matrix);
        panels
    }

    /// As [`from_columns`](Self::from_columns), reusing this operand's memory.
    pub fn pack_columns(&mut self, matrix: MatrixRef<'_>) {
        self.resize(matrix.columns, matrix.rows);
        let width = matrix.columns;
        for (panel, slices) in self.slices.chunks_exact_mut(matrix.rows).enumerate() {
            let from = panel * W;
            let rows = matrix.values.chunks_exact(width);
            for (slice, row) in slices.iter_mut().zip(rows) {
                match row[from..].first_chunk::<W>() {
                    Some(whole) => slice.0 = *whole,
                    None => {
                        let rest = &row[from..];
                        *slice = KSlice::ZERO;
                        slice.0[..rest.len()].copy_from_slice(rest);
                    }
                }
            }
        }
    }

    /// Packs by rows, reusing this operand's memory: the operand's panels are the matrix's rows, and k runs over its
    /// columns.
    pub fn pack_rows(&mut self, matrix: MatrixRef<'_>) {
        self.resize(matrix.rows, matrix.columns);
        let width = matrix.columns;
        let row_blocks = matrix.values.chunks(W * width);
        for (slices, block) in self.slices.chunks_exact_mut(width).zip(row_blocks) {
            if block.len() < W * width {
                slices.fill(KSlice::ZERO);
            }
            for (i, row) in block.chunks_exact(width).enumerate() {
                for (slice, &value) in slices.iter_mut().zip(row) {
                    slice.0[i] = value;
                }
            }
        }
    }

    fn resize(&mut self, extent: usize, k: usize) {
        self.slices.resize(extent.div_ceil(W) * k, KSlice::ZERO);
        (self.extent, self.k) = (extent, k);
    }

    /// The size of the axis that is not summed over, without padding: m of a left operand, n of a right one.
    pub fn extent(&self) -> usize {
        self.extent
    }

    /// The size of the axis that is summed over.
    pub fn k(&self) -> usize {
        self.k
    }

    /// The slices of all panels, one panel after another.
    pub(super) fn slices(&self) -> &[KSlice<W>] {
        &self.slices
    }

    /// The panels in order, each of [`k`](Self::k) slices.
    pub(super) fn panels(&self) -> std::slice::ChunksExact<'_, KSlice<W>> {
        self.slices.chunks_exact(self.k)
    }

    /// Groups of `panels` adjacent panels; the last group may have fewer.
    pub(super) fn panel_groups(&self, panels: usize) -> std::slice::Chunks<'_, KSlice<W>> {
        self.slices.chunks(panels * self.k)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_panels_are_padded_and_reuse_memory() {
        let values = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        let matrix = MatrixRef::new(&values, 2, 3);
        let columns = PackedPanels::<2>::from_columns(matrix);
        assert_eq!((columns.extent(), columns.k()), (3, 2));
        fn slices<const W: usize>(panels: &PackedPanels<W>) -> Vec<[f32; W]> {
            panels.slices.iter().map(|slice| slice.0).collect()
        }
        assert_eq!(
            slices(&columns),
            [[1.0, 2.0], [4.0, 5.0], [3.0, 0.0], [6.0, 0.0]]
        );
        // Memory that was filled by another packing.
        let mut rows = PackedPanels::<4>::from_columns(matrix);
        rows.pack_rows(matrix);
        assert_eq!((rows.extent(), rows.k()), (2, 3));
        assert_eq!(
            slices(&rows),
            [
                [1.0, 4.0, 0.0, 0.0],
                [2.0, 5.0, 0.0, 0.0],
                [3.0, 6.0, 0.0, 0.0]
            ]
        );
    }
}
