//! Arrays of numbers in files: IDX, NumPy and tables of text, as images or labels.
//!
//! A header's sizes are compared with limits, and memory is allocated for data that is present only.

pub(crate) mod csv;
mod element;
mod error;
pub(crate) mod idx;
mod labels;
mod layout;
mod mapping;
pub(crate) mod npy;
mod stack;

pub(crate) use csv::TableStack;
pub(crate) use element::{Element, Kind};
pub use error::ArrayError;
pub(crate) use labels::LabelColumn;
pub(crate) use layout::{Layout, Meaning, interpret, names_labels};
pub(crate) use mapping::{Mapping, Range};
pub(crate) use stack::{ArrayStack, Stack, Values};

/// Maximum width and height of the images in an array, in pixels.
pub const MAX_ARRAY_SIDE: usize = 1_024;

/// Maximum size of an array that has to be in memory as a whole, in bytes: one in column-major order.
pub const MAX_REORDERED_BYTES: u64 = 112 << 20;

/// Maximum number of labels in a file.
pub const MAX_LABELS: usize = 2_000_000;

/// An array's header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ArrayHeader {
    /// The type of its elements.
    pub(crate) element: Element,
    /// The size of each axis.
    pub(crate) axes: Vec<u64>,
    /// Whether the first axis varies fastest (Fortran's order) instead of the last.
    pub(crate) is_column_major: bool,
}

impl ArrayHeader {
    /// The number of bytes that the elements take according to the header; `u64::MAX` if there are more.
    pub(crate) fn data_bytes(&self) -> u64 {
        self.axes
            .iter()
            .fold(self.element.size() as u64, |product, &axis| {
                product.saturating_mul(axis)
            })
    }
}
