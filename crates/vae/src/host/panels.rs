//! Matrices laid out for products.

/// A matrix of `f32`, row by row.
#[derive(Clone, Copy)]
pub(super) struct Matrix<'a> {
    values: &'a [f32],
    rows: usize,
    columns: usize,
}

impl<'a> Matrix<'a> {
    /// The matrix of these values, `[rows × columns]`.
    ///
    /// # Panics
    /// If there are more or less of them, or none.
    pub(super) fn new(values: &'a [f32], rows: usize, columns: usize) -> Self {
        assert_eq!(values.len(), rows * columns, "values of a matrix");
        assert!(!values.is_empty(), "a matrix of nothing");
        Self {
            values,
            rows,
            columns,
        }
    }

    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    pub(super) fn columns(&self) -> usize {
        self.columns
    }

    /// The numbers of a row.
    pub(super) fn row(&self, index: usize) -> &'a [f32] {
        &self.values[index * self.columns..][..self.columns]
    }
}

/// Numbers of lanes that lie side by side. Aligned, so that no four of them that are loaded at once lie in two
/// cache lines, wherever the allocator puts them.
#[derive(Debug, Clone, Copy)]
#[repr(C, align(16))]
pub(super) struct Group<const W: usize>(pub(super) [f32; W]);

impl<const W: usize> Group<W> {
    /// Whether each of the numbers is zero.
    pub(super) fn is_zero(&self) -> bool {
        // Without branches; −0 is zero, too.
        self.0.iter().fold(0, |bits, x| bits | x.to_bits() << 1) == 0
    }
}

/// The operand of a product. `W` of its lanes (the rows of what stands on the left, the columns of what stands on
/// the right) lie side by side in a panel, one such group after another along the axis that is summed over, so
/// that a product reads both operands from the first number to the last. Lanes are filled up with zeros.
#[derive(Debug, Clone, Default)]
pub(super) struct Panels<const W: usize> {
    groups: Vec<Group<W>>,
    lanes: usize,
    depth: usize,
}

impl<const W: usize> Panels<W> {
    /// With the matrix's columns as lanes, summed over its rows.
    pub(super) fn of_columns(matrix: Matrix) -> Self {
        let mut panels = Self::default();
        panels.take_columns(matrix);
        panels
    }

    /// As [`of_columns`](Self::of_columns), into the memory of what was here.
    pub(super) fn take_columns(&mut self, matrix: Matrix) {
        self.reset(matrix.columns, matrix.rows);
        let width = matrix.columns;
        for (panel, groups) in self.groups.chunks_exact_mut(matrix.rows).enumerate() {
            let from = panel * W;
            let rows = matrix.values.chunks_exact(width);
            for (group, row) in groups.iter_mut().zip(rows) {
                match row[from..].first_chunk::<W>() {
                    Some(whole) => group.0 = *whole,
                    None => {
                        let rest = &row[from..];
                        group.0 = [0.0; W];
                        group.0[..rest.len()].copy_from_slice(rest);
                    }
                }
            }
        }
    }

    /// With the matrix's rows as lanes, summed over its columns, into the memory of what was here.
    pub(super) fn take_rows(&mut self, matrix: Matrix) {
        self.reset(matrix.rows, matrix.columns);
        let width = matrix.columns;
        let bands = matrix.values.chunks(W * width);
        for (groups, band) in self.groups.chunks_exact_mut(width).zip(bands) {
            if band.len() < W * width {
                groups.fill(Group([0.0; W]));
            }
            for (lane, row) in band.chunks_exact(width).enumerate() {
                for (group, &value) in groups.iter_mut().zip(row) {
                    group.0[lane] = value;
                }
            }
        }
    }

    fn reset(&mut self, lanes: usize, depth: usize) {
        self.groups
            .resize(lanes.div_ceil(W) * depth, Group([0.0; W]));
        (self.lanes, self.depth) = (lanes, depth);
    }

    /// Rows of what stands on the left, columns of what stands on the right.
    pub(super) fn lanes(&self) -> usize {
        self.lanes
    }

    /// Numbers that are summed over.
    pub(super) fn depth(&self) -> usize {
        self.depth
    }

    /// All groups, those of one panel after those of another.
    pub(super) fn groups(&self) -> &[Group<W>] {
        &self.groups
    }

    /// The panels in order, each of [`depth`](Self::depth) groups.
    pub(super) fn panels(&self) -> std::slice::ChunksExact<'_, Group<W>> {
        self.groups.chunks_exact(self.depth)
    }

    /// So many panels at a time.
    pub(super) fn bands(&self, panels: usize) -> std::slice::Chunks<'_, Group<W>> {
        self.groups.chunks(panels * self.depth)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lanes_lie_side_by_side() {
        let values = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        let matrix = Matrix::new(&values, 2, 3);
        let columns = Panels::<2>::of_columns(matrix);
        assert_eq!((columns.lanes(), columns.depth()), (3, 2));
        fn groups<const W: usize>(panels: &Panels<W>) -> Vec<[f32; W]> {
            panels.groups.iter().map(|group| group.0).collect()
        }
        assert_eq!(
            groups(&columns),
            [[1.0, 2.0], [4.0, 5.0], [3.0, 0.0], [6.0, 0.0]]
        );
        // Memory that held something else before.
        let mut rows = Panels::<4>::of_columns(matrix);
        rows.take_rows(matrix);
        assert_eq!((rows.lanes(), rows.depth()), (2, 3));
        assert_eq!(
            groups(&rows),
            [
                [1.0, 4.0, 0.0, 0.0],
                [2.0, 5.0, 0.0, 0.0],
                [3.0, 6.0, 0.0, 0.0]
            ]
        );
    }
}
