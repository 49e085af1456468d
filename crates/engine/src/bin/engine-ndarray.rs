//! The worker bundle with the ndarray backend.

fn main() {
    #[cfg(target_arch = "wasm32")]
    engine::serve::start(protocol::Backend::NdArray);
    #[cfg(not(target_arch = "wasm32"))]
    eprintln!("this is a browser's worker: build the page with `cargo xtask serve`");
}
