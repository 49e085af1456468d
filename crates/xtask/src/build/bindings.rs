//! The JavaScript bindings of a module: `wasm-bindgen`, as a library. The program of that name takes two minutes to
//! compile on two cores, mostly for its test runner.

use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Parser;
use wasm_bindgen_cli_support::Bindgen;

/// The options of the program `wasm-bindgen` that trunk passes.
#[derive(Debug, Parser)]
#[command(name = "wasm-bindgen", disable_version_flag = true)]
pub(crate) struct Bindings {
    /// The module, as linked
    pub(crate) module: PathBuf,
    /// How the bindings are loaded
    #[arg(long)]
    target: Target,
    #[arg(long)]
    out_dir: PathBuf,
    #[arg(long)]
    out_name: String,
    #[arg(long)]
    no_typescript: bool,
    /// Keep exports of the linker, such as the function table, which chunks import
    #[arg(skip)]
    pub(crate) keep_linker_exports: bool,
}

/// How bindings are loaded.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Target {
    /// As an ES module.
    Web,
    /// As a classic script.
    NoModules,
}

impl Bindings {
    /// Reads the arguments of `wasm-bindgen`.
    ///
    /// # Errors
    ///
    /// If there is an option that this program does not know.
    pub(crate) fn parse_arguments(arguments: impl Iterator<Item = OsString>) -> Result<Self> {
        Self::try_parse_from(arguments).context("unexpected arguments for wasm-bindgen")
    }

    /// Bindings as an ES module, without types.
    pub(crate) fn of_module(module: PathBuf, out_dir: PathBuf, out_name: String) -> Self {
        Self {
            module,
            target: Target::Web,
            out_dir,
            out_name,
            no_typescript: true,
            keep_linker_exports: false,
        }
    }

    /// Writes `NAME.js` and `NAME_bg.wasm`.
    ///
    /// # Errors
    ///
    /// If the module is not one of this version of wasm-bindgen, or a file cannot be written.
    pub(crate) fn write(&self) -> Result<()> {
        let mut bindgen = Bindgen::new();
        match self.target {
            Target::Web => bindgen.web(true)?,
            Target::NoModules => bindgen.no_modules(true)?,
        };
        bindgen
            .input_path(&self.module)
            .out_name(&self.out_name)
            .typescript(!self.no_typescript)
            .keep_lld_exports(self.keep_linker_exports)
            .generate(&self.out_dir)
            .with_context(|| format!("cannot write the bindings of {}", self.module.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Bindings> {
        Bindings::parse_arguments(line.split(' ').map(OsString::from))
    }

    #[test]
    fn parse_arguments_takes_those_of_trunk() {
        let bindings = parse(
            "wasm-bindgen --target=web --out-dir=o --out-name=page page.wasm --no-typescript",
        )
        .unwrap();
        assert!(matches!(bindings.target, Target::Web));
        assert!(bindings.no_typescript);
        assert_eq!(bindings.module, PathBuf::from("page.wasm"));
    }

    #[test]
    fn parse_arguments_rejects_what_it_would_ignore() {
        assert!(
            parse("wasm-bindgen --target=web --out-dir=o --out-name=p p.wasm --keep-debug")
                .is_err()
        );
    }
}
