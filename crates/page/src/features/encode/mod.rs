//! Input of an image to the encoder: drawing pad, sample images, preview, and z set to μ. Used by Explore, Evidence and
//! Learn.

pub(crate) mod follow_mean;
pub(crate) mod input;
pub(crate) mod input_image;
pub(crate) mod sample_image;
