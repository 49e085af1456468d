//! `cargo xtask serve`: set-up, then trunk's server takes this process's place.

use std::process::Command;

use anyhow::Result;

use crate::build::trunk;
use crate::places::Places;
use crate::process;
use crate::setup::{tools, wasm_target};

/// Where to serve.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The port to serve at
    #[arg(long, short, default_value_t = 8080)]
    port: u16,
    /// Open the page in a browser once it is built
    #[arg(long)]
    open: bool,
    /// Further arguments for `trunk serve`, after `--`
    #[arg(last = true)]
    trunk: Vec<String>,
}

/// Serves until stopped.
pub(crate) fn run(places: &Places, args: &Args) -> Result<()> {
    wasm_target::ensure(places)?;
    let tools = tools::ensure(places)?;
    let mut command = trunk::command(places, &tools, "serve")?;
    command.args(["--port", &args.port.to_string()]);
    if args.open {
        command.args(["--open", "true"]);
    }
    become_it(command.args(&args.trunk))
}

/// Signals and the exit status are trunk's own this way.
#[cfg(unix)]
fn become_it(command: &mut Command) -> Result<()> {
    use std::os::unix::process::CommandExt;

    let error = command.exec();
    Err(anyhow::Error::new(error).context(format!("cannot start `{}`", process::describe(command))))
}

#[cfg(not(unix))]
fn become_it(command: &mut Command) -> Result<()> {
    process::run(command)
}
