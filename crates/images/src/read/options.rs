//! What the user chose about the files.

use spec::{Conversion, ImageShape, Polarity, Transposition};

/// What the user chose. The default gives digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadOptions {
    /// How images become images of the set.
    pub conversion: Conversion,
    /// The shape of the set's images.
    pub shape: ImageShape,
    /// Whether images are light on dark.
    pub polarity: Polarity,
    /// Whether rows and columns are swapped.
    pub transposition: Transposition,
    /// Which of the sets in an archive is read, such as EMNIST's `letters`; `None` for one that fits.
    pub subset: Option<String>,
    /// The most images that are read, if fewer than [`max_images`]: the room that is left in a data set.
    pub room: Option<usize>,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self {
            conversion: Conversion::AsDigits,
            shape: ImageShape::MNIST,
            polarity: Polarity::default(),
            transposition: Transposition::default(),
            subset: None,
            room: None,
        }
    }
}

/// Maximum number of values of a set: 160,000 images of 28×28 grey pixels.
pub const MAX_SET_VALUES: usize = 160_000 * 28 * 28;

/// Maximum number of images of a set.
///
/// Files with more are read up to it, and what was left out is stated.
pub fn max_images(shape: ImageShape) -> usize {
    MAX_SET_VALUES / shape.values().max(1)
}
