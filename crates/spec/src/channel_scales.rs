//! One number for each channel of an image.

use serde::{Deserialize, Serialize};

/// The scale of a likelihood for each channel of an image: one for grey, three for colour. It is stored as a list.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<f64>", into = "Vec<f64>")]
pub struct ChannelScales {
    /// All equal for a single channel.
    values: [f64; 3],
    channels: usize,
}

impl ChannelScales {
    /// These scales; `None` unless there are one or three.
    pub fn new(scales: &[f64]) -> Option<Self> {
        match *scales {
            [grey] => Some(Self::equal(grey, 1)),
            [red, green, blue] => Some(Self {
                values: [red, green, blue],
                channels: 3,
            }),
            _ => None,
        }
    }

    /// The same scale for each channel. An image has one channel or three; any other number counts as three.
    pub const fn equal(scale: f64, channels: usize) -> Self {
        Self {
            values: [scale; 3],
            channels: if channels == 1 { 1 } else { 3 },
        }
    }

    /// The scales.
    pub fn as_slice(&self) -> &[f64] {
        &self.values[..self.channels]
    }

    /// The number of channels.
    #[expect(clippy::len_without_is_empty, reason = "there is at least one channel")]
    pub const fn len(&self) -> usize {
        self.channels
    }

    /// Each scale, changed by a function of the channel and the scale.
    pub fn map(self, change: impl Fn(usize, f64) -> f64) -> Self {
        match self.channels {
            1 => Self::equal(change(0, self.values[0]), 1),
            channels => Self {
                values: std::array::from_fn(|channel| change(channel, self.values[channel])),
                channels,
            },
        }
    }
}

impl TryFrom<Vec<f64>> for ChannelScales {
    type Error = &'static str;

    fn try_from(scales: Vec<f64>) -> Result<Self, Self::Error> {
        Self::new(&scales).ok_or("a likelihood has one scale, for grey, or three, for colour")
    }
}

impl From<ChannelScales> for Vec<f64> {
    fn from(scales: ChannelScales) -> Self {
        scales.as_slice().to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channel_scales_are_stored_as_a_list() {
        for (json, scales) in [
            ("[0.25]", ChannelScales::equal(0.25, 1)),
            (
                "[0.25,0.5,0.75]",
                ChannelScales::new(&[0.25, 0.5, 0.75]).expect("three"),
            ),
        ] {
            assert_eq!(
                serde_json::from_str::<ChannelScales>(json).expect("parses"),
                scales
            );
            assert_eq!(serde_json::to_string(&scales).expect("plain data"), json);
        }
        assert!(serde_json::from_str::<ChannelScales>("[]").is_err());
        let doubled = ChannelScales::equal(0.5, 1).map(|channel, scale| {
            assert_eq!(channel, 0);
            2.0 * scale
        });
        assert_eq!(doubled.as_slice(), [1.0]);
    }
}
