//! Installs what the other commands need, once. Later runs find it and print nothing.
//!
//! Each module first looks for its tool and installs it only if it is missing. If it cannot install
//! the tool, the error names the command to run.

mod apt;
pub(crate) mod axe;
pub(crate) mod cargo_deny;
pub(crate) mod cargo_fuzz;
mod cargo_install;
pub(crate) mod chromium;
pub(crate) mod npm;
pub(crate) mod other_browsers;
pub(crate) mod test_runner;
pub(crate) mod trunk;
pub(crate) mod vulkan;
pub(crate) mod wasm_opt;
pub(crate) mod wasm_target;

/// Reports an installation on stderr; stdout is for results.
fn announce(message: impl std::fmt::Display) {
    eprintln!("set-up: {message}");
}
