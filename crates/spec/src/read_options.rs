//! How image files become a data set.

use crate::{Conversion, ImageShape, Polarity, Transposition};
use serde::{Deserialize, Serialize};

/// What the user chose about the images in files. The default gives MNIST's format.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
    /// The most images that are read: the room that is left in the data set. `None` for as many as a set holds.
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
