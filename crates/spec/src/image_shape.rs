//! The shape of an image.

use serde::{Deserialize, Serialize};
use std::fmt;
use thiserror::Error;

/// Height, width and channels of an image. Its values are row-major with the channels of a pixel adjacent:
/// `[height, width, channels]`.
///
/// It is stored as `[height, width]` for grey and as `[height, width, 3]` for colour, so cards of earlier versions,
/// whose images are all grey, have the same form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Vec<usize>", into = "Vec<usize>")]
pub struct ImageShape {
    /// Height in pixels.
    pub height: usize,
    /// Width in pixels.
    pub width: usize,
    /// 1 for grey, 3 for red, green and blue.
    pub channels: usize,
}

/// A shape that no data set may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ShapeError {
    /// A side is too short or too long.
    #[error(
        "the images have {height}×{width} pixels; each side must have from {} to {}",
        ImageShape::MIN_SIDE,
        ImageShape::MAX_SIDE
    )]
    Side {
        /// Height in pixels.
        height: usize,
        /// Width in pixels.
        width: usize,
    },
    /// Neither grey nor colour.
    #[error("the images have {0} channels; they must have 1 (grey) or 3 (colour)")]
    Channels(usize),
}

impl ImageShape {
    /// The shortest side of a data set's images, in pixels.
    pub const MIN_SIDE: usize = 8;
    /// The longest side of a data set's images, in pixels.
    pub const MAX_SIDE: usize = 64;
    /// MNIST's digits: grey, 28×28.
    pub const MNIST: Self = Self::grey(28, 28);

    /// A grey image.
    pub const fn grey(height: usize, width: usize) -> Self {
        Self {
            height,
            width,
            channels: 1,
        }
    }

    /// An image of red, green and blue.
    pub const fn color(height: usize, width: usize) -> Self {
        Self {
            height,
            width,
            channels: 3,
        }
    }

    /// Number of pixels.
    pub const fn pixels(&self) -> usize {
        self.height.saturating_mul(self.width)
    }

    /// Number of values: pixels × channels.
    pub const fn values(&self) -> usize {
        self.pixels().saturating_mul(self.channels)
    }

    /// Whether the image has colours.
    pub const fn is_color(&self) -> bool {
        self.channels == 3
    }

    /// Checks that a data set may have this shape.
    ///
    /// # Errors
    /// When a side is not from [`MIN_SIDE`](Self::MIN_SIDE) to [`MAX_SIDE`](Self::MAX_SIDE), or there are neither one nor
    /// three channels.
    pub fn validate(&self) -> Result<(), ShapeError> {
        let Self {
            height,
            width,
            channels,
        } = *self;
        let fits = |side| (Self::MIN_SIDE..=Self::MAX_SIDE).contains(&side);
        if !(fits(height) && fits(width)) {
            return Err(ShapeError::Side { height, width });
        }
        match channels {
            1 | 3 => Ok(()),
            _ => Err(ShapeError::Channels(channels)),
        }
    }
}

impl fmt::Display for ImageShape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.is_color() { "colour" } else { "grey" };
        write!(f, "{}×{}, {kind}", self.height, self.width)
    }
}

impl TryFrom<Vec<usize>> for ImageShape {
    type Error = &'static str;

    fn try_from(axes: Vec<usize>) -> Result<Self, Self::Error> {
        match axes[..] {
            [height, width] | [height, width, 1] => Ok(Self::grey(height, width)),
            [height, width, 3] => Ok(Self::color(height, width)),
            _ => Err("an image has the shape [height, width] or [height, width, 3]"),
        }
    }
}

impl From<ImageShape> for Vec<usize> {
    fn from(shape: ImageShape) -> Self {
        match shape.channels {
            1 => vec![shape.height, shape.width],
            channels => vec![shape.height, shape.width, channels],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn image_shape_reads_and_writes_the_form_of_cards() {
        for (json, shape) in [
            ("[28,28]", ImageShape::MNIST),
            ("[8,64]", ImageShape::grey(8, 64)),
            ("[32,24,3]", ImageShape::color(32, 24)),
        ] {
            assert_eq!(
                serde_json::from_str::<ImageShape>(json).expect("parses"),
                shape
            );
            assert_eq!(serde_json::to_string(&shape).expect("plain data"), json);
        }
        assert_eq!(
            serde_json::from_str::<ImageShape>("[9,9,1]").expect("parses"),
            ImageShape::grey(9, 9)
        );
        for json in ["[28]", "[28,28,4]", "[1,2,3,4]", "28"] {
            assert!(serde_json::from_str::<ImageShape>(json).is_err(), "{json}");
        }
    }

    #[test]
    fn validate_rejects_shapes_beyond_the_limits() {
        for shape in [
            ImageShape::grey(8, 64),
            ImageShape::color(64, 8),
            ImageShape::MNIST,
        ] {
            assert_eq!(shape.validate(), Ok(()));
        }
        assert_eq!(
            ImageShape::grey(7, 28).validate(),
            Err(ShapeError::Side {
                height: 7,
                width: 28
            })
        );
        assert!(ImageShape::color(28, 65).validate().is_err());
        let channels = ImageShape {
            channels: 2,
            ..ImageShape::MNIST
        };
        assert_eq!(channels.validate(), Err(ShapeError::Channels(2)));
        assert_eq!(ImageShape::color(usize::MAX, 2).values(), usize::MAX);
    }
}
