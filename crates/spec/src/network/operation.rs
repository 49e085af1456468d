//! One operation of an imported network.

use super::{NetworkActivation, vector};
use crate::FeatureMap;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// An operation on a feature map, `[height, width, channels]`. A vector is a map of one position.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Operation {
    /// Appends the class weights to a vector; a map becomes a vector first.
    Label,
    /// Appends the class weights to a map, each as a channel that is the same at all positions.
    LabelPlanes,
    /// Appends channels to a map that are a linear function of the class weights.
    LabelMap {
        /// Channels that are appended.
        channels: usize,
    },
    /// A linear layer; a map becomes a vector first.
    Linear {
        /// Number of outputs.
        outputs: usize,
    },
    /// A convolution.
    Convolution {
        /// Channels of the result.
        outputs: usize,
        /// The window that slides over the input.
        window: Window,
    },
    /// A transposed convolution: each input adds a window of outputs.
    TransposedConvolution {
        /// Channels of the result.
        outputs: usize,
        /// The window that slides over the output.
        window: Window,
        /// Rows and columns added at the lower and right end of the result.
        output_padding: [usize; 2],
    },
    /// A factor and a shift for each channel: batch normalization with fixed statistics.
    Affine,
    /// Groups of channels normalized by their mean and variance over all positions, then a factor and a shift for each
    /// channel (Wu & He 2018). With one group, of a vector, this is layer normalization.
    GroupNorm {
        /// Number of groups.
        groups: usize,
    },
    /// A nonlinearity.
    Activation(NetworkActivation),
    /// The maximum of each window.
    MaxPool(Window),
    /// The mean of each window.
    AveragePool(Window),
    /// Each value repeated, nearest-neighbour upsampling.
    Upsample {
        /// How often, along both axes.
        factor: usize,
    },
    /// A vector made into a map.
    Reshape {
        /// Rows.
        height: usize,
        /// Columns.
        width: usize,
        /// Channels.
        channels: usize,
    },
}

/// A window that slides over a feature map: its size, its step, and the zeros around the map, for rows and columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// Rows and columns.
    pub kernel: [usize; 2],
    /// The step.
    pub stride: [usize; 2],
    /// Rows and columns of zeros on each side.
    pub padding: [usize; 2],
}

impl Window {
    /// The same for rows and columns.
    pub const fn square(kernel: usize, stride: usize, padding: usize) -> Self {
        Self {
            kernel: [kernel; 2],
            stride: [stride; 2],
            padding: [padding; 2],
        }
    }

    /// Positions of the window along both axes of a map.
    fn positions(&self, map: FeatureMap) -> Option<[usize; 2]> {
        let along = |size: usize, axis: usize| {
            let room = (size + 2 * self.padding[axis]).checked_sub(self.kernel[axis])?;
            Some(room.checked_div(self.stride[axis])? + 1)
        };
        Some([along(map.height, 0)?, along(map.width, 1)?])
    }

    /// The sides of the map over which a window with this number of positions slides.
    fn extent(&self, map: FeatureMap, output_padding: [usize; 2]) -> Option<[usize; 2]> {
        let along = |size: usize, axis: usize| {
            (size.checked_sub(1)? * self.stride[axis] + self.kernel[axis] + output_padding[axis])
                .checked_sub(2 * self.padding[axis])
        };
        Some([along(map.height, 0)?, along(map.width, 1)?])
    }

    fn is_valid(&self) -> bool {
        let within = |values: [usize; 2], least| {
            values
                .iter()
                .all(|value| (least..=Operation::MAX_WINDOW).contains(value))
        };
        within(self.kernel, 1) && within(self.stride, 1) && within(self.padding, 0)
    }
}

/// An operation that can't be applied.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum OperationError {
    /// A window, a factor or a number of outputs is zero or too large.
    #[error("a size is zero or beyond the limits")]
    Size,
    /// The window is larger than the map.
    #[error("the window does not fit the map of {0}×{1}")]
    Window(usize, usize),
    /// The vector has another number of values than the map.
    #[error("{found} values can't be arranged as {height}×{width}×{channels}")]
    Reshape {
        /// Values of the vector.
        found: usize,
        /// Rows.
        height: usize,
        /// Columns.
        width: usize,
        /// Channels.
        channels: usize,
    },
    /// More values than [`Operation::MAX_VALUES`].
    #[error("the result has too many values, {0}")]
    Values(usize),
    /// The patches of a convolution have more values than [`Operation::MAX_PATCH_VALUES`].
    #[error("the convolution reads too many values, {0}")]
    Patches(usize),
    /// The channels can't be divided into equal groups.
    #[error("{0} channels can't be divided into {1} groups")]
    Groups(usize, usize),
    /// The model takes no label.
    #[error("the model takes no label")]
    NoLabel,
}

impl Operation {
    /// The most values of a map.
    pub const MAX_VALUES: usize = 1 << 20;
    /// The most values that a convolution reads for one image, each as often as it is read.
    pub const MAX_PATCH_VALUES: usize = 1 << 24;
    /// The longest side of a window, the largest step, and the widest border.
    pub const MAX_WINDOW: usize = 64;
    /// What is added to the variance of a [`GroupNorm`](Self::GroupNorm): PyTorch's default.
    pub const NORM_EPSILON: f32 = 1e-5;

    /// The map that the operation makes of this one.
    ///
    /// # Errors
    /// [`OperationError`].
    pub fn output(&self, map: FeatureMap, classes: usize) -> Result<FeatureMap, OperationError> {
        let with_sides = |sides: Option<[usize; 2]>, channels| match sides {
            Some([height, width]) if height > 0 && width > 0 => Ok(FeatureMap {
                height,
                width,
                channels,
            }),
            _ => Err(OperationError::Window(map.height, map.width)),
        };
        let outputs_fit = |outputs: usize| match outputs {
            1..=Self::MAX_VALUES => Ok(()),
            _ => Err(OperationError::Size),
        };
        let window_fits = |window: &Window| match window.is_valid() {
            true => Ok(()),
            false => Err(OperationError::Size),
        };
        let result = match self {
            Self::Label if classes == 0 => return Err(OperationError::NoLabel),
            Self::Label => vector(map.values() + classes),
            Self::LabelPlanes | Self::LabelMap { .. } if classes == 0 => {
                return Err(OperationError::NoLabel);
            }
            Self::LabelPlanes => FeatureMap {
                channels: map.channels + classes,
                ..map
            },
            Self::LabelMap { channels } => {
                outputs_fit(*channels)?;
                FeatureMap {
                    channels: map.channels + channels,
                    ..map
                }
            }
            Self::Linear { outputs } => {
                outputs_fit(*outputs)?;
                vector(*outputs)
            }
            Self::Convolution { outputs, window } => {
                outputs_fit(*outputs)?;
                window_fits(window)?;
                with_sides(window.positions(map), *outputs)?
            }
            Self::TransposedConvolution {
                outputs,
                window,
                output_padding,
            } => {
                outputs_fit(*outputs)?;
                window_fits(window)?;
                let too_much = |axis: usize| output_padding[axis] >= window.stride[axis];
                if too_much(0) || too_much(1) {
                    return Err(OperationError::Size);
                }
                with_sides(window.extent(map, *output_padding), *outputs)?
            }
            Self::MaxPool(window) | Self::AveragePool(window) => {
                window_fits(window)?;
                with_sides(window.positions(map), map.channels)?
            }
            Self::GroupNorm { groups } => match map.channels.checked_rem(*groups) {
                Some(0) => map,
                _ => return Err(OperationError::Groups(map.channels, *groups)),
            },
            Self::Affine | Self::Activation(_) => map,
            Self::Upsample { factor } => {
                if !(1..=Self::MAX_WINDOW).contains(factor) {
                    return Err(OperationError::Size);
                }
                let sides = [map.height * factor, map.width * factor];
                with_sides(Some(sides), map.channels)?
            }
            &Self::Reshape {
                height,
                width,
                channels,
            } => {
                let values = height
                    .checked_mul(width)
                    .and_then(|values| values.checked_mul(channels));
                if values != Some(map.values()) {
                    return Err(OperationError::Reshape {
                        found: map.values(),
                        height,
                        width,
                        channels,
                    });
                }
                with_sides(Some([height, width]), channels)?
            }
        };
        if result.values() > Self::MAX_VALUES {
            return Err(OperationError::Values(result.values()));
        }
        let patches = self.patch_values(map, result);
        if patches > Self::MAX_PATCH_VALUES {
            return Err(OperationError::Patches(patches));
        }
        Ok(result)
    }

    /// Values that the operation reads for one image, each as often as it is read; 0 if it has no window.
    pub fn patch_values(&self, input: FeatureMap, output: FeatureMap) -> usize {
        match self {
            Self::Convolution { window, .. }
            | Self::TransposedConvolution { window, .. }
            | Self::MaxPool(window)
            | Self::AveragePool(window) => {
                let taps = window.kernel[0] * window.kernel[1];
                (output.positions() * taps).saturating_mul(input.channels)
            }
            _ => 0,
        }
    }
}
