//! From bytes to grey images of digits: 28×28, light ink on a dark ground, as in MNIST.
//!
//! No burn, no web, no files: bytes in, pixels out.

mod idx;

pub use idx::{IdxError, Images, MAX_BYTES, parse_images, parse_labels};
