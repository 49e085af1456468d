//! A fuzz target.

/// A reader with its limits.
#[derive(Debug)]
pub struct Target {
    /// The name on the command line, in `libfuzzer/targets/` and in `regressions/`.
    pub name: &'static str,
    /// Reads the input as the program would.
    pub run: fn(&[u8]),
    /// Valid inputs, and others of interest.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// The most memory that an input may need at a time, in MB. README.md says what it follows from.
    pub memory_mb: usize,
    /// The longest input that a fuzzer makes, in bytes.
    pub max_bytes: usize,
    /// The number of mutated seeds in the replay.
    pub mutations: usize,
}
