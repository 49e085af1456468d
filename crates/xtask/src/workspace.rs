//! Cargo commands on the whole workspace, compiled for this machine.

use std::process::Command;

use crate::paths::Paths;
use crate::process;

/// The first part of every end-to-end test's name.
pub(crate) const E2E_PREFIX: &str = "e2e::";

/// All optional parts of the package `tests` that a native compiler sees.
pub(crate) const ALL_TEST_FEATURES: &str = "tests/contender,tests/e2e,tests/webgpu";

/// `cargo test` or `cargo build` on the workspace, always with the same packages and features. A
/// different selection would make cargo compile burn a second time, which takes half an hour.
pub(crate) fn cargo(paths: &Paths, subcommand: &str) -> Command {
    let mut command = process::cargo();
    command
        .args([subcommand, "--workspace", "--features", "tests/e2e"])
        .current_dir(&paths.root);
    command
}
