//! Detects a worker that does not respond.
//!
//! It counts ticks instead of reading a clock: there are no ticks while a laptop sleeps, so its workers are
//! not mistaken for hung ones.

use crate::platform::Platform;
use protocol::Backend;
use std::{cell::RefCell, rc::Rc, time::Duration};

/// Seconds between two ticks.
const TICK_SECONDS: u32 = 1;

/// Calls `tick` of this client at each tick, as long as the client exists.
pub(crate) fn start<T: 'static>(
    platform: &dyn Platform,
    client: &Rc<RefCell<T>>,
    tick: fn(&mut T),
) {
    let client = Rc::downgrade(client);
    platform.set_interval(
        Duration::from_secs(TICK_SECONDS.into()),
        Box::new(move || {
            if let Some(client) = client.upgrade() {
                tick(&mut client.borrow_mut());
            }
        }),
    );
}

/// Measures how long a worker has not responded.
#[derive(Debug)]
pub struct Watchdog {
    backend: Backend,
    training: bool,
    ready: bool,
    waited: u32,
}

impl Watchdog {
    /// For a worker that was just started.
    pub fn new(backend: Backend) -> Self {
        Self {
            backend,
            training: false,
            ready: false,
            waited: 0,
        }
    }

    /// For a training worker that was just started. One step of a large model, and the evaluation after it, may take
    /// a slow CPU longer than any other request.
    pub fn for_training(backend: Backend) -> Self {
        Self {
            training: true,
            ..Self::new(backend)
        }
    }

    /// The worker sent a message; `is_ready` if it reports that its backend is set up.
    pub fn message_received(&mut self, is_ready: bool) {
        self.ready |= is_ready;
        self.waited = 0;
    }

    /// Counts a tick. Returns the seconds without a message once they exceed the timeout. A worker that is ready and `idle`
    /// need not respond.
    pub fn tick(&mut self, idle: bool) -> Option<u32> {
        if self.ready && idle {
            self.waited = 0;
            return None;
        }
        self.waited += TICK_SECONDS;
        (self.waited >= self.timeout()).then_some(self.waited)
    }

    /// The timeout in seconds. Starting includes fetching the bundle: 1 MB for a CPU, 10 MB for the GPU. A software
    /// GPU takes seconds for what a real one does in milliseconds, and a minute to compile the shaders of its first
    /// backward pass.
    fn timeout(&self) -> u32 {
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
    fn watchdog_reports_only_a_worker_with_unanswered_requests() {
        let mut watchdog = Watchdog::new(Backend::WebGpu);
        watchdog.message_received(true);
        assert!((0..1000).all(|_| watchdog.tick(true).is_none()), "idle");
        assert!((0..179).all(|_| watchdog.tick(false).is_none()));
        watchdog.message_received(false);
        assert!(
            (0..179).all(|_| watchdog.tick(false).is_none()),
            "it sent a message"
        );
        assert_eq!(watchdog.tick(false), Some(180));
    }

    #[test]
    fn watchdog_allows_more_time_for_a_start() {
        let mut watchdog = Watchdog::new(Backend::Flex);
        assert!((0..89).all(|_| watchdog.tick(true).is_none()));
        assert_eq!(watchdog.tick(true), Some(90));
    }

    #[test]
    fn watchdog_allows_more_time_for_a_training_step() {
        let mut watchdog = Watchdog::for_training(Backend::Flex);
        watchdog.message_received(true);
        assert!((0..59).all(|_| watchdog.tick(false).is_none()));
        assert_eq!(watchdog.tick(false), Some(60));
    }
}
