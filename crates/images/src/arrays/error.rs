//! Why an array is not read.

use super::{MAX_ARRAY_SIDE, MAX_LABELS, MAX_REORDERED_BYTES};
use crate::unsupported::SAVE_ARRAYS;
use thiserror::Error;

/// Why a file can't be read as an array of images or labels.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ArrayError {
    /// The file can't be read or decompressed.
    #[error("it can't be read or decompressed ({0}): download it again")]
    Unreadable(String),
    /// The header is truncated or not one of the format.
    #[error("its {0} header is damaged: download it again")]
    Header(&'static str),
    /// The type of the elements is not supported.
    #[error("its elements are of the type {0}: save numbers with Python: {SAVE_ARRAYS}")]
    Element(String),
    /// The data is shorter or longer than the header declares.
    #[error(
        "the header declares {declared} bytes of data ({axes:?}), but {found} follow: the file is truncated or its header is wrong"
    )]
    Length {
        /// The size of each axis.
        axes: Vec<u64>,
        /// The number of bytes that they need.
        declared: u64,
        /// The number of bytes after the header.
        found: u64,
    },
    /// The axes are neither those of images nor of labels.
    #[error(
        "its shape {0:?} is not one of images: use [count, height, width] or [count, height, width, channels] with sides of 2 to {MAX_ARRAY_SIDE} pixels and 1, 3 or 4 channels"
    )]
    Shape(Vec<u64>),
    /// An array that has to be reordered exceeds [`MAX_REORDERED_BYTES`].
    #[error(
        "it has more than {} MiB in an order in which images are not contiguous: save it with numpy.ascontiguousarray",
        MAX_REORDERED_BYTES >> 20
    )]
    Order,
    /// More than [`MAX_LABELS`].
    #[error("it has {0} labels; the limit is {MAX_LABELS}")]
    TooManyLabels(u64),
    /// More classes than a data set can have.
    #[error(
        "its labels have more than {} different values, too many for classes",
        crate::classes::MAX_CLASSES
    )]
    TooManyClasses,
    /// The labels are not whole numbers.
    #[error("its values are not whole numbers, so they are no labels")]
    NotLabels,
    /// A table without columns of pixels.
    #[error(
        "line {line} has {columns} columns; a table of images has one column for each pixel (784 for 28×28 images) and may have one for the label"
    )]
    Columns {
        /// The line, from 1.
        line: u64,
        /// The number of its columns.
        columns: usize,
    },
    /// A row has another number of columns than the rows before it.
    #[error(
        "line {line} has {columns} columns instead of {expected}: the file is damaged or truncated"
    )]
    RowLength {
        /// The line, from 1.
        line: u64,
        /// The number of its columns.
        columns: usize,
        /// The number of columns of the rows before it.
        expected: usize,
    },
    /// A field is not a number.
    #[error("line {line}, column {column} is {text:?} instead of a number")]
    Number {
        /// The line, from 1.
        line: u64,
        /// The column, from 1.
        column: usize,
        /// The beginning of the field.
        text: String,
    },
    /// There are no rows.
    #[error("it has no rows")]
    NoRows,
}

impl From<std::io::Error> for ArrayError {
    fn from(error: std::io::Error) -> Self {
        Self::Unreadable(error.to_string())
    }
}
