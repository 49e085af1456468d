//! What the form needs to know of the data set.

use protocol::ImageShape;

/// The properties of a data set that settings depend on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Data {
    /// Number of images.
    pub(crate) images: usize,
    /// Their shape.
    pub(crate) shape: ImageShape,
}

impl Data {
    /// This number of digits.
    #[cfg(test)]
    pub(crate) fn digits(images: usize) -> Self {
        Self {
            images,
            shape: ImageShape::MNIST,
        }
    }

    /// Whether the images may be digits, or at least have their size.
    pub(crate) fn are_digits(&self) -> bool {
        self.shape == ImageShape::MNIST
    }
}
