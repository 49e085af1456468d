//! What the page and its workers say to each other: plain data, serde only.
//!
//! The page sends [`Request`]s, a worker answers with [`Event`]s. Both cross `postMessage` as
//! JavaScript values. A worker speaks first ([`Event::Hello`]): it drops whatever arrives before it
//! listens, so the page sends nothing until then.

mod backend;
mod event;
pub mod evidence;
mod floats;
mod import;
mod intake;
mod model;
mod request;
mod training;

pub use backend::{Backend, UnknownBackend};
pub use event::{ErrorCode, Event, SelfCheck};
pub use import::ImportGuess;
pub use intake::{
    FileProblem, IntakeEvent, IntakeRequest, NO_LABEL, NamedFile, SheetBox, SheetFound,
};
pub use model::ModelInfo;
pub use request::Request;
pub use spec::{Activation, Likelihood, McmcKernel, TrainingSpec, VaeConfig};
pub use training::{Control, Losses, Phase, Pictures, Progress, Start, TrainedModel};

/// Version of this protocol. Raise it with each change to [`Request`] or [`Event`].
///
/// The browser may keep an old worker in its cache beside a new page; the page compares this with
/// what [`Event::Hello`] carries and reloads the worker when they differ.
pub const PROTOCOL_VERSION: u32 = 10;

/// Ties an answer to its request. The page counts up; `0` is never used.
pub type RequestId = u32;
