//! `cargo xtask …`: the project's development commands.
//!
//! Each command first installs what it needs ([`setup`]) and reports only what it installs. Everything
//! is installed below the target folder, except by the system's package manager and by rustup.

mod bench_site;
mod build;
mod checks;
mod commands;
mod fuzzing;
mod paths;
mod process;
mod setup;
mod stopwatch;
mod test_steps;
mod versions;
mod workspace;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::build::chunks;
use crate::commands::{
    audit, bench, build as build_page, check, fuzz, later_programs, post_build, pre_build, serve,
    test, wasm_tests,
};
use crate::paths::Paths;

/// Development commands of ELBO Room: set-up, serving, building, testing.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the page at http://127.0.0.1:8080/ and rebuild it when a source file changes
    Serve(serve::Args),
    /// Build the page into dist/, optimize its wasm modules and print their sizes
    Build(build_page::Args),
    /// Check a change before committing it; stops at the first failure
    ///
    /// Runs, in this order: dependencies between crates and modules (the code map of ARCHITECTURE.md),
    /// paths in documents, licences of dependencies (deny.toml), formatting, clippy natively and for wasm, documentation
    /// without warnings, and the native tests except those on WebGPU.
    Check(check::Args),
    /// Run every test: formatting, clippy, native, in the browser on each backend, the whole page
    ///
    /// All steps run even if one fails. The last line is `N passed, N failed, N skipped`, in tests;
    /// a step that failed without a failing test counts as one failed, a skipped step as one skipped.
    Test(test::Args),
    /// Measure the built page in the browser: latency, start-up, training, sizes
    Bench(bench::Args),
    /// Fuzz everything that reads what others wrote: files, links, stored state, messages (tests/fuzz)
    ///
    /// Needs a nightly toolchain; installs cargo-fuzz. Prints a table, and fails if an input fails: a panic, too much
    /// memory or time.
    Fuzz(fuzz::Args),
    /// Install everything that the other commands need, and do nothing else
    Setup,
    /// Check licences, sources and known vulnerabilities of all dependencies with cargo-deny
    ///
    /// Installs cargo-deny first (some minutes, once). Without a network the advisory database cannot
    /// be fetched; the last line then says that advisories were not checked, which is an error if the
    /// environment variable CI is set.
    Audit,
    /// Write the served page anew (called by trunk)
    #[command(hide = true)]
    PreBuild,
    /// Compile the programs that a served page does not begin with (called by serve)
    #[command(hide = true)]
    LaterPrograms,
    /// Process a build: add the chunks, contract the multiply-adds of the CPU engines, move inline code to files
    /// (called by trunk)
    #[command(hide = true)]
    PostBuild(post_build::Args),
    /// Run a wasm test in the browser, plain and contracted (called by cargo)
    #[command(hide = true)]
    WasmTests(wasm_tests::Args),
}

fn main() -> ExitCode {
    let result = match chunks::is_wasm_bindgen() {
        true => chunks::wasm_bindgen(),
        false => run(Cli::parse().command),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Returning the error from `main` would print a backtrace if RUST_BACKTRACE is set.
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<()> {
    // A closure, because cargo and trunk call the hidden commands, which need no paths, on behalf of
    // other packages.
    let paths = Paths::find;
    match command {
        Command::Serve(args) => serve::run(&paths()?, &args),
        Command::Build(args) => build_page::run(&paths()?, &args),
        Command::Check(args) => check::run(&paths()?, &args),
        Command::Test(args) => test::run(&paths()?, &args),
        Command::Bench(args) => bench::run(&paths()?, &args),
        Command::Fuzz(args) => fuzz::run(&paths()?, &args),
        Command::Setup => commands::setup::run(&paths()?),
        Command::Audit => audit::run(&paths()?),
        Command::PreBuild => pre_build::run(),
        Command::LaterPrograms => later_programs::run(&paths()?),
        Command::PostBuild(args) => post_build::run(&args),
        Command::WasmTests(args) => wasm_tests::run(&args),
    }
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::Cli;

    #[test]
    fn cli_definition_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn cli_bench_passes_unknown_flags_on() {
        for line in ["bench --quick", "bench --no-build --quick --runs 3"] {
            let words = std::iter::once("xtask").chain(line.split(' '));
            assert!(Cli::try_parse_from(words).is_ok(), "{line}");
        }
    }
}
