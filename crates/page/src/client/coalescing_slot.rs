//! The newest z wins: one decode at a time, and a newer job replaces the one that waits.

/// Keeps at most one job in flight and at most one waiting.
///
/// A drag makes jobs faster than a slow backend answers them. Queueing them would draw where the
/// pointer was; this draws where it is.
#[derive(Debug)]
pub(crate) struct Latest<T> {
    in_flight: Option<(u32, T)>,
    waiting: Option<T>,
    held: bool,
}

impl<T> Latest<T> {
    /// Nothing in flight, and held until [`release`](Self::release).
    pub(crate) fn held() -> Self {
        Self {
            in_flight: None,
            waiting: None,
            held: true,
        }
    }

    /// Takes a new job, in place of the one that waits.
    pub(crate) fn offer(&mut self, job: T) {
        self.waiting = Some(job);
    }

    /// Takes a job only when none waits: one that somebody waits for is worth more.
    pub(crate) fn offer_if_none_waits(&mut self, job: T) {
        self.waiting.get_or_insert(job);
    }

    /// Gives no job out until [`release`](Self::release): the worker is away, or changes its
    /// model. What is in flight is forgotten, so its answer will be stale.
    pub(crate) fn hold(&mut self) {
        self.held = true;
        self.in_flight = None;
    }

    /// Goes on after [`hold`](Self::hold).
    pub(crate) fn release(&mut self) {
        self.held = false;
    }

    /// The job to send now, if one waits and nothing is in flight or held. `id` ties the answer
    /// to it.
    pub(crate) fn next(&mut self, id: impl FnOnce() -> u32) -> Option<(u32, &T)> {
        if self.held || self.in_flight.is_some() {
            return None;
        }
        let job = self.waiting.take()?;
        let (id, job) = self.in_flight.insert((id(), job));
        Some((*id, job))
    }

    /// Whether a job waits for its turn.
    pub(crate) fn is_waited_for(&self) -> bool {
        self.held || self.waiting.is_some()
    }

    /// Whether a job is in flight or waits for its turn.
    pub(crate) fn is_busy(&self) -> bool {
        self.held || self.in_flight.is_some() || self.waiting.is_some()
    }

    /// The job that this answers; none when the answer is stale.
    pub(crate) fn answered(&mut self, id: u32) -> Option<T> {
        self.in_flight
            .take_if(|(expected, _)| *expected == id)
            .map(|(_, job)| job)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn released() -> Latest<char> {
        let mut latest = Latest::held();
        latest.release();
        latest
    }

    #[test]
    fn one_in_flight_and_the_newest_next() {
        let mut latest = released();
        latest.offer('a');
        assert_eq!(latest.next(|| 1), Some((1, &'a')));
        latest.offer('b');
        latest.offer('c');
        assert_eq!(latest.next(|| 2), None, "one at a time");
        assert_eq!(latest.answered(1), Some('a'));
        assert_eq!(latest.next(|| 2), Some((2, &'c')), "b was replaced");
        assert!(latest.is_busy() && !latest.is_waited_for());
        assert_eq!(latest.answered(2), Some('c'));
        assert!(!latest.is_busy());
        assert_eq!(latest.next(|| 3), None);
    }

    #[test]
    fn stale_answers_are_dropped() {
        let mut latest = released();
        latest.offer('a');
        latest.next(|| 1);
        assert_eq!(latest.answered(7), None);
        assert_eq!(latest.answered(1), Some('a'));
        assert_eq!(latest.answered(1), None, "only once");
    }

    #[test]
    fn a_hold_forgets_what_was_in_flight_and_keeps_what_waits() {
        let mut latest = released();
        latest.offer('a');
        latest.next(|| 1);
        latest.hold();
        latest.offer('b');
        assert_eq!(latest.answered(1), None, "from before the hold");
        assert_eq!(latest.next(|| 2), None, "held");
        assert!(latest.is_waited_for());
        latest.release();
        assert_eq!(latest.next(|| 2), Some((2, &'b')));
    }
}
