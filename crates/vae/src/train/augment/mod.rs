//! Data augmentation: random shifts and affine warps.

mod shift;
mod warp;

pub use shift::shift_images;
pub use warp::warp_images;
