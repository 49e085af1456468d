//! Input of an image to the encoder: drawing pad, preview, and z set to μ. Used by Explore and Evidence.

pub(crate) mod follow_mean;
pub(crate) mod input;
pub(crate) mod input_image;
