//! `cargo xtask serve`: sets up, then replaces this process by trunk's development server.
//!
//! The page is there as soon as it and one engine are compiled. The other programs are compiled behind it
//! ([`later_programs`]).

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::build::programs::FIRST;
use crate::build::{served_page, trunk};
use crate::commands::later_programs;
use crate::paths::Paths;
use crate::process;
use crate::setup::{self, wasm_target};

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
    let trunk = compile_while(paths, || setup::trunk::ensure(paths))?;
    served_page::reset(&paths.root, &paths.target)?;
    later_programs::start(paths)?;
    exec(server(paths, &trunk, args)?)
}

/// Does `other` while cargo compiles what trunk would compile next, so that both cores have work all the time.
fn compile_while<T>(paths: &Paths, other: impl FnOnce() -> Result<T>) -> Result<T> {
    std::thread::scope(|scope| {
        let compiler = scope.spawn(|| {
            FIRST.iter().try_for_each(|program| {
                let mut command = program.compile(&paths.root, served_page::PROFILE);
                process::run(trunk::set_program_env(paths, &mut command))
            })
        });
        let result = other()?;
        // If a program does not compile, trunk serves a page that says so, and waits for a change.
        match compiler.join() {
            Ok(Err(error)) => eprintln!("error: {error:#}"),
            Ok(Ok(())) => {}
            Err(panic) => std::panic::resume_unwind(panic),
        }
        Ok(result)
    })
}

/// trunk's server for the page of [`served_page`].
fn server(paths: &Paths, trunk: &Path, args: &Args) -> Result<Command> {
    let mut command = trunk::command(paths, trunk, "serve")?;
    command
        .arg(served_page::SERVED)
        .args(["--port", &args.port.to_string()])
        // As in Trunk.toml, and what the hook before a build writes.
        .args([
            "--ignore",
            "crates/trainer",
            "--ignore",
            "crates/xtask",
            "--ignore",
        ])
        .arg(served_page::SERVED)
        .env(served_page::SERVED_BUILD, &paths.target);
    if args.open {
        command.args(["--open", "true"]);
    }
    command.args(&args.trunk);
    Ok(command)
}

/// Replaces this process, so that trunk receives signals itself and its exit status is returned.
#[cfg(unix)]
fn exec(mut command: Command) -> Result<()> {
    use std::os::unix::process::CommandExt;

    let error = command.exec();
    Err(anyhow::Error::new(error)
        .context(format!("cannot start `{}`", process::describe(&command))))
}

#[cfg(not(unix))]
fn exec(mut command: Command) -> Result<()> {
    process::run(&mut command)
}
