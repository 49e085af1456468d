//! Workers: starting, stopping, sending requests, and receiving messages.

use super::{Inner, stopped};
use crate::{
    backend_selector::{Command, Input, WorkerId},
    change::{Change, EngineError},
    model_files::ModelFiles,
    model_slot,
    platform::EnginePort,
    watchdog::Watchdog,
};
use protocol::{
    Backend, EngineMessage, Envelope, Event, Request, RequestError, RequestId, Response,
    WorkerMessage,
};
use std::{collections::BTreeMap, rc::Rc};

/// Number of timed decodes when two backends are compared.
const TIMED_RUNS: u32 = 20;

/// A worker and its requests in flight.
pub(super) struct EngineWorker {
    port: EnginePort,
    watchdog: Watchdog,
    in_flight: BTreeMap<RequestId, RequestPurpose>,
    /// The model that was sent to it last.
    pub(super) model: Option<Rc<ModelFiles>>,
}

/// The purpose of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RequestPurpose {
    /// To give the current model to a worker that the selector starts.
    Start,
    /// To change the model of the active worker.
    Model(model_slot::LoadReason),
    Decode,
    Encode,
    SelfCheck,
    Time,
    Import,
    Job,
}

impl Inner {
    /// Passes an event to the backend selector and executes its commands.
    pub(super) fn select_backend(&mut self, input: Input) {
        self.inbox.push_back(input);
        while let Some(input) = self.inbox.pop_front() {
            for command in self.selector.handle(input) {
                self.execute(command);
            }
        }
    }

    fn execute(&mut self, command: Command) {
        match command {
            Command::Start { id, backend, fresh } => self.start(id, backend, fresh),
            Command::Stop(id) => self.stop(id),
            Command::Probe => self.probe(),
            Command::Load(id) => match self.models.current().cloned() {
                Some(files) => self.send_model(id, files, RequestPurpose::Start),
                None => self.inbox.push_back(Input::Loaded(id)),
            },
            Command::SelfCheck(id) => self.send(id, RequestPurpose::SelfCheck, Request::SelfCheck),
            Command::Time(id) => {
                self.send(
                    id,
                    RequestPurpose::Time,
                    Request::TimeDecode { runs: TIMED_RUNS },
                );
            }
            Command::Use(id, backend) => {
                self.active = Some(id);
                self.publish(Change::Backend(Some(backend)));
                let model = self
                    .workers
                    .get(&id)
                    .and_then(|worker| worker.model.clone());
                self.update_models(model_slot::Input::WorkerActive(model));
            }
            Command::Log(attempt) => {
                self.platform.log(&format!(
                    "backend: {}: {}",
                    attempt.backend, attempt.outcome
                ));
                self.publish(Change::Attempt(attempt));
            }
            Command::Notice(text) => self.publish(Change::Notice(text)),
            Command::GiveUp(message) => self.set_error(Some(EngineError::NoBackend { message })),
        }
    }

    fn start(&mut self, id: WorkerId, backend: Backend, fresh: bool) {
        let me = self.me.clone();
        let on_message = Box::new(move |message| {
            if let Some(inner) = me.upgrade() {
                inner.borrow_mut().handle_message(id, message);
            }
        });
        let name = format!("engine-{backend}");
        match self
            .platform
            .start_engine(backend, &name, fresh, on_message)
        {
            Ok(port) => {
                let worker = EngineWorker {
                    port,
                    watchdog: Watchdog::new(backend),
                    in_flight: BTreeMap::new(),
                    model: None,
                };
                self.workers.insert(id, worker);
            }
            Err(reason) => self.inbox.push_back(Input::Lost(id, reason)),
        }
    }

    fn stop(&mut self, id: WorkerId) {
        let Some(worker) = self.workers.remove(&id) else {
            return;
        };
        for (request, purpose) in &worker.in_flight {
            if *purpose == RequestPurpose::Import {
                self.complete_import(*request, Err(stopped()));
            }
        }
        if self.active == Some(id) {
            self.active = None;
            self.publish(Change::Backend(None));
            self.update_models(model_slot::Input::WorkerStopped);
        }
        // Dropped in a later task, because its listener may be running.
        self.platform.spawn(Box::pin(async move { drop(worker) }));
    }

    fn probe(&self) {
        let me = self.me.clone();
        let probe = self.platform.probe_webgpu();
        self.platform.spawn(Box::pin(async move {
            let result = probe.await;
            if let Some(inner) = me.upgrade() {
                inner.borrow_mut().select_backend(Input::Probed(result));
            }
        }));
    }

    /// Counts a tick of the watchdogs.
    pub(super) fn tick(&mut self) {
        let hung: Vec<_> = self
            .workers
            .iter_mut()
            .filter_map(|(&id, worker)| {
                let seconds = worker.watchdog.tick(worker.in_flight.is_empty())?;
                Some((id, format!("it did not respond for {seconds} s")))
            })
            .collect();
        for (id, reason) in hung {
            self.select_backend(Input::Lost(id, reason));
        }
    }

    /// Sends a request and records its purpose.
    pub(super) fn send(&mut self, id: WorkerId, purpose: RequestPurpose, body: Request) {
        self.last_request += 1;
        let request = Envelope {
            id: self.last_request,
            body,
        };
        let Some(worker) = self.workers.get_mut(&id) else {
            return;
        };
        worker.in_flight.insert(request.id, purpose);
        if let Err(reason) = worker.port.post(&request) {
            // A state machine may be executing commands just now, so it handles this later.
            let me = self.me.clone();
            self.platform.spawn(Box::pin(async move {
                if let Some(inner) = me.upgrade() {
                    inner.borrow_mut().select_backend(Input::Lost(id, reason));
                }
            }));
        }
    }

    fn handle_message(&mut self, id: WorkerId, message: Result<EngineMessage, String>) {
        let Some(worker) = self.workers.get_mut(&id) else {
            return;
        };
        let message = match message {
            Ok(message) => message,
            Err(reason) => return self.select_backend(Input::Lost(id, reason)),
        };
        let is_ready = matches!(message, WorkerMessage::Event(Event::Ready { .. }));
        worker.watchdog.message_received(is_ready);
        match message {
            WorkerMessage::Hello { protocol, .. } => {
                self.select_backend(Input::Hello(id, protocol));
            }
            WorkerMessage::Event(Event::Ready { device }) => {
                self.select_backend(Input::Ready(id, device));
            }
            WorkerMessage::Event(_) => {
                self.platform
                    .log("engine: an event of a training run from a worker without one");
            }
            WorkerMessage::Failed(error) => self.select_backend(Input::Lost(id, error.message)),
            WorkerMessage::Response(Envelope { id: request, body }) => {
                let Some(purpose) = worker.in_flight.remove(&request) else {
                    return;
                };
                match body {
                    Ok(response) => self.handle_response(id, request, purpose, response),
                    Err(error) => self.handle_error(id, request, purpose, error),
                }
            }
        }
    }

    fn handle_response(
        &mut self,
        id: WorkerId,
        request: RequestId,
        purpose: RequestPurpose,
        response: Response,
    ) {
        use model_slot::LoadReason::{Current, Selected, Update};
        match (purpose, response) {
            (RequestPurpose::Start | RequestPurpose::Model(Current), Response::ModelLoaded(_)) => {
                self.select_backend(Input::Loaded(id));
            }
            (RequestPurpose::Model(Selected), Response::ModelLoaded(info)) => {
                self.update_models(model_slot::Input::Loaded(info));
            }
            (RequestPurpose::Model(Update), Response::ModelLoaded(info)) => {
                self.update_models(model_slot::Input::Updated(info));
            }
            (RequestPurpose::Decode, Response::Decoded { pixels }) => self.decoded(request, pixels),
            (RequestPurpose::Encode, Response::Encoded { mu, sigma }) => {
                self.encoded(request, mu, sigma);
            }
            (RequestPurpose::Job, response) => self.complete_job(request, Ok(response)),
            (RequestPurpose::SelfCheck, Response::SelfChecked(check)) => {
                self.select_backend(Input::Checked(id, check));
            }
            (RequestPurpose::Time, Response::DecodeTimed { median_ms }) => {
                self.select_backend(Input::Timed(id, median_ms));
            }
            (RequestPurpose::Import, Response::Imported(imported)) => {
                self.complete_import(request, Ok(imported));
            }
            _ => {
                let reason = "it sent an unexpected response".to_owned();
                self.select_backend(Input::Lost(id, reason));
            }
        }
    }

    fn handle_error(
        &mut self,
        id: WorkerId,
        request: RequestId,
        purpose: RequestPurpose,
        error: RequestError,
    ) {
        if error.is_fatal() {
            return self.select_backend(Input::Lost(id, error.message));
        }
        let message = error.message;
        match purpose {
            RequestPurpose::Model(model_slot::LoadReason::Selected) => {
                if let Some(worker) = self.workers.get_mut(&id) {
                    worker.model = self.models.current().cloned();
                }
                self.update_models(model_slot::Input::LoadFailed(message));
            }
            RequestPurpose::Model(model_slot::LoadReason::Update) => {
                self.platform.log(&format!("engine: {message}"));
                self.update_models(model_slot::Input::UpdateFailed);
            }
            // The next z or image may be valid, so these are not shown on the page.
            RequestPurpose::Decode => {
                self.platform.log(&format!("decode: {message}"));
                self.decodes.complete(request);
                self.send_decode();
            }
            RequestPurpose::Encode => {
                self.platform.log(&format!("encode: {message}"));
                self.encodes.complete(request);
                self.send_encode();
                self.send_job();
            }
            RequestPurpose::Job => {
                self.platform.log(&format!("job: {message}"));
                self.complete_job(request, Err(message));
            }
            RequestPurpose::Import => self.complete_import(request, Err(message)),
            // Every worker must be able to do these, so this one is replaced.
            RequestPurpose::Start
            | RequestPurpose::Model(model_slot::LoadReason::Current)
            | RequestPurpose::SelfCheck
            | RequestPurpose::Time => self.select_backend(Input::Lost(id, message)),
        }
    }
}
