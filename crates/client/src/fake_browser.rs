//! A browser whose clock, tasks and workers a test controls.

use crate::{
    model_files::ModelFiles,
    platform::{EnginePort, FilePort, LocalFuture, Platform, StartedDecoder},
};
use protocol::{
    Backend, DecoderMessage, DecoderRequest, EngineMessage, Envelope, FileMessage, FileRequest,
    Request,
};
use std::{
    cell::{Cell, RefCell},
    future::Future,
    pin::pin,
    task::{Context, Poll, Waker},
    time::Duration,
};
use worker::{Bytes, FakeWorker, OnMessage};

/// An engine worker.
pub(crate) type Engine = FakeWorker<Envelope<Request>, EngineMessage>;
/// A decoder worker.
pub(crate) type DecoderWorker = FakeWorker<DecoderRequest, DecoderMessage>;
/// A file worker.
pub(crate) type FileWorker = FakeWorker<Envelope<FileRequest>, (FileMessage, Vec<Bytes>)>;

/// See the [module](self).
#[derive(Default)]
pub(crate) struct FakeBrowser {
    /// The time in milliseconds.
    pub(crate) now: Cell<f64>,
    tasks: RefCell<Vec<LocalFuture<()>>>,
    engines: RefCell<Vec<Engine>>,
    file_workers: RefCell<Vec<FileWorker>>,
    /// The name of the model whose decoder worker was started before the page's program.
    pub(crate) decoder_of: RefCell<Option<String>>,
    decoder: RefCell<Option<DecoderWorker>>,
    intervals: RefCell<Vec<Box<dyn Fn()>>>,
}

impl FakeBrowser {
    /// Runs all tasks, and those that they start.
    pub(crate) fn run(&self) {
        loop {
            let tasks = self.tasks.take();
            if tasks.is_empty() {
                return;
            }
            for mut task in tasks {
                assert!(
                    poll(&mut task).is_some(),
                    "a task of the client must not wait"
                );
            }
        }
    }

    /// Lets one period of all intervals pass.
    pub(crate) fn tick(&self) {
        for callback in self.intervals.borrow().iter() {
            callback();
        }
    }

    /// The engine worker that was started last.
    pub(crate) fn engine(&self) -> Engine {
        self.engines.borrow().last().expect("a worker").clone()
    }

    /// The decoder worker that the client took over.
    pub(crate) fn decoder(&self) -> DecoderWorker {
        self.decoder.borrow().clone().expect("a worker")
    }

    /// The file worker that was started last.
    pub(crate) fn file_worker(&self) -> FileWorker {
        self.file_workers.borrow().last().expect("a worker").clone()
    }
}

/// The output of a future that is ready.
pub(crate) fn poll<T>(future: &mut (impl Future<Output = T> + Unpin)) -> Option<T> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    }
}

impl Platform for FakeBrowser {
    fn now(&self) -> f64 {
        self.now.get()
    }

    fn spawn(&self, future: LocalFuture<()>) {
        self.tasks.borrow_mut().push(future);
    }

    fn defer(&self, callback: Box<dyn FnOnce()>) {
        self.spawn(Box::pin(async move { callback() }));
    }

    fn set_interval(&self, _: Duration, callback: Box<dyn Fn()>) {
        self.intervals.borrow_mut().push(callback);
    }

    fn start_engine(
        &self,
        _: Backend,
        name: &str,
        _: bool,
        on_message: OnMessage<EngineMessage>,
    ) -> Result<EnginePort, String> {
        let (engine, port) = Engine::start(name, on_message);
        self.engines.borrow_mut().push(engine);
        Ok(port)
    }

    fn take_decoder(&self, on_message: OnMessage<DecoderMessage>) -> Option<StartedDecoder> {
        let model = self.decoder_of.take()?;
        let (worker, port) = DecoderWorker::start("decoder", on_message);
        self.decoder.replace(Some(worker));
        Some(StartedDecoder {
            port,
            model,
            last_request: 4,
        })
    }

    fn start_file_worker(
        &self,
        on_message: OnMessage<(FileMessage, Vec<Bytes>)>,
    ) -> Result<FilePort, String> {
        let (worker, port) = FileWorker::start("files", on_message);
        self.file_workers.borrow_mut().push(worker);
        Ok(port)
    }

    fn probe_webgpu(&self) -> LocalFuture<Result<(), String>> {
        Box::pin(async { Err("there is no adapter".to_owned()) })
    }

    fn fetch_model(&self, name: &str) -> LocalFuture<Result<ModelFiles, String>> {
        let name = name.to_owned();
        Box::pin(async {
            Ok(ModelFiles {
                name,
                card: "{}".to_owned(),
                weights: vec![1],
            })
        })
    }

    fn log(&self, _: &str) {}
}
