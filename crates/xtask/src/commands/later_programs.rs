//! `cargo xtask later-programs`: compiles the programs that a served page does not begin with, each in turn, and lets
//! trunk add them to the page.

use std::process::{Child, Command};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::build::programs::LATER;
use crate::build::{served_page, trunk};
use crate::paths::Paths;
use crate::process;
use crate::stopwatch::Stopwatch;

/// How often to look whether a program has ended.
const INTERVAL: Duration = Duration::from_millis(500);

/// Starts this command as another process, which ends with the process that serves.
///
/// # Errors
///
/// If it cannot be started.
pub(crate) fn start(paths: &Paths) -> Result<()> {
    let this = std::env::current_exe()?;
    let mut command = process::command(this);
    command.arg("later-programs").current_dir(&paths.root);
    command
        .spawn()
        .context("cannot compile the remaining programs")?;
    Ok(())
}

/// Compiles each program after the page was built.
pub(crate) fn run(paths: &Paths) -> Result<()> {
    let server = Server::of_this_process();
    while !served_page::is_built(&paths.target) {
        server.wait()?;
    }
    for program in LATER {
        let watch = Stopwatch::start();
        let mut command = program.compile(&paths.root, served_page::LATER_PROFILE);
        command.arg("--quiet");
        server.run(trunk::set_program_env(paths, &mut command))?;
        served_page::add_program(&paths.root, program.name)?;
        eprintln!(
            "{} is ready after {watch}; the page is built again",
            program.name
        );
    }
    Ok(())
}

/// The process that serves the page: the parent of this one.
struct Server {
    id: u32,
}

impl Server {
    fn of_this_process() -> Self {
        Self { id: parent() }
    }

    /// Waits a moment.
    ///
    /// # Errors
    ///
    /// If the server has ended.
    fn wait(&self) -> Result<()> {
        std::thread::sleep(INTERVAL);
        if parent() != self.id {
            bail!("the page is no longer served");
        }
        Ok(())
    }

    /// Runs a program to its end, or to that of the server.
    fn run(&self, command: &mut Command) -> Result<()> {
        let mut child: Child = command
            .spawn()
            .with_context(|| format!("cannot start `{}`", process::describe(command)))?;
        loop {
            match child.try_wait()? {
                Some(status) if status.success() => return Ok(()),
                Some(status) => bail!("`{}` failed ({status})", process::describe(command)),
                None => {}
            }
            if let Err(error) = self.wait() {
                child.kill()?;
                return Err(error);
            }
        }
    }
}

#[cfg(unix)]
fn parent() -> u32 {
    std::os::unix::process::parent_id()
}

/// Unknown: the process ends when its work is done.
#[cfg(not(unix))]
fn parent() -> u32 {
    0
}
