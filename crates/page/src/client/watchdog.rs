//! Notices a worker that answers nothing.
//!
//! Counts ticks instead of reading a clock: a laptop that sleeps for an hour misses the ticks, too,
//! and its workers are not to blame.

use protocol::Backend;

/// Seconds between two ticks.
pub(crate) const TICK_SECONDS: u32 = 1;

/// How long one worker has kept the page waiting.
#[derive(Debug)]
pub(crate) struct Watchdog {
    backend: Backend,
    training: bool,
    ready: bool,
    waited: u32,
}

impl Watchdog {
    /// For a worker that was just started.
    pub(crate) fn new(backend: Backend) -> Self {
        Self {
            backend,
            training: false,
            ready: false,
            waited: 0,
        }
    }

    /// For a worker that was just started to train. One step of a large model, and the evaluation
    /// after it, may take a slow CPU longer than anything else it is asked.
    pub(crate) fn for_training(backend: Backend) -> Self {
        Self {
            training: true,
            ..Self::new(backend)
        }
    }

    /// The worker said something.
    pub(crate) fn heard(&mut self, ready: bool) {
        self.ready |= ready;
        self.waited = 0;
    }

    /// A tick went by. Returns the seconds waited when that is too long. A worker that is ready
    /// and `idle` owes nothing.
    pub(crate) fn tick(&mut self, idle: bool) -> Option<u32> {
        if self.ready && idle {
            self.waited = 0;
            return None;
        }
        self.waited += TICK_SECONDS;
        (self.waited >= self.patience()).then_some(self.waited)
    }

    /// Starting includes fetching the bundle: 1 MB for a CPU, 10 MB for the GPU. A software GPU
    /// takes seconds for what a real one does in milliseconds, and a minute to compile the shaders of
    /// its first backward pass.
    fn patience(&self) -> u32 {
        match (self.backend.is_cpu(), self.ready) {
            (true, false) => 90,
            (true, true) if self.training => 60,
            (true, true) => 15,
            (false, false) => 180,
            (false, true) => 180,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn barks_only_at_a_worker_that_owes_an_answer() {
        let mut dog = Watchdog::new(Backend::WebGpu);
        dog.heard(true);
        assert!((0..1000).all(|_| dog.tick(true).is_none()), "idle");
        assert!((0..179).all(|_| dog.tick(false).is_none()));
        dog.heard(false);
        assert!((0..179).all(|_| dog.tick(false).is_none()), "it was heard");
        assert_eq!(dog.tick(false), Some(180));
    }

    #[test]
    fn gives_a_start_more_time() {
        let mut dog = Watchdog::new(Backend::Flex);
        assert!((0..89).all(|_| dog.tick(true).is_none()));
        assert_eq!(dog.tick(true), Some(90));
    }

    #[test]
    fn gives_a_step_of_training_more_time_than_a_picture() {
        let mut dog = Watchdog::for_training(Backend::Flex);
        dog.heard(true);
        assert!((0..59).all(|_| dog.tick(false).is_none()));
        assert_eq!(dog.tick(false), Some(60));
    }
}
