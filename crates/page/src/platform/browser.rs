//! The browser, as the client needs it.

use crate::dom;
use crate::platform::build_id::BUILD_ID;
use crate::platform::{engine_worker, first_digit, model_fetch, webgpu_probe};
use client::{
    model_files::ModelFiles,
    platform::{EnginePort, FilePort, LocalFuture, Platform, StartedDecoder},
};
use leptos::prelude::{set_interval, set_timeout};
use protocol::{Backend, DecoderMessage, EngineMessage, FileMessage};
use std::cell::RefCell;
use std::time::Duration;
use worker::{Bytes, OnMessage};

/// The platform of the page's clients.
#[derive(Default)]
pub(crate) struct Browser {
    decoder: RefCell<Option<first_digit::Decoder>>,
}

impl Browser {
    /// The browser, with the decoder worker that was started before the page's program.
    pub(crate) fn new(decoder: Option<first_digit::Decoder>) -> Self {
        Self {
            decoder: RefCell::new(decoder),
        }
    }
}

impl Platform for Browser {
    fn now(&self) -> f64 {
        dom::now()
    }

    fn spawn(&self, future: LocalFuture<()>) {
        wasm_bindgen_futures::spawn_local(future);
    }

    fn defer(&self, callback: Box<dyn FnOnce()>) {
        set_timeout(callback, Duration::ZERO);
    }

    fn set_interval(&self, period: Duration, callback: Box<dyn Fn()>) {
        set_interval(callback, period);
    }

    fn start_engine(
        &self,
        backend: Backend,
        name: &str,
        fresh: bool,
        on_message: OnMessage<EngineMessage>,
    ) -> Result<EnginePort, String> {
        engine_worker::spawn(backend, name, fresh, on_message)
    }

    fn take_decoder(&self, on_message: OnMessage<DecoderMessage>) -> Option<StartedDecoder> {
        self.decoder
            .take()
            .map(|decoder| decoder.listen(on_message))
    }

    fn start_file_worker(
        &self,
        on_message: OnMessage<(FileMessage, Vec<Bytes>)>,
    ) -> Result<FilePort, String> {
        let url = format!("./intake-worker.js?v={BUILD_ID}");
        worker::spawn_with_bytes(&url, "intake", on_message)
    }

    fn probe_webgpu(&self) -> LocalFuture<Result<(), String>> {
        Box::pin(webgpu_probe::probe())
    }

    fn fetch_model(&self, name: &str) -> LocalFuture<Result<ModelFiles, String>> {
        let name = name.to_owned();
        Box::pin(async move {
            let fetched = model_fetch::fetch_model(&name).await;
            fetched.map_err(|error| error.to_string())
        })
    }

    fn log(&self, message: &str) {
        leptos::logging::log!("{message}");
    }
}
