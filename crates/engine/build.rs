//! Prepares the engine's module for being split into chunks, as the page's build script does.

/// Set by xtask when it will split the module: the folder that the chunks are written to. Without it, as with plain
/// `cargo build` or `trunk build`, an engine is one module that contains the chunks.
const CHUNKS: &str = "ELBO_ROOM_CHUNKS";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed={CHUNKS}");
    println!("cargo::rustc-check-cfg=cfg(chunks)");
    let wasm = std::env::var("CARGO_CFG_TARGET_FAMILY").is_ok_and(|family| family == "wasm");
    if wasm && std::env::var_os(CHUNKS).is_some() {
        println!("cargo::rustc-cfg=chunks");
        // The splitter finds out from relocations what refers to what.
        println!("cargo::rustc-link-arg-bins=--emit-relocs");
    }
}
