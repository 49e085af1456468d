//! A column of labels.

use super::{ArrayError, ArrayHeader, MAX_LABELS};
use crate::classes::{ClassNames, emnist_class};
use std::io::Read;

/// Labels, one for each image, as indices of class names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct LabelColumn {
    /// `[n]`.
    pub(crate) classes: Vec<u8>,
    /// The names of the classes.
    pub(crate) names: ClassNames,
}

impl LabelColumn {
    /// Appends a label.
    ///
    /// # Errors
    /// When there are too many labels or classes.
    pub(crate) fn push(&mut self, name: &str) -> Result<(), ArrayError> {
        let class = self.names.index(name).ok_or(ArrayError::TooManyClasses)?;
        if self.classes.len() == MAX_LABELS {
            return Err(ArrayError::TooManyLabels(MAX_LABELS as u64 + 1));
        }
        self.classes.push(class);
        Ok(())
    }

    /// Appends a number as a label. `file` tells what EMNIST's numbers mean.
    ///
    /// # Errors
    /// When it is not whole, or there are too many labels or classes.
    pub(crate) fn push_number(&mut self, file: &str, number: f64) -> Result<(), ArrayError> {
        if number.fract() != 0.0 || number.abs() > 1e9 {
            return Err(ArrayError::NotLabels);
        }
        let number = number as i64;
        match emnist_class(file, number) {
            Some(name) => self.push(&name),
            None => self.push(&number.to_string()),
        }
    }

    /// Reads the elements of an array with `columns` values for each image: the label itself; or one-hot, a 1 among
    /// zeros; or, of several numbers, the first, as QMNIST has it.
    ///
    /// # Errors
    /// [`ArrayError`].
    pub(crate) fn read(
        file: &str,
        header: &ArrayHeader,
        columns: usize,
        reader: &mut dyn Read,
    ) -> Result<Self, ArrayError> {
        let count = header.axes.first().copied().unwrap_or(0);
        if count > MAX_LABELS as u64 {
            return Err(ArrayError::TooManyLabels(count));
        }
        let size = header.element.size();
        let declared = header.data_bytes();
        let mut bytes = Vec::new();
        reader.take(declared + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 != declared {
            return Err(ArrayError::Length {
                axes: header.axes.clone(),
                declared,
                found: bytes.len() as u64,
            });
        }
        let (row_stride, column_stride) = if header.is_column_major {
            (size, size * count as usize)
        } else {
            (size * columns, size)
        };
        let value = |row: usize, column: usize| {
            let start = row * row_stride + column * column_stride;
            &bytes[start..start + size]
        };
        let mut labels = Self::default();
        let rows = count as usize;
        if header.element.is_text() {
            for row in 0..rows {
                labels.push(&header.element.text(value(row, 0)))?;
            }
            return Ok(labels);
        }
        let number = |row: usize, column: usize| header.element.number(value(row, column));
        let one_hot = |row: usize| {
            let mut ones = (0..columns).filter(|&column| number(row, column) == 1.0);
            let one = ones.next()?;
            let zeros = (0..columns).filter(|&column| number(row, column) == 0.0);
            (zeros.count() == columns - 1).then_some(one)
        };
        let is_one_hot = columns > 1 && rows > 0 && (0..rows).all(|row| one_hot(row).is_some());
        for row in 0..rows {
            let label = match one_hot(row).filter(|_| is_one_hot) {
                Some(column) => column as f64,
                None => number(row, 0),
            };
            labels.push_number(file, label)?;
        }
        Ok(labels)
    }
}
