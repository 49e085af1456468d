//! Runs a target on an input, and measures it.

use crate::Target;
use cpu_time::ThreadTime;
use peak_alloc::PeakAlloc;
use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

/// Memory is counted for the whole program, so one input is measured at a time.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// What a target needed for an input.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Measured {
    /// The most memory at a time, in bytes, beside what was allocated before.
    pub memory: usize,
    /// CPU time of the thread, which other programs on the machine hardly change.
    pub time: Duration,
}

/// Runs a target.
///
/// # Panics
/// If the reader panics, needs more memory than the target's limit, or more CPU time than `time_limit`.
pub fn check(target: &Target, input: &[u8], time_limit: Duration) -> Measured {
    let guard = ONE_AT_A_TIME.lock();
    let _guard = guard.unwrap_or_else(PoisonError::into_inner);
    ALLOCATOR.reset_peak_usage();
    let before = ALLOCATOR.current_usage();
    let start = ThreadTime::now();
    (target.run)(input);
    let measured = Measured {
        time: start.elapsed(),
        memory: ALLOCATOR.peak_usage().saturating_sub(before),
    };
    assert!(
        measured.memory <= target.memory_mb << 20,
        "{} needed {} MB of memory for {} bytes; the limit is {} MB",
        target.name,
        measured.memory >> 20,
        input.len(),
        target.memory_mb,
    );
    assert!(
        measured.time <= time_limit,
        "{} needed {:.2} s for {} bytes; the limit is {:.0} s",
        target.name,
        measured.time.as_secs_f64(),
        input.len(),
        time_limit.as_secs_f64(),
    );
    measured
}
