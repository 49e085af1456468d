//! `cargo xtask serve`: sets up, then replaces this process by trunk's development server.

use std::process::Command;

use anyhow::Result;

use crate::build::trunk;
use crate::paths::Paths;
use crate::process;
use crate::setup::{tools, wasm_target};

/// How to serve.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The port to listen on
    #[arg(long, short, default_value_t = 8080)]
    port: u16,
    /// Open the page in a browser once it is built
    #[arg(long)]
    open: bool,
    /// Further arguments for `trunk serve`, after `--`
    #[arg(last = true)]
    trunk: Vec<String>,
}

/// Serves the page until it is stopped.
pub(crate) fn run(paths: &Paths, args: &Args) -> Result<()> {
    wasm_target::ensure(paths)?;
    let tools = tools::ensure(paths)?;
    let mut command = trunk::command(paths, &tools, "serve")?;
    command.args(["--port", &args.port.to_string()]);
    if args.open {
        command.args(["--open", "true"]);
    }
    exec(command.args(&args.trunk))
}

/// Replaces this process, so that trunk receives signals itself and its exit status is returned.
#[cfg(unix)]
fn exec(command: &mut Command) -> Result<()> {
    use std::os::unix::process::CommandExt;

    let error = command.exec();
    Err(anyhow::Error::new(error).context(format!("cannot start `{}`", process::describe(command))))
}

#[cfg(not(unix))]
fn exec(command: &mut Command) -> Result<()> {
    process::run(command)
}
