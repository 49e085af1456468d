//! The engine as a contender of the bench beside other libraries: a model, its decode, its encode and its
//! training step, for JavaScript to call. A program for each backend, as the page has them; xtask builds and
//! binds it, `tests/bench/peers/contenders/ours.js` calls it.
//!
//! Natively it times itself on the same models, without a browser: where WebGPU should be seen on a GPU, and there is
//! no browser that reaches it.

#[cfg(target_arch = "wasm32")]
mod backend;
#[cfg(target_arch = "wasm32")]
mod model;
#[cfg(not(target_arch = "wasm32"))]
mod native;
mod train;

use protocol::Backend;

#[cfg(feature = "flex")]
const KIND: Backend = Backend::Flex;
#[cfg(all(feature = "ndarray", not(feature = "flex")))]
const KIND: Backend = Backend::NdArray;
#[cfg(all(feature = "webgpu", not(any(feature = "flex", feature = "ndarray"))))]
const KIND: Backend = Backend::WebGpu;

fn main() {
    #[cfg(target_arch = "wasm32")]
    console_error_panic_hook::set_once();
    #[cfg(not(target_arch = "wasm32"))]
    native::run();
}
