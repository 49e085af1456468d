//! One job in flight and one waiting, which a newer job replaces: only the newest z is decoded.

/// Keeps at most one job in flight and at most one waiting.
///
/// A drag makes jobs faster than a slow backend completes them. With a queue, the image would lag behind the
/// pointer more and more.
#[derive(Debug)]
pub struct CoalescingSlot<T> {
    in_flight: Option<(u32, T)>,
    waiting: Option<T>,
    paused: bool,
}

impl<T> CoalescingSlot<T> {
    /// An empty slot, paused until [`resume`](Self::resume).
    pub fn paused() -> Self {
        Self {
            in_flight: None,
            waiting: None,
            paused: true,
        }
    }

    /// Adds a job, in place of the one that waits.
    pub fn put(&mut self, job: T) {
        self.waiting = Some(job);
    }

    /// Adds a job unless one waits already.
    pub fn put_if_empty(&mut self, job: T) {
        self.waiting.get_or_insert(job);
    }

    /// Starts no job until [`resume`](Self::resume), because the worker is being replaced or loads a model. The job in
    /// flight is dropped, so its response will be stale.
    pub fn pause(&mut self) {
        self.paused = true;
        self.in_flight = None;
    }

    /// Starts jobs again after [`pause`](Self::pause).
    pub fn resume(&mut self) {
        self.paused = false;
    }

    /// The job to start now, if one waits, none is in flight, and the slot is not paused. `id` identifies its
    /// response.
    pub fn next(&mut self, id: impl FnOnce() -> u32) -> Option<(u32, &T)> {
        if self.paused || self.in_flight.is_some() {
            return None;
        }
        let job = self.waiting.take()?;
        let (id, job) = self.in_flight.insert((id(), job));
        Some((*id, job))
    }

    /// Whether a job waits, or the slot is paused.
    pub fn is_waiting(&self) -> bool {
        self.paused || self.waiting.is_some()
    }

    /// Whether a job is in flight or waits, or the slot is paused.
    pub fn is_busy(&self) -> bool {
        self.paused || self.in_flight.is_some() || self.waiting.is_some()
    }

    /// Completes the job in flight and returns it; `None` if the response is stale.
    pub fn complete(&mut self, id: u32) -> Option<T> {
        self.in_flight
            .take_if(|(expected, _)| *expected == id)
            .map(|(_, job)| job)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resumed() -> CoalescingSlot<char> {
        let mut slot = CoalescingSlot::paused();
        slot.resume();
        slot
    }

    #[test]
    fn coalescing_slot_runs_one_job_and_then_the_newest() {
        let mut slot = resumed();
        slot.put('a');
        assert_eq!(slot.next(|| 1), Some((1, &'a')));
        slot.put('b');
        slot.put('c');
        assert_eq!(slot.next(|| 2), None, "one at a time");
        assert_eq!(slot.complete(1), Some('a'));
        assert_eq!(slot.next(|| 2), Some((2, &'c')), "b was replaced");
        assert!(slot.is_busy() && !slot.is_waiting());
        assert_eq!(slot.complete(2), Some('c'));
        assert!(!slot.is_busy());
        assert_eq!(slot.next(|| 3), None);
    }

    #[test]
    fn coalescing_slot_complete_ignores_stale_responses() {
        let mut slot = resumed();
        slot.put('a');
        slot.next(|| 1);
        assert_eq!(slot.complete(7), None);
        assert_eq!(slot.complete(1), Some('a'));
        assert_eq!(slot.complete(1), None, "only once");
    }

    #[test]
    fn coalescing_slot_pause_drops_the_job_in_flight_and_keeps_the_waiting_one() {
        let mut slot = resumed();
        slot.put('a');
        slot.next(|| 1);
        slot.pause();
        slot.put('b');
        assert_eq!(slot.complete(1), None, "from before the pause");
        assert_eq!(slot.next(|| 2), None, "paused");
        assert!(slot.is_waiting());
        slot.resume();
        assert_eq!(slot.next(|| 2), Some((2, &'b')));
    }
}
