//! What the client needs from the browser. Tests replace it.

use crate::model_files::ModelFiles;
use protocol::{
    Backend, DecoderMessage, DecoderRequest, EngineMessage, Envelope, FileMessage, FileRequest,
    Request,
};
use std::{future::Future, pin::Pin, time::Duration};
use worker::{Bytes, OnMessage, Port};

/// A future that runs on the page's thread.
pub type LocalFuture<Output> = Pin<Box<dyn Future<Output = Output>>>;

/// An engine worker's port.
pub type EnginePort = Box<dyn Port<Envelope<Request>>>;

/// The file worker's port.
pub type FilePort = Box<dyn Port<Envelope<FileRequest>>>;

/// The decoder worker's port.
pub type DecoderPort = Box<dyn Port<DecoderRequest>>;

/// The decoder worker, which was started before the page's program.
pub struct StartedDecoder {
    /// The port to it.
    pub port: DecoderPort,
    /// The name of its model.
    pub model: String,
    /// The id of the last request that was sent to it.
    pub last_request: u32,
}

/// The browser, as far as the client needs it.
pub trait Platform {
    /// The time in milliseconds, on the clock of input events' time stamps.
    fn now(&self) -> f64;

    /// Runs a future, starting after the current task has ended.
    fn spawn(&self, future: LocalFuture<()>);

    /// Calls back in a later turn of the event loop.
    fn defer(&self, callback: Box<dyn FnOnce()>);

    /// Calls back at this interval, for the life of the page.
    fn set_interval(&self, period: Duration, callback: Box<dyn Fn()>);

    /// Starts the engine worker of a backend, with this name in the browser's tools. `fresh` bypasses the browser's
    /// cache. The callback must not be called before this returns.
    ///
    /// # Errors
    /// Why it can't be started.
    fn start_engine(
        &self,
        backend: Backend,
        name: &str,
        fresh: bool,
        on_message: OnMessage<EngineMessage>,
    ) -> Result<EnginePort, String>;

    /// Takes over the decoder worker, if one was started. The callback must not be called before this returns.
    fn take_decoder(&self, on_message: OnMessage<DecoderMessage>) -> Option<StartedDecoder>;

    /// Starts the file worker, which sends images beside its messages. The callback must not be called before this
    /// returns.
    ///
    /// # Errors
    /// Why it can't be started.
    fn start_file_worker(
        &self,
        on_message: OnMessage<(FileMessage, Vec<Bytes>)>,
    ) -> Result<FilePort, String>;

    /// Asks the browser for a WebGPU adapter; the error says why there is none.
    fn probe_webgpu(&self) -> LocalFuture<Result<(), String>>;

    /// Fetches an included model; the error is to be shown to the user.
    fn fetch_model(&self, name: &str) -> LocalFuture<Result<ModelFiles, String>>;

    /// Logs a message to the console.
    fn log(&self, message: &str);
}
