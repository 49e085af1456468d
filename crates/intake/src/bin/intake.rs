//! The bundle of the file worker.

fn main() {
    #[cfg(target_arch = "wasm32")]
    intake::serve::start();
    #[cfg(not(target_arch = "wasm32"))]
    eprintln!("this is a browser's worker: build the page with `cargo xtask serve`");
}
