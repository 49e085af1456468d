//! How the workspace is compiled for this machine.

use std::process::Command;

use crate::places::Places;
use crate::process;

/// How the names of the end-to-end tests begin.
pub(crate) const E2E: &str = "e2e::";

/// `cargo test` or `cargo build` on the workspace, always of the same packages and features: with
/// others cargo would compile the model's dependencies, half an hour's work, once more.
pub(crate) fn command(places: &Places, verb: &str) -> Command {
    let mut command = process::cargo();
    command
        .args([verb, "--workspace", "--features", "tests/e2e"])
        .current_dir(&places.root);
    command
}
