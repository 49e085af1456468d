//! Lints: clippy on the whole workspace for the host, and for wasm where clippy can.
//!
//! clippy comes with rustup's toolchain only. Where `.cargo/local.toml` hands the building to the
//! distribution's compiler, clippy is given its own compiler back, and a target folder of its own.
//! That one knows no wasm, so the crates for the browser are compiled for wasm by the other one,
//! and its warnings count as errors.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::places::Places;
use crate::process;
use crate::setup::wasm_target::{self, Compiler, WASM};

/// What is compiled for the browser: one package and one backend at a time, as trunk does it, so
/// that what is compiled here is not compiled again for the page. The other backends' code differs
/// in a few lines of `engine`, which their own builds see.
const FOR_WASM: &[&[&str]] = &[
    &["--package", "page"],
    &[
        "--package",
        "engine",
        "--bin",
        "engine-flex",
        "--no-default-features",
        "--features",
        "flex",
    ],
];

/// Lints everything; any warning is an error.
pub(crate) fn run(places: &Places, compiler: Compiler) -> Result<()> {
    let mut host = clippy(places, compiler)?;
    host.args([
        "--workspace",
        "--all-targets",
        "--features",
        "tests/contender,tests/e2e,tests/webgpu",
    ]);
    process::run(host.args(["--", "-Dwarnings"]))?;
    if compiler == Compiler::Distribution {
        println!("clippy for wasm is left out: its toolchain has no wasm target here.");
        println!("Compiling for wasm instead, with warnings as errors.");
    }
    for arguments in FOR_WASM {
        match compiler {
            Compiler::Toolchain => {
                let mut wasm = clippy(places, compiler)?;
                wasm.args(["--target", WASM])
                    .args(*arguments)
                    .args(["--", "-Dwarnings"]);
                process::run(&mut wasm)?;
            }
            Compiler::Distribution => {
                deny_warnings(build(places).args(["--target", WASM]).args(*arguments))?;
            }
        }
    }
    Ok(())
}

fn clippy(places: &Places, compiler: Compiler) -> Result<Command> {
    let mut command = process::cargo();
    command.arg("clippy").current_dir(&places.root);
    if compiler == Compiler::Distribution {
        let rustc = wasm_target::rustup_rustc(places)
            .context("clippy needs rustup's toolchain beside the distribution's")?;
        command
            .env("RUSTC", rustc)
            .env("CARGO_TARGET_DIR", places.target.join("clippy"));
    }
    Ok(command)
}

fn build(places: &Places) -> Command {
    let mut command = process::cargo();
    command
        .args([
            "build",
            "--release",
            "--message-format=json-diagnostic-rendered-ansi",
        ])
        .current_dir(&places.root);
    command
}

/// Counts the warnings in what cargo reports. A `-Dwarnings` among the flags would rebuild every
/// dependency, and cargo's own `build.warnings` is not stable in the cargo that we pin.
fn deny_warnings(command: &mut Command) -> Result<()> {
    let described = process::describe(command);
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start `{described}`"))?;
    let stdout = child.stdout.take().context("stdout is piped")?;
    let mut warnings = 0;
    for line in BufReader::new(stdout).lines() {
        if let Some(diagnostic) = Diagnostic::read(&line?) {
            eprint!("{}", diagnostic.rendered);
            warnings += usize::from(diagnostic.is_warning);
        }
    }
    let status = child.wait()?;
    if !status.success() {
        bail!("`{described}` failed ({status})");
    }
    if warnings > 0 {
        bail!("`{described}` gave warnings: {warnings}");
    }
    Ok(())
}

/// What the compiler has to say about our code; cargo keeps quiet about dependencies.
struct Diagnostic {
    is_warning: bool,
    rendered: String,
}

impl Diagnostic {
    fn read(line: &str) -> Option<Self> {
        let line: serde_json::Value = serde_json::from_str(line).ok()?;
        if line["reason"] != "compiler-message" {
            return None;
        }
        let message = &line["message"];
        Some(Self {
            is_warning: message["level"] == "warning",
            rendered: message["rendered"].as_str()?.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Diagnostic;

    #[test]
    fn reads_compiler_messages_only() {
        let warning = r#"{"reason":"compiler-message","message":{"level":"warning","rendered":"warning: unused\n"}}"#;
        assert!(Diagnostic::read(warning).is_some_and(|found| found.is_warning));
        let error = r#"{"reason":"compiler-message","message":{"level":"error","rendered":"e"}}"#;
        assert!(Diagnostic::read(error).is_some_and(|found| !found.is_warning));
        assert!(Diagnostic::read(r#"{"reason":"build-finished","success":true}"#).is_none());
        assert!(Diagnostic::read("not json").is_none());
    }
}
