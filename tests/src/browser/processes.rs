//! Processes of this machine, as Linux lists them. Where there is no `/proc`, there are none.

use std::{fs, process::Command};

/// All processes that this one has started, and those that these have started.
pub(super) fn descendants(process: u32) -> Vec<u32> {
    let (mut waiting, mut found) = (vec![process], Vec::new());
    while let Some(parent) = waiting.pop() {
        let children = children(parent);
        waiting.extend(&children);
        found.extend(children);
    }
    found
}

fn children(parent: u32) -> Vec<u32> {
    let tasks = fs::read_dir(format!("/proc/{parent}/task"));
    let tasks = tasks.into_iter().flatten().flatten();
    let lists = tasks.filter_map(|task| fs::read_to_string(task.path().join("children")).ok());
    lists.flat_map(|list| numbers(&list)).collect()
}

fn numbers(list: &str) -> Vec<u32> {
    let words = list.split_whitespace();
    words.filter_map(|word| word.parse().ok()).collect()
}

/// The processes whose command line contains this text.
pub(super) fn with_argument(text: &str) -> Vec<u32> {
    let names = fs::read_dir("/proc").into_iter().flatten().flatten();
    let processes = names.filter_map(|name| name.file_name().to_str()?.parse().ok());
    processes
        .filter(|&process| command_line(process).contains(text))
        .collect()
}

/// The command line, with zero bytes between its parts; empty if the process has ended.
pub(super) fn command_line(process: u32) -> String {
    fs::read_to_string(format!("/proc/{process}/cmdline")).unwrap_or_default()
}

/// Whether a thread of the process has a name that begins like this.
pub(super) fn has_thread(process: u32, name: &str) -> bool {
    let threads = fs::read_dir(format!("/proc/{process}/task"));
    let threads = threads.into_iter().flatten().flatten();
    let names = threads.filter_map(|thread| fs::read_to_string(thread.path().join("comm")).ok());
    names.into_iter().any(|thread| thread.starts_with(name))
}

/// Ends a process at once. Whether that was possible.
pub(super) fn kill(process: u32) -> bool {
    let mut kill = Command::new("kill");
    let status = kill.args(["-KILL", &process.to_string()]).status();
    status.is_ok_and(|status| status.success())
}
