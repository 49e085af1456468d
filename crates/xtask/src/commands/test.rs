//! `cargo xtask test`: all tests, as CI runs them.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, anyhow, bail};
use clap::ValueEnum;

use crate::build::{service_worker, trunk};
use crate::checks::clippy;
use crate::paths::Paths;
use crate::setup::axe;
use crate::setup::chromium::{self, Browser};
use crate::setup::other_browsers;
use crate::setup::test_runner;
use crate::setup::vulkan;
use crate::setup::wasm_target::{self, WASM};
use crate::stopwatch::{Stopwatch, format_seconds};
use crate::test_steps::counts::TestCounts;
use crate::test_steps::step::{Outcome, Step};
use crate::test_steps::stream;
use crate::{bench_site, process, setup, workspace};

/// Time limit in seconds for one test binary in the browser; WebGPU without a GPU is slow.
const BROWSER_TIMEOUT: &str = "3600";

/// Which steps to run.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Run this step only; may be given several times
    #[arg(long, value_enum)]
    only: Vec<Step>,
    /// List the steps without running them
    #[arg(long)]
    list: bool,
}

/// Runs all selected steps, even if one fails.
pub(crate) fn run(paths: &Paths, args: &Args) -> Result<()> {
    let steps: Vec<_> = Step::value_variants()
        .iter()
        .copied()
        .filter(|step| args.only.is_empty() || args.only.contains(step))
        .collect();
    if args.list {
        for step in steps {
            println!("{step:15} {}", step.about());
        }
        return Ok(());
    }

    let environment = Environment::set_up(paths, &steps);
    let mut done: Vec<(Step, Outcome, f64)> = Vec::new();
    for step in steps {
        println!("\n--- {step}: {}", step.about());
        let watch = Stopwatch::start();
        let build_failed = done.iter().any(|(step, outcome, _)| {
            *step == Step::Build && !matches!(outcome, Outcome::Passed(_))
        });
        let outcome = if matches!(step, Step::E2e | Step::Bench) && build_failed {
            Outcome::Skipped("the page was not built".to_owned())
        } else {
            environment.run(step)
        };
        println!("--- {step}: {outcome} ({watch})");
        done.push((step, outcome, watch.seconds()));
    }
    summarize(&done, std::env::var_os("CI").is_some())
}

/// Prints the summary. Exits with an error if a step failed; in CI also if one was skipped.
fn summarize(done: &[(Step, Outcome, f64)], ci: bool) -> Result<()> {
    println!();
    let mut sum = TestCounts::default();
    for (step, outcome, seconds) in done {
        let time = format_seconds(*seconds);
        println!("{step:15} {time:>12}  {outcome}");
        sum += outcome.counts();
    }
    println!("{sum}");
    let failed = done
        .iter()
        .any(|(_, outcome, _)| matches!(outcome, Outcome::Failed(..)));
    let skipped = done
        .iter()
        .any(|(_, outcome, _)| matches!(outcome, Outcome::Skipped(_)));
    if failed || (ci && skipped) {
        // Not by an error: its message would follow the summary, which must be the last line.
        std::process::exit(1);
    }
    Ok(())
}

/// The results of set-up. If a part is missing, the steps that need it are skipped.
struct Environment<'a> {
    paths: &'a Paths,
    wasm_target: Result<()>,
    trunk: Result<PathBuf>,
    test_runner: Result<PathBuf>,
    browser: Result<Browser>,
}

impl<'a> Environment<'a> {
    fn set_up(paths: &'a Paths, steps: &[Step]) -> Self {
        let in_browser = steps.iter().any(|step| *step >= Step::GoldenFlex);
        let in_test_runner = steps.iter().any(|step| step.backend().is_some());
        if steps.contains(&Step::Native)
            && let Err(error) = vulkan::ensure()
        {
            eprintln!("warning: the WebGPU backend may not find an adapter: {error:#}");
        }
        let unused = || anyhow!("no selected step needs it");
        Self {
            paths,
            wasm_target: wasm_target::ensure(paths),
            trunk: if steps.contains(&Step::Build) {
                setup::trunk::ensure(paths)
            } else {
                Err(unused())
            },
            test_runner: if in_test_runner {
                test_runner::ensure(paths)
            } else {
                Err(unused())
            },
            browser: if in_browser {
                chromium::ensure()
            } else {
                Err(unused())
            },
        }
    }

    fn run(&self, step: Step) -> Outcome {
        let command = match step {
            Step::Clippy => return self.clippy(),
            Step::Fmt => Ok(self.cargo(&["fmt", "--all", "--check"])),
            Step::Native => {
                let mut command = workspace::cargo(self.paths, "test");
                command.args(["--no-fail-fast", "--", "--skip", workspace::E2E_PREFIX]);
                Ok(command)
            }
            Step::GoldenFlex | Step::GoldenNdarray | Step::GoldenWebgpu => self.golden(step),
            Step::Build => self.build(),
            Step::E2e => self.e2e(),
            Step::Bench => self.bench(),
        };
        let mut command = match command {
            Ok(command) => command,
            Err(error) => return Outcome::Skipped(one_line(&error)),
        };
        println!("$ {}", process::describe(&command));
        match stream::run(&mut command) {
            Ok((status, counts)) => Outcome::of(step, status.success(), status, counts),
            Err(error) => Outcome::Failed(TestCounts::default(), one_line(&error)),
        }
    }

    fn clippy(&self) -> Outcome {
        match borrow(&self.wasm_target) {
            Err(error) => Outcome::Skipped(one_line(&error)),
            Ok(()) => match clippy::run(self.paths) {
                Ok(()) => Outcome::Passed(TestCounts::default()),
                Err(error) => Outcome::Failed(TestCounts::default(), one_line(&error)),
            },
        }
    }

    fn golden(&self, step: Step) -> Result<Command> {
        borrow(&self.wasm_target)?;
        let test_runner = borrow(&self.test_runner)?;
        let browser = borrow(&self.browser)?;
        let backend = step.backend().context("the step has no backend")?;
        let mut runner = test_runner.clone().into_os_string();
        if step != Step::GoldenWebgpu {
            // The CPU engines are published as compiled and contracted; test both.
            let xtask = std::env::current_exe()?.into_os_string();
            runner = [&xtask, OsStr::new(" wasm-tests "), &runner]
                .into_iter()
                .collect();
        }
        let mut command =
            self.cargo(&["test", "--release", "--target", WASM, "--package", "tests"]);
        command
            .args([
                "--no-default-features",
                "--features",
                backend,
                "--test",
                "backends",
            ])
            .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", runner)
            .env("WASM_BINDGEN_TEST_TIMEOUT", BROWSER_TIMEOUT);
        browser.set_env(&mut command);
        Ok(command)
    }

    fn build(&self) -> Result<Command> {
        borrow(&self.wasm_target)?;
        let trunk = borrow(&self.trunk)?;
        let dist = self.paths.dist_for_tests();
        if dist.exists() {
            // If the build fails, the end-to-end tests must not run on an old one.
            std::fs::remove_dir_all(&dist)
                .with_context(|| format!("cannot remove {}", dist.display()))?;
        }
        let mut command = trunk::command(self.paths, trunk, "build")?;
        command.arg("--dist").arg(dist);
        Ok(command)
    }

    fn e2e(&self) -> Result<Command> {
        let browser = borrow(&self.browser)?;
        let dist = self.paths.dist_for_tests();
        if !dist.join("index.html").exists() {
            bail!("there is no build of the page; add --only build");
        }
        service_worker::write(&dist)?;
        let mut command = workspace::cargo(self.paths, "test");
        command
            .args(["--no-fail-fast", "--test", "e2e"])
            .env("ELBO_DIST", dist)
            .env("ELBO_AXE", axe::ensure(self.paths)?);
        browser.set_env(&mut command);
        // Without them, the tours in these browsers are skipped, or fail in CI.
        match other_browsers::ensure(self.paths) {
            Ok(others) => _ = others.set_env(&mut command),
            Err(error) => eprintln!("warning: {error:#}"),
        }
        Ok(command)
    }

    /// Our engine on one backend, to limit compile time, and the libraries that need no GPU.
    fn bench(&self) -> Result<Command> {
        let browser = borrow(&self.browser)?;
        borrow(&self.wasm_target)?;
        let site = bench_site::ensure(self.paths, true, &["flex"])?;
        process::run(workspace::cargo(self.paths, "build").args(["--bin", "bench"]))?;
        let mut command = process::command(self.paths.target.join("debug/bench"));
        command
            .args(["--parts", "peers", "--quick", "--contenders"])
            .arg("flex,flex-plain,flex-two,tfjs-wasm,ort-wasm")
            .current_dir(&self.paths.root)
            .env("ELBO_DIST", self.paths.dist_for_tests())
            .env("ELBO_BENCH_SITE", site);
        browser.set_env(&mut command);
        Ok(command)
    }

    fn cargo(&self, args: &[&str]) -> Command {
        let mut command = process::cargo();
        command.args(args).current_dir(&self.paths.root);
        command
    }
}

/// The part of the environment, or a copy of the error of its set-up.
fn borrow<T>(part: &Result<T>) -> Result<&T> {
    part.as_ref().map_err(|error| anyhow!("{error:#}"))
}

fn one_line(error: &anyhow::Error) -> String {
    format!("{error:#}").replace('\n', " / ")
}
