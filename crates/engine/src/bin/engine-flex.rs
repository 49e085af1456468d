//! The worker bundle with the flex backend.

fn main() {
    #[cfg(target_arch = "wasm32")]
    engine::serve::start(protocol::Backend::Flex);
    #[cfg(not(target_arch = "wasm32"))]
    eprintln!("this is a browser's worker: build the page with `cargo xtask serve`");
}
