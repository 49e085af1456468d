//! The page's side of the workers, without a user interface.
//!
//! [`EngineClient`] keeps a worker and a model ready and serves requests asynchronously, [`FileClient`] reads files, and
//! [`TrainingClient`](training_client::TrainingClient) runs training in a dedicated worker. The state machines under it
//! are pure: they take events and return commands, so that every order of events can be a unit test. The browser is
//! behind [`Platform`], which tests replace.

pub mod backend_choice;
pub mod backend_selector;
pub mod batch_sizer;
pub mod change;
pub mod coalescing_slot;
mod engine_client;
#[cfg(test)]
mod fake_browser;
mod file_client;
mod first_decoder;
mod jobs;
pub mod model_files;
mod model_slot;
pub mod platform;
pub mod run_supervisor;
pub mod training_client;
pub mod watchdog;

pub use engine_client::{EngineClient, StateDictFile};
pub use file_client::{FileClient, ReadFiles};
pub use jobs::JobError;
pub use platform::Platform;
