//! The shape of a value of a graph.

use super::{Graph, GraphError};
use std::fmt;

/// The shape of a value: that of one sample, if it is batched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueShape {
    /// Whether the samples are along an axis before the others.
    pub is_batched: bool,
    /// The other axes.
    pub axes: Vec<usize>,
}

impl ValueShape {
    /// The shape of a value that is the same for all samples.
    pub fn fixed(axes: Vec<usize>) -> Self {
        Self {
            is_batched: false,
            axes,
        }
    }

    /// The shape of a value with samples along its first axis.
    pub fn batched(axes: Vec<usize>) -> Self {
        Self {
            is_batched: true,
            axes,
        }
    }

    /// All axes, with 1 for the samples.
    pub fn full(&self) -> Vec<usize> {
        let batch = self.is_batched.then_some(1);
        batch.into_iter().chain(self.axes.iter().copied()).collect()
    }

    /// The shape with these axes, of which the first one is that of the samples if it is batched.
    pub(crate) fn of_full(is_batched: bool, mut full: Vec<usize>) -> Self {
        if is_batched && !full.is_empty() {
            full.remove(0);
        }
        Self {
            is_batched,
            axes: full,
        }
    }

    /// The number of axes.
    pub fn rank(&self) -> usize {
        self.axes.len() + usize::from(self.is_batched)
    }

    /// The number of elements for one sample.
    pub fn elements(&self) -> usize {
        self.axes
            .iter()
            .fold(1, |product: usize, &axis| product.saturating_mul(axis))
    }

    /// Checks it against the limits.
    ///
    /// # Errors
    /// [`GraphError::Rank`], [`GraphError::Elements`].
    pub fn check(&self) -> Result<(), GraphError> {
        if self.rank() > Graph::MAX_RANK {
            return Err(GraphError::Rank(self.rank()));
        }
        match self.elements() {
            1..=Graph::MAX_ELEMENTS => Ok(()),
            _ => Err(GraphError::Elements(self.axes.clone())),
        }
    }
}

impl fmt::Display for ValueShape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut axes: Vec<String> = self.axes.iter().map(ToString::to_string).collect();
        if self.is_batched {
            axes.insert(0, "N".to_owned());
        }
        write!(f, "[{}]", axes.join(", "))
    }
}
