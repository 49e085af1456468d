//! `cargo xtask audit`: cargo-deny on all dependencies, with the settings of deny.toml.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use crate::paths::Paths;
use crate::process;
use crate::setup::cargo_deny;

/// Checks licences, banned crates and sources, and advisories if their database can be fetched.
///
/// # Errors
///
/// If a check fails; in CI also if the advisories could not be checked.
pub(crate) fn run(paths: &Paths) -> Result<()> {
    let program = cargo_deny::ensure(paths)?;
    let deny = || -> Command {
        let mut command = process::command(Path::new(&program));
        command.arg("--all-features").current_dir(&paths.root);
        command
    };
    process::run(deny().args(["check", "licenses", "bans", "sources"]))?;
    if let Err(error) = process::output(deny().args(["fetch", "db"])) {
        eprintln!("{error:#}");
        let message =
            "licences, bans and sources passed; advisories not checked: database not reachable";
        if std::env::var_os("CI").is_some() {
            bail!(message);
        }
        println!("{message}");
        return Ok(());
    }
    process::run(deny().args(["check", "--disable-fetch", "advisories"]))?;
    println!("licences, bans, sources and advisories passed");
    Ok(())
}
