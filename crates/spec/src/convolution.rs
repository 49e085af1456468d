//! The convolutional part of a VAE, as plain data.

use crate::ImageShape;
use serde::{Deserialize, Serialize};

/// Strided convolutions between the image and the fully connected layers of the encoder, and their mirror image in the
/// decoder: the network of Radford, Metz & Chintala (2016) with nearest-neighbour upsampling and a convolution in place
/// of each transposed convolution, whose overlapping strides leave a checkerboard pattern (Odena, Dumoulin & Olah 2016).
///
/// The encoder's layer i is a 3×3 convolution with stride 2 and a border of one zero, which halves each side, rounded
/// up. The decoder's layers double each side by nearest-neighbour upsampling, apply a 3×3 convolution with stride 1 and
/// a border of one zero, and keep the first rows and columns up to the size of the encoder's corresponding feature map.
/// The activation follows each convolution but the decoder's last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConvolutionConfig {
    /// The image.
    pub image: ImageShape,
    /// The channels of each feature map of the encoder, from the image inwards. The decoder has them in reverse order.
    pub channels: Vec<usize>,
}

/// Height, width and channels of a feature map, whose values are `[height, width, channels]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FeatureMap {
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
    /// Channels.
    pub channels: usize,
}

impl FeatureMap {
    /// Number of positions: height × width.
    pub const fn positions(&self) -> usize {
        self.height * self.width
    }

    /// Number of values.
    pub const fn values(&self) -> usize {
        self.positions() * self.channels
    }
}

/// The feature maps on both sides of a convolution. The sides of the outer map are twice those of the inner one, or one
/// less than that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sides {
    /// The map nearer to the image.
    pub outer: FeatureMap,
    /// The map nearer to z.
    pub inner: FeatureMap,
}

impl ConvolutionConfig {
    /// The rows and columns of a kernel.
    pub const KERNEL: usize = 3;
    /// The most convolutions of the encoder: four reduce 64×64 pixels to 4×4.
    pub const MAX_LAYERS: usize = 4;
    /// The most channels of a feature map.
    pub const MAX_CHANNELS: usize = 512;

    /// The image and the encoder's feature maps, from the image inwards: one more than there are convolutions.
    pub fn feature_maps(&self) -> Vec<FeatureMap> {
        let ImageShape {
            height,
            width,
            channels,
        } = self.image;
        let mut map = FeatureMap {
            height,
            width,
            channels,
        };
        let mut maps = vec![map];
        for &channels in &self.channels {
            map = FeatureMap {
                height: map.height.div_ceil(2),
                width: map.width.div_ceil(2),
                channels,
            };
            maps.push(map);
        }
        maps
    }

    /// Values of the innermost feature map, which the encoder's first fully connected layer reads and the decoder's last
    /// one writes.
    pub fn inner_size(&self) -> usize {
        self.feature_maps().last().map_or(0, FeatureMap::values)
    }

    /// The maps on both sides of each of the encoder's convolutions, from the image inwards. Those of the decoder are the
    /// same in reverse order.
    pub fn sides(&self) -> Vec<Sides> {
        let maps = self.feature_maps();
        let pairs = maps.windows(2);
        pairs
            .map(|pair| Sides {
                outer: pair[0],
                inner: pair[1],
            })
            .collect()
    }

    /// Input and output channels of the encoder's convolutions, from the image inwards.
    pub fn encoder_channels(&self) -> Vec<[usize; 2]> {
        let sides = self.sides().into_iter();
        sides
            .map(|sides| [sides.outer.channels, sides.inner.channels])
            .collect()
    }

    /// Input and output channels of the decoder's convolutions, from the innermost feature map outwards.
    pub fn decoder_channels(&self) -> Vec<[usize; 2]> {
        let layers = self.encoder_channels().into_iter().rev();
        layers.map(|[outer, inner]| [inner, outer]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn feature_maps_halve_each_side_rounded_up() {
        let config = ConvolutionConfig {
            image: ImageShape::color(32, 27),
            channels: vec![32, 64],
        };
        let sizes: Vec<_> = config
            .feature_maps()
            .iter()
            .map(|map| [map.height, map.width, map.channels])
            .collect();
        assert_eq!(sizes, [[32, 27, 3], [16, 14, 32], [8, 7, 64]]);
        assert_eq!(config.inner_size(), 8 * 7 * 64);
        assert_eq!(config.encoder_channels(), [[3, 32], [32, 64]]);
        assert_eq!(config.decoder_channels(), [[64, 32], [32, 3]]);
    }
}
