//! The engine as a contender of the bench beside other libraries: a model, its decode, its encode and its
//! training step, for JavaScript to call. A program for each backend, as the page has them; xtask builds and
//! binds it, `tests/bench/peers/contenders/ours.js` calls it.

#[cfg(target_arch = "wasm32")]
mod backend;
#[cfg(target_arch = "wasm32")]
mod model;
#[cfg(target_arch = "wasm32")]
mod train;

fn main() {
    #[cfg(target_arch = "wasm32")]
    console_error_panic_hook::set_once();
    #[cfg(not(target_arch = "wasm32"))]
    eprintln!("this runs in a browser: `cargo xtask bench -- --parts peers`");
}
