//! Runs a program, lets its output through as it comes, and counts the tests in it.

use std::io::{self, BufRead, BufReader, IsTerminal, Read, Write};
use std::process::{Command, ExitStatus, Stdio};
use std::thread;

use anyhow::{Context, Result, anyhow};

use super::tally::Tally;
use crate::process;

/// Runs to the end.
pub(crate) fn run(command: &mut Command) -> Result<(ExitStatus, Tally)> {
    if io::stderr().is_terminal() {
        // Behind a pipe cargo would leave them out.
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
    let stderr = thread::spawn(move || pass_on(stderr, io::stderr()));
    let mut tally = pass_on(stdout, io::stdout())?;
    tally += stderr
        .join()
        .map_err(|_| anyhow!("the reader of stderr panicked"))??;
    Ok((child.wait()?, tally))
}

fn pass_on(from: impl Read, mut to: impl Write) -> io::Result<Tally> {
    let mut from = BufReader::new(from);
    let mut tally = Tally::default();
    let mut line = Vec::new();
    while from.read_until(b'\n', &mut line)? > 0 {
        to.write_all(&line)?;
        to.flush()?;
        tally.read(&String::from_utf8_lossy(&line));
        line.clear();
    }
    Ok(tally)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passes_everything_on_and_counts() {
        let input = b"test result: ok. 1 passed; 0 failed; 0 ignored\n\xff\nno newline";
        let mut output = Vec::new();
        let tally = pass_on(&input[..], &mut output).unwrap();
        assert_eq!(output, input);
        assert_eq!(tally.passed, 1);
    }

    // Prints no summary line: the xtask that runs these tests would count it.
    #[cfg(unix)]
    #[test]
    fn reports_the_status() {
        let (status, tally) = run(Command::new("sh").args(["-c", "exit 101"])).unwrap();
        assert_eq!(status.code(), Some(101));
        assert_eq!(tally, Tally::default());
    }
}
