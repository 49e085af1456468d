//! Runs a program, forwards its output line by line, and counts the tests in it.

use std::io::{self, BufRead, BufReader, IsTerminal, Read, Write};
use std::process::{Command, ExitStatus, Stdio};
use std::thread;

use anyhow::{Context, Result, anyhow};

use super::counts::TestCounts;
use crate::process;

/// Runs a program to its end.
pub(crate) fn run(command: &mut Command) -> Result<(ExitStatus, TestCounts)> {
    if io::stderr().is_terminal() {
        // cargo does not colour its output if it is a pipe.
        command.env("CARGO_TERM_COLOR", "always");
    }
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start `{}`", process::describe(command)))?;
    let stdout = child.stdout.take().context("stdout is piped")?;
    let stderr = child.stderr.take().context("stderr is piped")?;
    let stderr = thread::spawn(move || forward(stderr, io::stderr()));
    let mut counts = forward(stdout, io::stdout())?;
    counts += stderr
        .join()
        .map_err(|_| anyhow!("the thread that reads stderr panicked"))??;
    Ok((child.wait()?, counts))
}

fn forward(from: impl Read, mut to: impl Write) -> io::Result<TestCounts> {
    let mut from = BufReader::new(from);
    let mut counts = TestCounts::default();
    let mut line = Vec::new();
    while from.read_until(b'\n', &mut line)? > 0 {
        to.write_all(&line)?;
        to.flush()?;
        counts.read(&String::from_utf8_lossy(&line));
        line.clear();
    }
    Ok(counts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forward_copies_everything_and_counts() {
        let input = b"test result: ok. 1 passed; 0 failed; 0 ignored\n\xff\nno newline";
        let mut output = Vec::new();
        let counts = forward(&input[..], &mut output).unwrap();
        assert_eq!(output, input);
        assert_eq!(counts.passed, 1);
    }

    // The program prints no summary line, because the xtask that runs these tests would count it.
    #[cfg(unix)]
    #[test]
    fn run_returns_the_exit_status() {
        let (status, counts) = run(Command::new("sh").args(["-c", "exit 101"])).unwrap();
        assert_eq!(status.code(), Some(101));
        assert_eq!(counts, TestCounts::default());
    }
}
