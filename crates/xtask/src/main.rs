//! `cargo xtask …`: everything that is done to this repository, as one program.
//!
//! Each command first sets up what it needs ([`setup`]) and says so only when it has to install
//! something. Nothing is installed outside the target folder, except by the system's own package
//! manager and by rustup.

mod build;
mod clippy;
mod cmd_bench;
mod cmd_build;
mod cmd_check;
mod cmd_fuse;
mod cmd_serve;
mod cmd_setup;
mod cmd_test;
mod cmd_wasm_tests;
mod native;
mod peers;
mod places;
mod process;
mod setup;
mod stopwatch;
mod test;
mod versions;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::places::Places;

/// Set-up, serving, building and testing of ELBO Room.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the page at http://127.0.0.1:8080/ and rebuild it when a source file changes
    Serve(cmd_serve::Args),
    /// Build the page into dist/, optimise its wasm modules and print their sizes
    Build(cmd_build::Args),
    /// Quick checks before a commit: formatting, clippy, unit tests
    Check,
    /// Every test: formatting, clippy, native, in the browser on each backend, the whole page
    ///
    /// All steps run even if one fails. The last line is `N passed, N failed, N skipped`, in tests;
    /// a step that broke without a failing test counts as one failed, a skipped step as one skipped.
    Test(cmd_test::Args),
    /// Time the built page in the browser
    Bench(cmd_bench::Args),
    /// Install all that the other commands need, and do nothing else
    Setup,
    /// Contract the multiply-adds of the CPU engines in a build; trunk calls it
    #[command(hide = true)]
    Fuse(cmd_fuse::Args),
    /// Run a wasm test in the browser, plain and contracted; cargo calls it
    #[command(hide = true)]
    WasmTests(cmd_wasm_tests::Args),
}

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Not by returning it: that adds a backtrace where RUST_BACKTRACE is set.
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<()> {
    // Asked for where it is needed: who is called by cargo or trunk runs in another package's name.
    let places = Places::find;
    match command {
        Command::Serve(args) => cmd_serve::run(&places()?, &args),
        Command::Build(args) => cmd_build::run(&places()?, &args),
        Command::Check => cmd_check::run(&places()?),
        Command::Test(args) => cmd_test::run(&places()?, &args),
        Command::Bench(args) => cmd_bench::run(&places()?, &args),
        Command::Setup => cmd_setup::run(&places()?),
        Command::Fuse(args) => cmd_fuse::run(&args),
        Command::WasmTests(args) => cmd_wasm_tests::run(&args),
    }
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::Cli;

    #[test]
    fn command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn bench_hands_on_flags_that_it_does_not_know() {
        for line in ["bench --quick", "bench --no-build --quick --runs 3"] {
            let words = std::iter::once("xtask").chain(line.split(' '));
            assert!(Cli::try_parse_from(words).is_ok(), "{line}");
        }
    }
}
