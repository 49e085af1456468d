//! The messages between the page and its workers: plain data, serde only.
//!
//! There are three kinds of worker. An engine worker has a backend and a model; it takes [`Request`]s and sends
//! [`EngineMessage`]s. A file worker reads files; it takes [`FileRequest`]s and sends [`FileMessage`]s. The decoder worker
//! draws images until an engine is ready ([`DecoderRequest`], [`DecoderMessage`]). All cross
//! `postMessage` as JavaScript values, each request in an [`Envelope`] whose id its response repeats.
//!
//! A worker sends the first message ([`WorkerMessage::Hello`]). Messages that arrive before it listens are dropped, so
//! nothing must be sent to it until then.

mod backend;
mod decoder;
mod envelope;
pub mod evidence;
mod files;
mod floats;
mod import;
mod model;
mod request;
mod response;
mod self_check;
mod training;

pub use backend::{Backend, UnknownBackend};
pub use decoder::{DecoderMessage, DecoderRequest};
pub use envelope::{Envelope, ErrorCode, RequestError, RequestId, WorkerMessage};
pub use files::{
    FileEvent, FileProblem, FileRequest, FileResponse, NO_LABEL, NamedFile, OwnShape, ProjectCheck,
    ProjectData, ProjectSettings, ReadImages, SampleImage, SheetBox, SheetFound,
};
pub use import::{
    CardOptions, ImportChoice, ImportLayer, ImportOptions, ImportQuestion, ImportReading,
    ImportSample,
};
pub use model::ModelInfo;
pub use request::Request;
pub use response::{Event, ImportedModel, Response};
pub use self_check::SelfCheck;
pub use spec::{
    Activation, ChannelScales, Conversion, ConvolutionConfig, ImageShape, Likelihood, McmcKernel,
    Objective, Polarity, ReadOptions, TrainingSpec, Transposition, VaeConfig,
};
pub use training::{
    Losses, TrainedModel, TrainingControl, TrainingPhase, TrainingProgress, TrainingSnapshot,
    TrainingStart,
};

/// A message of an engine worker.
pub type EngineMessage = WorkerMessage<Response, Event>;
/// A message of the file worker.
pub type FileMessage = WorkerMessage<FileResponse, FileEvent>;

/// Version of this protocol. Raise it with each change to a message.
///
/// The browser may keep an old worker in its cache beside a new page; the page compares this with
/// the version in [`WorkerMessage::Hello`] and reloads the worker when they differ.
pub const PROTOCOL_VERSION: u32 = 19;
