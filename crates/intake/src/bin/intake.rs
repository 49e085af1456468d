//! The intake worker's bundle.

fn main() {
    #[cfg(target_arch = "wasm32")]
    intake::worker::start();
    #[cfg(not(target_arch = "wasm32"))]
    eprintln!("this is a browser's worker: build the page with `cargo xtask serve`");
}
