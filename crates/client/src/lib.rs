//! The page's side of the workers, without a user interface.
//!
//! Each state machine here is pure: it takes events and returns commands, so that every order of events can be a unit
//! test. What executes the commands is asynchronous and touches the browser only through a seam that tests replace.

pub mod backend_choice;
pub mod backend_selector;
pub mod batch_sizer;
pub mod coalescing_slot;
pub mod run_supervisor;
pub mod watchdog;
