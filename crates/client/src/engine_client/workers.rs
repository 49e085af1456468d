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

/// A worker and the requests that it has not answered.
pub(super) struct EngineWorker {
    port: EnginePort,
    watchdog: Watchdog,
    unanswered: BTreeMap<RequestId, Purpose>,
    /// The model that was sent to it last.
    pub(super) model: Option<Rc<ModelFiles>>,
}

/// The purpose of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To give the current model to a worker that the selector starts.
    Start,
    /// To change the model of the active worker.
    Model(model_slot::Purpose),
    Decode,
    Encode,
    SelfCheck,
    Time,
    Import,
    Job,
}

impl Inner {
    /// Handles an event of the backend selector and executes the commands that follow.
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
                Some(files) => self.send_model(id, files, Purpose::Start),
                None => self.inbox.push_back(Input::Loaded(id)),
            },
            Command::SelfCheck(id) => self.send(id, Purpose::SelfCheck, Request::SelfCheck),
            Command::Time(id) => {
                self.send(id, Purpose::Time, Request::TimeDecode { runs: TIMED_RUNS });
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
                inner.borrow_mut().received(id, message);
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
                    unanswered: BTreeMap::new(),
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
        for (request, purpose) in &worker.unanswered {
            if *purpose == Purpose::Import {
                self.complete_import(*request, Err(stopped()));
            }
        }
        if self.active == Some(id) {
            self.active = None;
            self.publish(Change::Backend(None));
            self.update_models(model_slot::Input::WorkerStopped);
        }
        // Its listener may be running just now, so it is dropped later.
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

    /// Counts a second of the watchdogs.
    pub(super) fn tick(&mut self) {
        let hung: Vec<_> = self
            .workers
            .iter_mut()
            .filter_map(|(&id, worker)| {
                let seconds = worker.watchdog.tick(worker.unanswered.is_empty())?;
                Some((id, format!("it did not answer for {seconds} s")))
            })
            .collect();
        for (id, reason) in hung {
            self.select_backend(Input::Lost(id, reason));
        }
    }

    /// Sends a request and records its purpose.
    pub(super) fn send(&mut self, id: WorkerId, purpose: Purpose, body: Request) {
        self.last_request += 1;
        let request = Envelope {
            id: self.last_request,
            body,
        };
        let Some(worker) = self.workers.get_mut(&id) else {
            return;
        };
        worker.unanswered.insert(request.id, purpose);
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

    fn received(&mut self, id: WorkerId, message: Result<EngineMessage, String>) {
        let Some(worker) = self.workers.get_mut(&id) else {
            return;
        };
        let message = match message {
            Ok(message) => message,
            Err(reason) => return self.select_backend(Input::Lost(id, reason)),
        };
        let is_ready = matches!(message, WorkerMessage::Event(Event::Ready { .. }));
        worker.watchdog.heard(is_ready);
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
                let Some(purpose) = worker.unanswered.remove(&request) else {
                    return;
                };
                match body {
                    Ok(response) => self.answered(id, request, purpose, response),
                    Err(error) => self.failed(id, request, purpose, error),
                }
            }
        }
    }

    fn answered(&mut self, id: WorkerId, request: RequestId, purpose: Purpose, response: Response) {
        use model_slot::Purpose::{Current, Selected, Update};
        match (purpose, response) {
            (Purpose::Start | Purpose::Model(Current), Response::ModelLoaded(_)) => {
                self.select_backend(Input::Loaded(id));
            }
            (Purpose::Model(Selected), Response::ModelLoaded(info)) => {
                self.update_models(model_slot::Input::Loaded(info));
            }
            (Purpose::Model(Update), Response::ModelLoaded(info)) => {
                self.update_models(model_slot::Input::Updated(info));
            }
            (Purpose::Decode, Response::Decoded { pixels }) => self.decoded(request, pixels),
            (Purpose::Encode, Response::Encoded { mu, sigma }) => {
                self.encoded(request, mu, sigma);
            }
            (Purpose::Job, response) => self.complete_job(request, Ok(response)),
            (Purpose::SelfCheck, Response::SelfChecked(check)) => {
                self.select_backend(Input::Checked(id, check));
            }
            (Purpose::Time, Response::DecodeTimed { median_ms }) => {
                self.select_backend(Input::Timed(id, median_ms));
            }
            (Purpose::Import, Response::Imported(imported)) => {
                self.complete_import(request, Ok(imported));
            }
            _ => {
                let reason = "it sent an unexpected answer".to_owned();
                self.select_backend(Input::Lost(id, reason));
            }
        }
    }

    fn failed(&mut self, id: WorkerId, request: RequestId, purpose: Purpose, error: RequestError) {
        if error.is_fatal() {
            return self.select_backend(Input::Lost(id, error.message));
        }
        let message = error.message;
        match purpose {
            Purpose::Model(model_slot::Purpose::Selected) => {
                if let Some(worker) = self.workers.get_mut(&id) {
                    worker.model = self.models.current().cloned();
                }
                self.update_models(model_slot::Input::LoadFailed(message));
            }
            Purpose::Model(model_slot::Purpose::Update) => {
                self.platform.log(&format!("engine: {message}"));
                self.update_models(model_slot::Input::UpdateFailed);
            }
            // The next z or image may be valid, so these are not shown on the page.
            Purpose::Decode => {
                self.platform.log(&format!("decode: {message}"));
                self.decodes.complete(request);
                self.send_decode();
            }
            Purpose::Encode => {
                self.platform.log(&format!("encode: {message}"));
                self.encodes.complete(request);
                self.send_encode();
                self.send_job();
            }
            Purpose::Job => {
                self.platform.log(&format!("job: {message}"));
                self.complete_job(request, Err(message));
            }
            Purpose::Import => self.complete_import(request, Err(message)),
            // A worker that can't do what every worker can must be replaced.
            Purpose::Start
            | Purpose::Model(model_slot::Purpose::Current)
            | Purpose::SelfCheck
            | Purpose::Time => self.select_backend(Input::Lost(id, message)),
        }
    }
}
