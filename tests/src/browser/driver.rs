//! The process of a WebDriver server, such as chromedriver.
//!
//! All tests of a run with the same browser share it, so it is stored in a static, and statics are never dropped. To end it
//! reliably (at exit, on panic, on Ctrl-C, on kill), a shell runs it: when our end of the shell's standard
//! input closes, which the system does however this process ends, the shell kills its process group with
//! the server and its browsers. (Killing only the server would leave its browsers running.)

use super::{engine::BrowserEngine, processes};
use anyhow::{Context, Result, bail};
use std::{
    io::{BufRead, BufReader},
    net::TcpStream,
    os::unix::process::CommandExt,
    process::{Child, ChildStdout, Command, Stdio},
    sync::Mutex,
    time::Duration,
};

/// Kills the whole process group when standard input ends. `$0` is the server, and the rest are its arguments.
const UNTIL_STDIN_ENDS: &str = r#""$0" "$@" </dev/null & cat >/dev/null; kill 0"#;

/// How long a server that does not say its port may take to listen.
const START: Duration = Duration::from_secs(30);

/// How often this is tried.
const POLL: Duration = Duration::from_millis(50);

/// A running WebDriver server.
#[derive(Debug)]
pub struct Driver {
    url: String,
    shell: Child,
    /// Kept open, because the server may still write to it.
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
    /// The URL of this process's shared server for a browser, which is started on first use.
    ///
    /// # Errors
    ///
    /// [`Missing`] if there is none; any other error if it does not start.
    pub fn shared(engine: BrowserEngine) -> Result<String> {
        static SHARED: Mutex<Vec<(BrowserEngine, Driver)>> = Mutex::new(Vec::new());
        let mut shared = SHARED.lock().unwrap_or_else(|broken| broken.into_inner());
        if let Some((_, driver)) = shared.iter().find(|(of, _)| *of == engine) {
            return Ok(driver.url.clone());
        }
        let driver = Self::start(engine)?;
        let url = driver.url.clone();
        shared.push((engine, driver));
        Ok(url)
    }

    /// Starts the server that the environment names, or the one on `PATH`, on a free port.
    ///
    /// # Errors
    ///
    /// [`Missing`] if there is none; any other error if it does not start.
    pub fn start(engine: BrowserEngine) -> Result<Self> {
        let (command, port) = engine.command()?;
        let name = command[0].to_string_lossy().into_owned();
        let mut shell = Command::new("sh");
        shell
            .args(["-c", UNTIL_STDIN_ENDS])
            .args(command)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            // A process group of its own, so that it ends only through the shell.
            .process_group(0);
        engine.set_env(&mut shell);
        let mut shell = shell
            .spawn()
            .with_context(|| format!("could not start {name}"))?;
        let stdout = shell.stdout.take().context("the server has no output")?;
        let mut stdout = BufReader::new(stdout);
        let port = match port {
            Some(port) => {
                wait_until_it_listens(port, &name)?;
                port
            }
            None => printed_port(&mut stdout, &name)?,
        };
        Ok(Self {
            url: format!("http://127.0.0.1:{port}"),
            shell,
            _stdout: stdout,
        })
    }

    /// The processes that run the pages of its browsers, with their workers; none where there is no `/proc`.
    pub fn renderers(&self) -> Vec<u32> {
        let mut renderers = processes::descendants(self.shell.id());
        renderers.retain(|&process| processes::command_line(process).contains("--type=renderer"));
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

/// The port in the server's output. chromedriver prints "ChromeDriver was started successfully on port 41234.", and
/// geckodriver "Listening on 127.0.0.1:41234".
fn printed_port(stdout: &mut BufReader<ChildStdout>, name: &str) -> Result<u16> {
    let mut output = String::new();
    loop {
        let mut line = String::new();
        if stdout.read_line(&mut line)? == 0 {
            bail!("{name} exited at once with the output: {output}");
        }
        let port = line
            .split_once("successfully on port ")
            .or_else(|| line.split_once("Listening on 127.0.0.1:"))
            .and_then(|(_, port)| port.trim().trim_end_matches('.').parse().ok());
        if let Some(port) = port {
            return Ok(port);
        }
        output.push_str(&line);
    }
}

fn wait_until_it_listens(port: u16, name: &str) -> Result<()> {
    let polls = START.as_millis() / POLL.as_millis();
    for _ in 0..polls {
        if TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return Ok(());
        }
        std::thread::sleep(POLL);
    }
    bail!("{name} does not listen on port {port} after {START:?}")
}
