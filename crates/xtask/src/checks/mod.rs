//! The checks that `cargo xtask check` runs.

pub(crate) mod clippy;
mod code_map;
pub(crate) mod dependencies;
pub(crate) mod document_paths;
pub(crate) mod documentation;
pub(crate) mod licenses;
pub(crate) mod module_cycles;
mod module_paths;
mod packages;

/// Packages with modules for the browser only, each with the arguments that select its features. They are
/// compiled one by one, as trunk builds them, so that cargo can reuse the artifacts. The engine's other
/// backends differ in a few lines, which their builds compile.
const WASM_PACKAGES: &[(&str, &[&str])] = &[
    ("page", &[]),
    ("engine", &["--no-default-features", "--features", "flex"]),
    ("intake", &[]),
    ("worker", &[]),
];
