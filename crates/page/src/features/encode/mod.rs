//! Putting a digit in: where it comes from, how the encoder sees it, and z that goes where it lies. Explore and
//! Evidence begin with it.

pub(crate) mod follow_mean;
pub(crate) mod input;
pub(crate) mod input_image;
