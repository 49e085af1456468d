//! 3×3 convolutions of feature maps `[height, width, channels]`: strided in the encoder, after nearest-neighbour
//! upsampling in the decoder ([`spec::ConvolutionConfig`]).
//!
//! Both are matrix products ([`gemm`](crate::gemm)) of patches of the input, which are gathered for a few images at a
//! time, so that they stay in the cache. A weight is `[9 · in, out]`, its rows ordered by row, column and channel of the
//! patch.

mod convolution;
mod packed;
mod patches;
mod phases;
mod window_weight;

pub use convolution::{Convolution, Workspace};
pub use packed::PackedConvolutions;
