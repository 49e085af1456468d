//! Whether this module's own passes through a network are taken.

use std::cell::Cell;

thread_local! {
    static FAST: Cell<bool> = const { Cell::new(true) };
}

/// Whether models on this thread are computed by the crate's own passes, where their numbers lie in this
/// program's memory, rather than by burn's operations. They are from the start.
pub fn is_fast() -> bool {
    FAST.get()
}

/// Says whether models on this thread are computed by the crate's own passes, where that is possible, or by
/// burn's operations: to compare with those, which are the reference, or where they are faster, as on a native
/// processor with wider registers and more threads than a browser gives. What was prepared before
/// ([`InferenceModel`](crate::InferenceModel)) stays as it is.
pub fn set_fast(fast: bool) {
    FAST.set(fast);
}
