//! Training images as somebody might have drawn them a moment later: moved, turned, slanted.

mod shift;
mod warp;

pub use shift::shift_images;
pub use warp::warp_images;
