//! The client of the training worker: one run at a time, in a dedicated worker. The
//! [run supervisor](crate::run_supervisor) decides what to do; the client executes its commands.

use crate::{
    platform::{EnginePort, Platform},
    run_supervisor::{Command, Input, RunStatus, RunSupervisor, StartPoint, WorkerId},
    watchdog::{self, Watchdog},
};
use protocol::{
    Backend, EngineMessage, Envelope, Event, Request, RequestId, Response, TrainedModel,
    TrainingControl, TrainingProgress, TrainingSnapshot, TrainingSpec, TrainingStart, VaeConfig,
    WorkerMessage,
};
use serde::{Deserialize, Serialize};
use std::{
    cell::RefCell,
    collections::VecDeque,
    rc::{Rc, Weak},
    sync::Arc,
    time::Duration,
};

/// Handle to the client; clones are the same client.
#[derive(Clone)]
pub struct TrainingClient(Rc<RefCell<Inner>>);

/// A run to start.
#[derive(Debug, Clone, PartialEq)]
pub struct NewRun {
    /// How to train.
    pub spec: TrainingSpec,
    /// The weights to start from.
    pub initial_weights: InitialWeights,
}

/// The weights that a run starts from.
#[derive(Debug, Clone, PartialEq)]
pub enum InitialWeights {
    /// Random weights.
    Scratch(VaeConfig),
    /// The included model of this name.
    Pretrained(String),
}

/// A run's state, without the images, from which it can be resumed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// The specification of the run.
    #[serde(rename = "plan")]
    pub spec: TrainingSpec,
    /// Number of finished steps.
    pub step: u64,
    /// Seconds of training so far.
    pub seconds: f64,
    /// The bytes for [`TrainingStart::Checkpoint`].
    #[serde(skip)]
    pub bytes: Vec<u8>,
}

/// The description of a run, once its worker has started it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunInfo {
    /// The name of its model.
    pub name: String,
    /// Its backend.
    pub backend: Backend,
    /// Number of training images.
    pub training_images: usize,
    /// Number of held-out images.
    pub held_out_images: usize,
    /// Number of latent dimensions.
    pub latent_size: usize,
    /// Number of workers that share each batch.
    pub workers: u32,
}

/// What a run waits for before its first step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaitingFor {
    /// The initial weights are being fetched.
    Model,
    /// A worker on this backend is starting.
    Worker(Backend),
}

/// A change of the run.
#[derive(Debug, Clone, PartialEq)]
pub enum RunChange {
    /// Its status.
    Status(RunStatus),
    /// What it waits for.
    WaitingFor(Option<WaitingFor>),
    /// A worker has started it.
    Info(RunInfo),
    /// It reports numbers.
    Progress(TrainingProgress),
    /// It reports images.
    Snapshot(TrainingSnapshot),
    /// It reports its newest model; the flag says whether it is the run's first.
    Model(TrainedModel, bool),
    /// It has a new checkpoint.
    Checkpoint(Arc<Checkpoint>),
    /// Its loss diverged; it would resume with this learning rate.
    Diverged(String, f64),
    /// It failed, for this reason.
    Failed(String),
    /// A message that is not an error.
    Notice(String),
}

/// A worker.
struct TrainingWorker {
    id: WorkerId,
    port: EnginePort,
    watchdog: Watchdog,
    /// The request to train, until its response arrives.
    train_request: Option<RequestId>,
    /// Whether it has started the run.
    has_run: bool,
}

struct Run {
    spec: TrainingSpec,
    /// The initial weights; `None` while they are being fetched, and for a run of an earlier visit.
    start: Option<TrainingStart>,
    checkpoint: Option<Arc<Checkpoint>>,
    images: Arc<Vec<u8>>,
    has_model: bool,
}

struct Inner {
    me: Weak<RefCell<Inner>>,
    platform: Rc<dyn Platform>,
    listener: Box<dyn Fn(RunChange)>,
    supervisor: RunSupervisor,
    inbox: VecDeque<Input>,
    worker: Option<TrainingWorker>,
    run: Option<Run>,
    /// Number of runs so far, so that weights that were fetched for one run are not used for another.
    runs: u32,
    status: RunStatus,
    waiting_for: Option<WaitingFor>,
    last_request: RequestId,
}

impl TrainingClient {
    /// A client that publishes changes of its run to `listener`, which must not call the client. It starts nothing
    /// yet.
    pub fn new(platform: Rc<dyn Platform>, listener: impl Fn(RunChange) + 'static) -> Self {
        let inner = Rc::new_cyclic(|me: &Weak<RefCell<Inner>>| {
            RefCell::new(Inner {
                me: me.clone(),
                platform: platform.clone(),
                listener: Box::new(listener),
                supervisor: RunSupervisor::default(),
                inbox: VecDeque::new(),
                worker: None,
                run: None,
                runs: 0,
                status: RunStatus::default(),
                waiting_for: None,
                last_request: 0,
            })
        });
        let me = Rc::downgrade(&inner);
        platform.set_interval(
            Duration::from_secs(watchdog::TICK_SECONDS.into()),
            Box::new(move || {
                if let Some(inner) = me.upgrade() {
                    inner.borrow_mut().tick();
                }
            }),
        );
        Self(inner)
    }

    /// Starts a worker in advance, because a run may follow soon.
    pub fn prepare_worker(&self, backend: Backend) {
        self.0.borrow_mut().handle(Input::PrepareWorker(backend));
    }

    /// Stops the worker, unless it has a run.
    pub fn release_worker(&self) {
        self.0.borrow_mut().handle(Input::ReleaseWorker);
    }

    /// Starts a run on these images, `[n × 784]`, in place of one that is in progress, with at most this many steps
    /// per second.
    pub fn start(
        &self,
        run: NewRun,
        images: Arc<Vec<u8>>,
        backend: Backend,
        steps_per_second: Option<f64>,
    ) {
        let mut inner = self.0.borrow_mut();
        let (start, to_fetch) = match run.initial_weights {
            InitialWeights::Scratch(architecture) => {
                (Some(TrainingStart::Scratch { architecture }), None)
            }
            InitialWeights::Pretrained(name) => (None, Some(name)),
        };
        inner.runs += 1;
        inner.run = Some(Run {
            spec: run.spec,
            start,
            checkpoint: None,
            images,
            has_model: false,
        });
        inner.handle(Input::StartRun(backend));
        inner.limit_speed(steps_per_second);
        match to_fetch {
            None => inner.handle(Input::InitialWeightsReady),
            Some(name) => inner.fetch(name),
        }
    }

    /// Resumes a run of an earlier visit from its checkpoint.
    pub fn resume(
        &self,
        checkpoint: Arc<Checkpoint>,
        images: Arc<Vec<u8>>,
        backend: Backend,
        steps_per_second: Option<f64>,
    ) {
        let mut inner = self.0.borrow_mut();
        inner.runs += 1;
        inner.run = Some(Run {
            spec: checkpoint.spec.clone(),
            start: None,
            checkpoint: Some(checkpoint),
            images,
            has_model: false,
        });
        inner.handle(Input::ResumeRun(backend));
        inner.limit_speed(steps_per_second);
    }

    /// Pauses, resumes, steps, slows or ends the run.
    pub fn control(&self, control: TrainingControl) {
        self.0.borrow_mut().handle(Input::Control(control));
    }
}

impl Inner {
    fn publish(&self, change: RunChange) {
        (self.listener)(change);
    }

    /// Passes an event to the supervisor and executes its commands.
    fn handle(&mut self, input: Input) {
        self.inbox.push_back(input);
        while let Some(input) = self.inbox.pop_front() {
            for command in self.supervisor.handle(input) {
                self.execute(command);
            }
        }
        self.publish_waiting_for();
    }

    fn execute(&mut self, command: Command) {
        match command {
            Command::Start { id, backend, fresh } => self.start_worker(id, backend, fresh),
            Command::WarmUp(_) => {
                self.send(Request::WarmUp);
            }
            Command::Stop(id) => {
                if let Some(worker) = self.worker.take_if(|worker| worker.id == id) {
                    // Dropped in a later task, because its listener may be running.
                    self.platform.spawn(Box::pin(async move { drop(worker) }));
                }
            }
            Command::Train(_, from) => self.train(from),
            Command::Control(_, control) => {
                self.send(Request::ControlTraining(control));
            }
            Command::Status(status) => {
                if self.status != status {
                    self.status = status;
                    self.publish(RunChange::Status(status));
                }
            }
            Command::Notice(text) => {
                self.platform.log(&format!("training: {text}"));
                self.publish(RunChange::Notice(text));
            }
            Command::Fail(reason) => {
                self.platform.log(&format!("training: {reason}"));
                self.publish(RunChange::Failed(reason));
            }
        }
    }

    fn start_worker(&mut self, id: WorkerId, backend: Backend, fresh: bool) {
        let me = self.me.clone();
        let on_message = Box::new(move |message| {
            if let Some(inner) = me.upgrade() {
                inner.borrow_mut().handle_message(id, message);
            }
        });
        let name = format!("training-{backend}");
        match self
            .platform
            .start_engine(backend, &name, fresh, on_message)
        {
            Ok(port) => {
                self.worker = Some(TrainingWorker {
                    id,
                    port,
                    watchdog: Watchdog::for_training(backend),
                    train_request: None,
                    has_run: false,
                });
            }
            Err(reason) => self.inbox.push_back(Input::Lost(id, reason)),
        }
    }

    fn train(&mut self, from: StartPoint) {
        let Some(run) = &self.run else { return };
        let start = match (from, &run.checkpoint, &run.start) {
            (StartPoint::Checkpoint, Some(checkpoint), _) => TrainingStart::Checkpoint {
                seconds: checkpoint.seconds,
                bytes: checkpoint.bytes.clone(),
            },
            (_, _, Some(start)) => start.clone(),
            (_, _, None) => return,
        };
        let spec = run.spec.clone();
        let images = run.images.to_vec();
        let request = self.send(Request::Train {
            spec,
            start,
            images,
        });
        if let Some(worker) = &mut self.worker {
            (worker.train_request, worker.has_run) = (Some(request), false);
        }
    }

    fn send(&mut self, body: Request) -> RequestId {
        self.last_request += 1;
        let request = Envelope {
            id: self.last_request,
            body,
        };
        if let Some(worker) = &self.worker
            && let Err(reason) = worker.port.post(&request)
        {
            self.inbox.push_back(Input::Lost(worker.id, reason));
        }
        self.last_request
    }

    fn tick(&mut self) {
        let idle = !self.supervisor.is_waiting();
        let Some(worker) = &mut self.worker else {
            return;
        };
        if let Some(seconds) = worker.watchdog.tick(idle) {
            let id = worker.id;
            self.handle(Input::Lost(
                id,
                format!("it did not respond for {seconds} s"),
            ));
        }
    }

    fn publish_waiting_for(&mut self) {
        let waiting_for = match (&self.run, self.supervisor.backend()) {
            _ if !self.status.is_live() => None,
            (Some(run), _) if run.start.is_none() && run.checkpoint.is_none() => {
                Some(WaitingFor::Model)
            }
            _ if self.worker.as_ref().is_some_and(|worker| worker.has_run) => None,
            (_, backend) => backend.map(WaitingFor::Worker),
        };
        if self.waiting_for != waiting_for {
            self.waiting_for = waiting_for;
            self.publish(RunChange::WaitingFor(waiting_for));
        }
    }

    fn limit_speed(&mut self, steps_per_second: Option<f64>) {
        if steps_per_second.is_some() {
            let limit = TrainingControl::LimitSpeed { steps_per_second };
            self.handle(Input::Control(limit));
        }
    }

    fn fetch(&self, name: String) {
        let (me, number) = (self.me.clone(), self.runs);
        let fetched = self.platform.fetch_model(&name);
        self.platform.spawn(Box::pin(async move {
            let result = fetched.await;
            let Some(inner) = me.upgrade() else { return };
            let mut inner = inner.borrow_mut();
            if inner.runs != number {
                return;
            }
            match result {
                Ok(files) => {
                    if let Some(run) = &mut inner.run {
                        run.start = Some(TrainingStart::Pretrained {
                            card: files.card,
                            weights: files.weights,
                        });
                    }
                    inner.handle(Input::InitialWeightsReady);
                }
                Err(reason) => inner.handle(Input::Rejected(reason)),
            }
        }));
    }

    fn handle_message(&mut self, id: WorkerId, message: Result<EngineMessage, String>) {
        let Some(worker) = self.worker.as_mut().filter(|worker| worker.id == id) else {
            return;
        };
        let message = match message {
            Ok(message) => message,
            Err(reason) => return self.handle(Input::Lost(id, reason)),
        };
        let is_ready = matches!(message, WorkerMessage::Event(Event::Ready { .. }));
        worker.watchdog.message_received(is_ready);
        match message {
            WorkerMessage::Hello { protocol, .. } => self.handle(Input::Hello(id, protocol)),
            WorkerMessage::Failed(error) => self.handle(Input::Lost(id, error.message)),
            WorkerMessage::Response(Envelope { id: request, body }) => match body {
                Err(error) if error.is_fatal() => self.handle(Input::Lost(id, error.message)),
                Err(error) if worker.train_request == Some(request) => {
                    worker.train_request = None;
                    self.handle(Input::Rejected(error.message));
                }
                // A control can arrive just after the run has ended.
                Err(error) => self.platform.log(&format!("training: {error}")),
                Ok(started @ Response::TrainingStarted { .. })
                    if worker.train_request == Some(request) =>
                {
                    (worker.train_request, worker.has_run) = (None, true);
                    self.started(started);
                }
                Ok(Response::TrainingControlled { phase }) if worker.train_request.is_none() => {
                    self.handle(Input::Phase(id, phase));
                }
                Ok(_) => {}
            },
            WorkerMessage::Event(Event::Ready { .. }) => self.handle(Input::Ready(id)),
            // Until the worker has started the run, its events belong to the previous one.
            WorkerMessage::Event(event) if worker.train_request.is_none() => {
                self.handle_event(id, event);
            }
            WorkerMessage::Event(_) => {}
        }
    }

    fn started(&mut self, started: Response) {
        if let (
            Some(run),
            Some(backend),
            Response::TrainingStarted {
                training_images,
                held_out_images,
                latent_size,
                workers,
                ..
            },
        ) = (&self.run, self.supervisor.backend(), started)
        {
            self.publish(RunChange::Info(RunInfo {
                name: run.spec.name.clone(),
                backend,
                training_images,
                held_out_images,
                latent_size,
                workers,
            }));
            self.publish_waiting_for();
        }
    }

    fn handle_event(&mut self, id: WorkerId, event: Event) {
        let Some(run) = &mut self.run else { return };
        match event {
            Event::Ready { .. } => {}
            Event::TrainingProgress(progress) => {
                let phase = progress.phase;
                self.publish(RunChange::Progress(progress));
                self.handle(Input::Phase(id, phase));
            }
            Event::TrainingSnapshot(snapshot) => self.publish(RunChange::Snapshot(snapshot)),
            Event::TrainingModel { model, .. } => {
                let is_first = !std::mem::replace(&mut run.has_model, true);
                self.publish(RunChange::Model(model, is_first));
            }
            Event::Checkpoint {
                step,
                seconds,
                bytes,
            } => {
                let checkpoint = Arc::new(Checkpoint {
                    spec: run.spec.clone(),
                    step,
                    seconds,
                    bytes,
                });
                run.checkpoint = Some(checkpoint.clone());
                self.publish(RunChange::Checkpoint(checkpoint));
                self.handle(Input::Checkpoint(id));
            }
            Event::Diverged {
                message,
                learning_rate,
            } => self.publish(RunChange::Diverged(message, learning_rate)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake_browser::FakeBrowser;
    use protocol::PROTOCOL_VERSION;

    fn ready(browser: &FakeBrowser) {
        browser.run();
        let engine = browser.engine();
        engine.send(WorkerMessage::Hello {
            protocol: PROTOCOL_VERSION,
            backend: Some(Backend::Flex),
        });
        engine.send(WorkerMessage::Event(Event::Ready { device: None }));
    }

    /// The request to train that the newest worker received: its id and the start.
    fn train_request(browser: &FakeBrowser) -> (RequestId, TrainingStart) {
        let requests = browser.engine().take_requests();
        let train = requests.into_iter().find_map(|request| match request.body {
            Request::Train { start, .. } => Some((request.id, start)),
            _ => None,
        });
        train.expect("a request to train")
    }

    #[test]
    fn training_client_resumes_from_the_newest_checkpoint_after_a_crash() {
        let browser = Rc::new(FakeBrowser::default());
        let changes = Rc::<RefCell<Vec<RunChange>>>::default();
        let sink = changes.clone();
        let client = TrainingClient::new(browser.clone(), move |change| {
            sink.borrow_mut().push(change);
        });
        let run = NewRun {
            spec: TrainingSpec::default(),
            initial_weights: InitialWeights::Pretrained("a".to_owned()),
        };
        client.start(run, Arc::default(), Backend::Flex, None);
        ready(&browser);
        let (id, start) = train_request(&browser);
        assert!(
            matches!(start, TrainingStart::Pretrained { .. }),
            "{start:?}"
        );
        browser.engine().send(WorkerMessage::Response(Envelope {
            id,
            body: Ok(Response::TrainingStarted {
                training_images: 3,
                held_out_images: 0,
                latent_size: 2,
                step: 0,
                workers: 1,
            }),
        }));
        browser
            .engine()
            .send(WorkerMessage::Event(Event::Checkpoint {
                step: 10,
                seconds: 2.0,
                bytes: vec![1, 2],
            }));
        let crashed = browser.engine();
        crashed.crash("out of memory");
        ready(&browser);
        assert!(crashed.is_terminated());
        let (_, start) = train_request(&browser);
        assert_eq!(
            start,
            TrainingStart::Checkpoint {
                seconds: 2.0,
                bytes: vec![1, 2]
            }
        );
        let changes = changes.borrow();
        let waiting: Vec<_> = changes
            .iter()
            .filter_map(|change| match change {
                RunChange::WaitingFor(waiting_for) => Some(*waiting_for),
                _ => None,
            })
            .collect();
        let worker = Some(WaitingFor::Worker(Backend::Flex));
        assert_eq!(waiting, [Some(WaitingFor::Model), worker, None, worker]);
        assert!(matches!(
            changes.iter().find(|change| matches!(change, RunChange::Notice(_))),
            Some(RunChange::Notice(text)) if text.contains("checkpoint")
        ));
    }
}
