//! `cargo xtask test`: every test there is, as CI runs them.

use std::ffi::OsStr;
use std::process::Command;

use anyhow::{Context, Result, anyhow, bail};
use clap::ValueEnum;

use crate::build::trunk;
use crate::places::Places;
use crate::setup::axe;
use crate::setup::chromium::{self, Browser};
use crate::setup::tools::{self, Tools};
use crate::setup::vulkan;
use crate::setup::wasm_target::{self, Compiler, WASM};
use crate::stopwatch::{Stopwatch, readable};
use crate::test::step::{Ending, Step};
use crate::test::stream;
use crate::test::tally::Tally;
use crate::{clippy, native, peers, process};

/// Seconds that the tests of one binary may take in the browser. WebGPU without a GPU is slow.
const BROWSER_TIMEOUT: &str = "3600";

/// Which steps to run.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Run this step only; may be given several times
    #[arg(long, value_enum)]
    only: Vec<Step>,
    /// List the steps and leave
    #[arg(long)]
    list: bool,
}

/// Runs the steps, all of them even if one fails.
pub(crate) fn run(places: &Places, args: &Args) -> Result<()> {
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

    let bench = Bench::set_up(places, &steps);
    let mut done: Vec<(Step, Ending, f64)> = Vec::new();
    for step in steps {
        println!("\n--- {step}: {}", step.about());
        let watch = Stopwatch::start();
        let build_failed = done
            .iter()
            .any(|(step, ending, _)| *step == Step::Build && !matches!(ending, Ending::Passed(_)));
        let ending = if matches!(step, Step::E2e | Step::Bench) && build_failed {
            Ending::Skipped("there is no build to test".to_owned())
        } else {
            bench.run(step)
        };
        println!("--- {step}: {ending} ({watch})");
        done.push((step, ending, watch.seconds()));
    }
    conclude(&done, std::env::var_os("CI").is_some())
}

/// Prints the summary; an error where CI must turn red.
fn conclude(done: &[(Step, Ending, f64)], ci: bool) -> Result<()> {
    println!();
    let mut sum = Tally::default();
    for (step, ending, seconds) in done {
        let time = readable(*seconds);
        println!("{step:15} {time:>12}  {ending}");
        sum += ending.tally();
    }
    println!("{sum}");
    let failed = done
        .iter()
        .any(|(_, ending, _)| matches!(ending, Ending::Failed(..)));
    let skipped = done
        .iter()
        .any(|(_, ending, _)| matches!(ending, Ending::Skipped(_)));
    if failed || (ci && skipped) {
        // The summary has said why, and must stay the last line.
        std::process::exit(1);
    }
    Ok(())
}

/// What set-up came to. A part that could not be had skips the steps that need it.
struct Bench<'a> {
    places: &'a Places,
    compiler: Result<Compiler>,
    tools: Result<Tools>,
    browser: Result<Browser>,
}

impl<'a> Bench<'a> {
    fn set_up(places: &'a Places, steps: &[Step]) -> Self {
        let in_browser = steps.iter().any(|step| *step >= Step::GoldenFlex);
        if steps.contains(&Step::Native)
            && let Err(error) = vulkan::ensure()
        {
            eprintln!("warning: the WebGPU backend may find no adapter: {error:#}");
        }
        let unused = || anyhow!("no chosen step needs it");
        Self {
            places,
            compiler: wasm_target::ensure(places),
            tools: if in_browser {
                tools::ensure(places)
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

    fn run(&self, step: Step) -> Ending {
        let ended = match step {
            Step::Clippy => return self.clippy(),
            Step::Fmt => Ok(self.cargo(&["fmt", "--all", "--check"])),
            Step::Native => {
                let mut command = native::command(self.places, "test");
                command.args(["--no-fail-fast", "--", "--skip", native::E2E]);
                Ok(command)
            }
            Step::GoldenFlex | Step::GoldenNdarray | Step::GoldenWebgpu => self.golden(step),
            Step::Build => self.build(),
            Step::E2e => self.e2e(),
            Step::Bench => self.bench(),
        };
        let mut command = match ended {
            Ok(command) => command,
            Err(why) => return Ending::Skipped(one_line(&why)),
        };
        println!("$ {}", process::describe(&command));
        match stream::run(&mut command) {
            Ok((status, tally)) => Ending::of(step, status.success(), status, tally),
            Err(error) => Ending::Failed(Tally::default(), one_line(&error)),
        }
    }

    fn clippy(&self) -> Ending {
        match borrow(&self.compiler) {
            Err(why) => Ending::Skipped(one_line(&why)),
            Ok(compiler) => match clippy::run(self.places, *compiler) {
                Ok(()) => Ending::Passed(Tally::default()),
                Err(error) => Ending::Failed(Tally::default(), one_line(&error)),
            },
        }
    }

    fn golden(&self, step: Step) -> Result<Command> {
        borrow(&self.compiler)?;
        let tools = borrow(&self.tools)?;
        let browser = borrow(&self.browser)?;
        let backend = step.backend().context("a golden step has a backend")?;
        let mut runner = tools.test_runner.clone().into_os_string();
        if step != Step::GoldenWebgpu {
            // The modules that compute are published in two forms.
            let ours = std::env::current_exe()?.into_os_string();
            runner = [&ours, OsStr::new(" wasm-tests "), &runner]
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
        browser.name_to(&mut command);
        Ok(command)
    }

    fn build(&self) -> Result<Command> {
        borrow(&self.compiler)?;
        let tools = borrow(&self.tools)?;
        let dist = self.places.dist_for_tests();
        if dist.exists() {
            // So that a failing build leaves nothing to test.
            std::fs::remove_dir_all(&dist)
                .with_context(|| format!("cannot remove {}", dist.display()))?;
        }
        let mut command = trunk::command(self.places, tools, "build")?;
        command.arg("--dist").arg(dist);
        Ok(command)
    }

    fn e2e(&self) -> Result<Command> {
        let browser = borrow(&self.browser)?;
        let dist = self.places.dist_for_tests();
        if !dist.join("index.html").exists() {
            bail!("there is no build to test; add --only build");
        }
        let mut command = native::command(self.places, "test");
        command
            .args(["--no-fail-fast", "--test", "e2e"])
            .env("ELBO_DIST", dist)
            .env("ELBO_AXE", axe::ensure(self.places)?);
        browser.name_to(&mut command);
        Ok(command)
    }

    /// Our engine on one backend, so that nothing long is compiled for it, and the peers that need no GPU.
    fn bench(&self) -> Result<Command> {
        let browser = borrow(&self.browser)?;
        borrow(&self.compiler)?;
        borrow(&self.tools)?;
        let site = peers::ensure(self.places, true, &["flex"])?;
        process::run(native::command(self.places, "build").args(["--bin", "bench"]))?;
        let mut command = process::command(self.places.target.join("debug/bench"));
        command
            .args(["--parts", "peers", "--quick", "--contenders"])
            .arg("flex,flex-plain,flex-two,tfjs-wasm,ort-wasm")
            .current_dir(&self.places.root)
            .env("ELBO_DIST", self.places.dist_for_tests())
            .env("ELBO_BENCH_SITE", site);
        browser.name_to(&mut command);
        Ok(command)
    }

    fn cargo(&self, args: &[&str]) -> Command {
        let mut command = process::cargo();
        command.args(args).current_dir(&self.places.root);
        command
    }
}

/// The part, or why it could not be had.
fn borrow<T>(part: &Result<T>) -> Result<&T> {
    part.as_ref().map_err(|error| anyhow!("{error:#}"))
}

fn one_line(error: &anyhow::Error) -> String {
    format!("{error:#}").replace('\n', " / ")
}
