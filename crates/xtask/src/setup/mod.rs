//! Puts in place what the other commands need, once; later runs find it and say nothing.
//!
//! Each part looks first, installs only what is missing, and where it cannot install says which
//! command would.

mod apt;
pub(crate) mod axe;
pub(crate) mod chromium;
mod local_config;
pub(crate) mod npm;
mod sysroot;
pub(crate) mod tools;
pub(crate) mod vulkan;
pub(crate) mod wasm_opt;
pub(crate) mod wasm_target;

/// Tells about an installation under way. On stderr, so that stdout holds results only.
fn announce(what: impl std::fmt::Display) {
    eprintln!("set-up: {what}");
}
