//! The chromedriver process.
//!
//! All tests of a run share it, so it is stored in a static, and statics are never dropped. To end it
//! reliably (at exit, on panic, on Ctrl-C, on kill), a shell runs it: when our end of the shell's standard
//! input closes, which the system does however this process ends, the shell kills its process group with
//! chromedriver and its browsers. (Killing only chromedriver would leave its browsers running.)

use anyhow::{Context, Result, bail};
use std::{
    env, fs,
    io::{BufRead, BufReader},
    os::unix::process::CommandExt,
    path::PathBuf,
    process::{Child, ChildStdout, Command, Stdio},
    sync::Mutex,
};

/// Kills the whole process group when standard input ends. `$0` is chromedriver.
const UNTIL_STDIN_ENDS: &str =
    r#""$0" --port=0 --log-level=SEVERE </dev/null & cat >/dev/null; kill 0"#;

/// A running chromedriver.
#[derive(Debug)]
pub struct Driver {
    url: String,
    shell: Child,
    /// Kept open, because chromedriver may still write to it.
    _stdout: BufReader<ChildStdout>,
}

/// A prerequisite of the browser tests is missing on this machine. The tests are then skipped, except in
/// CI, where they fail.
#[derive(Debug, Clone)]
pub struct Missing(pub String);

impl std::fmt::Display for Missing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Missing {}

impl Driver {
    /// The URL of this process's shared chromedriver, which is started on first use.
    ///
    /// # Errors
    ///
    /// [`Missing`] if there is none; any other error if it does not start.
    pub fn shared() -> Result<String> {
        static SHARED: Mutex<Option<Driver>> = Mutex::new(None);
        let mut shared = SHARED.lock().unwrap_or_else(|broken| broken.into_inner());
        if let Some(driver) = shared.as_ref() {
            return Ok(driver.url.clone());
        }
        let driver = Self::start()?;
        let url = driver.url.clone();
        *shared = Some(driver);
        Ok(url)
    }

    /// Starts the chromedriver that the environment variable `CHROMEDRIVER` names, or the one on
    /// `PATH`, on a free port.
    ///
    /// # Errors
    ///
    /// [`Missing`] if there is none; any other error if it does not start.
    pub fn start() -> Result<Self> {
        let program = find()?;
        let mut shell = Command::new("sh")
            .args(["-c", UNTIL_STDIN_ENDS])
            .arg(&program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            // A process group of its own, so that it ends only through the shell.
            .process_group(0)
            .spawn()
            .with_context(|| format!("could not start {}", program.display()))?;
        let stdout = shell.stdout.take().context("chromedriver has no output")?;
        let mut stdout = BufReader::new(stdout);
        // It chooses a port and prints "ChromeDriver was started successfully on port 41234."
        let mut output = String::new();
        loop {
            let mut line = String::new();
            if stdout.read_line(&mut line)? == 0 {
                bail!(
                    "{} exited at once with the output: {output}",
                    program.display()
                );
            }
            if let Some((_, port)) = line.split_once("successfully on port ") {
                let port = port.trim().trim_end_matches('.');
                return Ok(Self {
                    url: format!("http://127.0.0.1:{port}"),
                    shell,
                    _stdout: stdout,
                });
            }
            output.push_str(&line);
        }
    }

    /// The processes that run the pages of its browsers, with their workers; none where there is no `/proc`.
    pub fn renderers(&self) -> Vec<u32> {
        let children = |parent: u32| -> Vec<u32> {
            let tasks = fs::read_dir(format!("/proc/{parent}/task"));
            let tasks = tasks.into_iter().flatten().flatten();
            tasks
                .filter_map(|task| fs::read_to_string(task.path().join("children")).ok())
                .flat_map(|list| {
                    let pids = list.split_whitespace().map(str::parse);
                    pids.flatten().collect::<Vec<_>>()
                })
                .collect()
        };
        let (mut waiting, mut renderers) = (vec![self.shell.id()], Vec::new());
        while let Some(pid) = waiting.pop() {
            waiting.extend(children(pid));
            let command = fs::read_to_string(format!("/proc/{pid}/cmdline"));
            if command.is_ok_and(|command| command.contains("--type=renderer")) {
                renderers.push(pid);
            }
        }
        renderers
    }

    /// The URL that it listens on.
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // Closes the shell's standard input, which ends it.
        drop(self.shell.stdin.take());
        let _ = self.shell.wait();
    }
}

fn find() -> Result<PathBuf> {
    if let Some(named) = env::var_os("CHROMEDRIVER") {
        let named = PathBuf::from(named);
        if named.is_file() {
            return Ok(named);
        }
        return Err(Missing(format!(
            "CHROMEDRIVER is not the path of a file: {}",
            named.display()
        ))
        .into());
    }
    env::var_os("PATH")
        .iter()
        .flat_map(env::split_paths)
        .map(|folder| folder.join("chromedriver"))
        .find(|program| program.is_file())
        .ok_or_else(|| {
            Missing(
                "chromedriver was not found: neither CHROMEDRIVER nor PATH leads to it".to_owned(),
            )
            .into()
        })
}
