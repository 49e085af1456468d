//! What the form needs to know of the data set.

use crate::latent::class_names::ImageKind;
use protocol::ImageShape;

/// The properties of a data set that settings depend on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Data {
    /// Number of images.
    pub(crate) images: usize,
    /// Their shape.
    pub(crate) shape: ImageShape,
    /// What they show.
    pub(crate) kind: ImageKind,
}

impl Data {
    /// This number of digits.
    #[cfg(test)]
    pub(crate) fn digits(images: usize) -> Self {
        Self {
            images,
            shape: ImageShape::MNIST,
            kind: ImageKind::Digit,
        }
    }

    /// This number of images of other things.
    #[cfg(test)]
    pub(crate) fn other(images: usize, shape: ImageShape) -> Self {
        Self {
            images,
            shape,
            kind: ImageKind::Image,
        }
    }

    /// Whether the images may be digits, or at least have their size.
    pub(crate) fn are_digits(&self) -> bool {
        self.shape == ImageShape::MNIST
    }
}
