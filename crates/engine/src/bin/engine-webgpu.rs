//! The worker bundle with the webgpu backend.

fn main() {
    #[cfg(target_arch = "wasm32")]
    engine::serve::start(protocol::Backend::WebGpu);
    #[cfg(not(target_arch = "wasm32"))]
    eprintln!("this is a browser's worker: build the page with `cargo xtask serve`");
}
