//! How images of any size become images of a data set's shape.

use serde::{Deserialize, Serialize};

/// How an image becomes one of the data set's shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Conversion {
    /// As MNIST's digits: light ink on dark, its bounding box scaled to 20×20 and centred by mass in 28×28.
    #[default]
    AsDigits,
    /// Scaled so that all of the image is inside; the rest is filled with the level of its border.
    Fit,
    /// Scaled so that the image covers the shape; what does not fit is cut off on both sides.
    Fill,
    /// Images of exactly the shape, not scaled. Others are rejected.
    Unchanged,
}

impl Conversion {
    /// All conversions.
    pub const ALL: [Self; 4] = [Self::AsDigits, Self::Fit, Self::Fill, Self::Unchanged];
}

/// Whether images are light on dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Polarity {
    /// Sets that are dark on light are inverted, if images become digits.
    #[default]
    Detect,
    /// All images stay as they are.
    Keep,
    /// All images are inverted.
    Invert,
}

/// Whether the rows and columns of images are swapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Transposition {
    /// Those of arrays and tables whose name is EMNIST's, whose images lie on their side.
    #[default]
    ByName,
    /// Never.
    Keep,
    /// Always.
    Swap,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conversion_is_stored_by_its_name() {
        let names = Conversion::ALL.map(|c| serde_json::to_string(&c).expect("plain data"));
        assert_eq!(
            names,
            [r#""as-digits""#, r#""fit""#, r#""fill""#, r#""unchanged""#]
        );
    }
}
