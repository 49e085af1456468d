//! The size of a set.

use spec::ImageShape;

/// Maximum number of values of a set: 160,000 images of 28×28 grey pixels.
pub const MAX_SET_VALUES: usize = 160_000 * 28 * 28;

/// Maximum number of images of a set.
///
/// Files with more are read up to it, and what was left out is stated.
pub fn max_images(shape: ImageShape) -> usize {
    MAX_SET_VALUES / shape.values().max(1)
}
