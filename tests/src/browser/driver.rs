//! The chromedriver process.
//!
//! It is shared by all tests of a run, so it lives in a static, and statics are never dropped. So
//! that it ends all the same (at the end, on panic, on Ctrl-C, on kill), a shell holds it: when our
//! end of the shell's standard input closes, which the system sees to however we end, the shell
//! ends its process group, which holds chromedriver and its browsers. (chromedriver alone would
//! leave its browsers running.)

use anyhow::{Context, Result, bail};
use std::{
    env,
    io::{BufRead, BufReader},
    os::unix::process::CommandExt,
    path::PathBuf,
    process::{Child, ChildStdout, Command, Stdio},
    sync::Mutex,
};

/// Ends the whole process group when standard input ends. `$0` is chromedriver.
const UNTIL_STDIN_ENDS: &str =
    r#""$0" --port=0 --log-level=SEVERE </dev/null & cat >/dev/null; kill 0"#;

/// A running chromedriver.
#[derive(Debug)]
pub struct Driver {
    url: String,
    shell: Child,
    /// Held open: chromedriver may still want to say something.
    _stdout: BufReader<ChildStdout>,
}

/// Something that the browser tests need is not on this machine. They are skipped then, except in
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
    /// The address of the one chromedriver of this process, started on first use.
    ///
    /// # Errors
    ///
    /// [`Missing`] when there is none; otherwise when it does not start.
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
    /// [`Missing`] when there is none; otherwise when it does not start.
    pub fn start() -> Result<Self> {
        let program = find()?;
        let mut shell = Command::new("sh")
            .args(["-c", UNTIL_STDIN_ENDS])
            .arg(&program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            // A group of its own, so that Ctrl-C and the end reach it by one way only.
            .process_group(0)
            .spawn()
            .with_context(|| format!("could not start {}", program.display()))?;
        let stdout = shell.stdout.take().context("chromedriver has no output")?;
        let mut stdout = BufReader::new(stdout);
        // It picks its port and says so: "ChromeDriver was started successfully on port 41234."
        let mut said = String::new();
        loop {
            let mut line = String::new();
            if stdout.read_line(&mut line)? == 0 {
                bail!("{} ended at once, saying: {said}", program.display());
            }
            if let Some((_, port)) = line.split_once("successfully on port ") {
                let port = port.trim().trim_end_matches('.');
                return Ok(Self {
                    url: format!("http://127.0.0.1:{port}"),
                    shell,
                    _stdout: stdout,
                });
            }
            said.push_str(&line);
        }
    }

    /// Where it listens.
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
        return Err(Missing(format!("CHROMEDRIVER names no file: {}", named.display())).into());
    }
    env::var_os("PATH")
        .iter()
        .flat_map(env::split_paths)
        .map(|folder| folder.join("chromedriver"))
        .find(|program| program.is_file())
        .ok_or_else(|| {
            Missing("no chromedriver: neither CHROMEDRIVER nor PATH has one".to_owned()).into()
        })
}
