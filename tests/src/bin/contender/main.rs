//! The engine as a contender in the comparison with other libraries: decode, encode and training step of a model, as
//! JavaScript functions. There is one program per backend, as for the page. xtask builds it and generates bindings;
//! `tests/bench/peers/contenders/ours.js` calls it.
//!
//! The native build measures the same models without a browser, for example WebGPU on a GPU that no browser can use.

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
