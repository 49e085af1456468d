//! The page's side of training: a worker of its own, the run it makes, and what comes of it.
//!
//! Nothing above this module knows of that worker: the page begins and controls runs
//! ([`Trainer`]), and reads how they go from signals ([`TrainingView`]). What to do when is
//! [`run_supervisor`]'s decision.

use crate::client::run_supervisor::{Command, Input, RunSupervisor, StartPoint, WorkerId};
use crate::client::watchdog::Watchdog;
use crate::client::{engine_worker, model_files, watchdog};
use crate::features::train::form::validate::{InitialWeights, NewRun};
use crate::features::train::state::{Checkpoint, Divergence, RunInfo, TrainingView};
use crate::state::notices::Notices;
use client::platform::EnginePort;
use leptos::{
    logging,
    prelude::{GetUntracked as _, Set as _, WithUntracked as _, set_interval},
};
use protocol::{
    Backend, EngineMessage, Envelope, Event, Request, RequestId, Response, TrainedModel,
    TrainingControl, TrainingProgress, TrainingSpec, TrainingStart, WorkerMessage,
};
use std::{
    cell::RefCell,
    collections::VecDeque,
    rc::{Rc, Weak},
    sync::Arc,
    time::Duration,
};

/// Handle to the training client; clones are the same one.
#[derive(Clone)]
pub(crate) struct Trainer(Rc<RefCell<Inner>>);

/// What is done with each model of a run; the second value is whether it is the run's first.
type OnModel = Box<dyn Fn(TrainedModel, bool)>;

impl Trainer {
    /// A client that shows what it does in `view`, and starts nothing yet. Each model that a run
    /// comes to is given to `on_model`.
    pub(crate) fn new(
        view: TrainingView,
        notices: Notices,
        on_model: impl Fn(TrainedModel, bool) + 'static,
    ) -> Self {
        let inner = Rc::new_cyclic(|me: &Weak<RefCell<Inner>>| {
            RefCell::new(Inner {
                me: me.clone(),
                view,
                notices,
                on_model: Box::new(on_model),
                supervisor: RunSupervisor::default(),
                inbox: VecDeque::new(),
                seat: None,
                job: None,
                jobs: 0,
                last_request: 0,
            })
        });
        let me = Rc::downgrade(&inner);
        set_interval(
            move || {
                if let Some(inner) = me.upgrade() {
                    inner.borrow_mut().tick();
                }
            },
            Duration::from_secs(watchdog::TICK_SECONDS.into()),
        );
        Self(inner)
    }

    /// Has a worker ready: a run may follow soon.
    pub(crate) fn warm(&self, backend: Backend) {
        self.0.borrow_mut().feed(Input::Warm(backend));
    }

    /// Lets the worker go, unless it makes a run.
    pub(crate) fn cool(&self) {
        self.0.borrow_mut().feed(Input::Cool);
    }

    /// Begins a run on these digits, `[n × 784]`, in place of one that is under way.
    pub(crate) fn begin(&self, run: NewRun, images: Vec<u8>, backend: Backend) {
        self.0.borrow_mut().begin(run, images, backend);
    }

    /// Goes on with the run of an earlier visit, from its newest checkpoint.
    pub(crate) fn go_on(&self, backend: Backend) {
        self.0.borrow_mut().go_on(backend);
    }

    /// Holds, resumes, steps, slows or ends the run.
    pub(crate) fn control(&self, control: TrainingControl) {
        let mut inner = self.0.borrow_mut();
        if matches!(
            control,
            TrainingControl::Resume | TrainingControl::Stop | TrainingControl::StepOnce
        ) {
            inner.view.divergence.set(None);
        }
        inner.feed(Input::Control(control));
    }
}

/// The worker.
struct Seat {
    id: WorkerId,
    worker: EnginePort,
    watchdog: Watchdog,
    /// The request to train that it has not answered yet.
    asked: Option<RequestId>,
    /// Whether it has taken up a run.
    taken_up: bool,
}

/// The run.
struct Job {
    plan: TrainingSpec,
    /// What it starts from; none while that is on its way, and for a run of an earlier visit, which
    /// has a checkpoint.
    start: Option<TrainingStart>,
    images: Arc<Vec<u8>>,
    has_model: bool,
}

struct Inner {
    me: Weak<RefCell<Inner>>,
    view: TrainingView,
    notices: Notices,
    on_model: OnModel,
    supervisor: RunSupervisor,
    inbox: VecDeque<Input>,
    seat: Option<Seat>,
    job: Option<Job>,
    /// Number of jobs so far, so that what was fetched for one is not taken for another's.
    jobs: u32,
    last_request: RequestId,
}

// The course, and what it commands.
impl Inner {
    fn feed(&mut self, input: Input) {
        self.inbox.push_back(input);
        while let Some(input) = self.inbox.pop_front() {
            for command in self.supervisor.handle(input) {
                self.execute(command);
            }
        }
        self.say_what_it_waits_for();
    }

    fn execute(&mut self, command: Command) {
        match command {
            Command::Start { id, backend, fresh } => self.start_worker(id, backend, fresh),
            Command::WarmUp(_) => {
                self.send(Request::WarmUp);
            }
            Command::Stop(id) => {
                if let Some(seat) = self.seat.take_if(|seat| seat.id == id) {
                    // Later, because one of its listeners may be what is running just now.
                    wasm_bindgen_futures::spawn_local(async move { drop(seat) });
                }
            }
            Command::Train(_, from) => self.train(from),
            Command::Control(_, control) => {
                self.send(Request::ControlTraining(control));
            }
            Command::Status(status) => {
                if self.view.status.get_untracked() != status {
                    self.view.status.set(status);
                }
            }
            Command::Notice(text) => {
                logging::warn!("training: {text}");
                self.notices.show(text);
            }
            Command::Fail(why) => {
                logging::error!("training: {why}");
                self.view.divergence.set(None);
                self.view.error.set(Some(why));
            }
        }
    }

    fn start_worker(&mut self, id: WorkerId, backend: Backend, fresh: bool) {
        let me = self.me.clone();
        let name = format!("training-{backend}");
        let spawned = engine_worker::spawn(
            backend,
            &name,
            fresh,
            Box::new(move |message| {
                if let Some(inner) = me.upgrade() {
                    inner.borrow_mut().received(id, message);
                }
            }),
        );
        match spawned {
            Ok(worker) => {
                self.seat = Some(Seat {
                    id,
                    worker,
                    watchdog: Watchdog::for_training(backend),
                    asked: None,
                    taken_up: false,
                });
            }
            Err(why) => self.inbox.push_back(Input::Lost(id, why)),
        }
    }

    fn train(&mut self, from: StartPoint) {
        let Some(job) = &self.job else { return };
        let checkpoint = self.view.checkpoint.get_untracked();
        let start = match (from, checkpoint) {
            (StartPoint::Checkpoint, Some(checkpoint)) => TrainingStart::Checkpoint {
                seconds: checkpoint.seconds,
                bytes: checkpoint.bytes.clone(),
            },
            _ => match &job.start {
                Some(start) => start.clone(),
                None => return,
            },
        };
        let plan = job.plan.clone();
        let images = job.images.to_vec();
        let asked = self.send(Request::Train {
            spec: plan,
            start,
            images,
        });
        if let Some(seat) = &mut self.seat {
            (seat.asked, seat.taken_up) = (Some(asked), false);
        }
    }

    fn send(&mut self, body: Request) -> RequestId {
        self.last_request += 1;
        let request = Envelope {
            id: self.last_request,
            body,
        };
        if let Some(seat) = &self.seat
            && let Err(why) = seat.worker.post(&request)
        {
            self.inbox.push_back(Input::Lost(seat.id, why));
        }
        self.last_request
    }

    fn tick(&mut self) {
        let idle = !self.supervisor.is_waiting();
        let Some(seat) = &mut self.seat else { return };
        if let Some(seconds) = seat.watchdog.tick(idle) {
            let id = seat.id;
            self.feed(Input::Lost(id, format!("it was silent for {seconds} s")));
        }
    }

    fn say_what_it_waits_for(&self) {
        let has_checkpoint = self.view.checkpoint.with_untracked(Option::is_some);
        let waiting_for = match (&self.job, self.supervisor.backend()) {
            _ if !self.view.status.get_untracked().is_live() => None,
            (Some(job), _) if job.start.is_none() && !has_checkpoint => {
                Some("Fetching the model…".to_owned())
            }
            _ if self.seat.as_ref().is_some_and(|seat| seat.taken_up) => None,
            (_, Some(backend)) => Some(format!("Starting a worker on {backend}…")),
            _ => None,
        };
        if self.view.waiting_for.get_untracked() != waiting_for {
            self.view.waiting_for.set(waiting_for);
        }
    }
}

// Runs.
impl Inner {
    fn begin(&mut self, run: NewRun, images: Vec<u8>, backend: Backend) {
        let images = Arc::new(images);
        self.view.start(images.clone());
        self.jobs += 1;
        let NewRun {
            spec: plan,
            initial_weights: start,
        } = run;
        let (start, to_fetch) = match start {
            InitialWeights::Scratch(architecture) => {
                (Some(TrainingStart::Scratch { architecture }), None)
            }
            InitialWeights::Pretrained(name) => (None, Some(name)),
        };
        self.job = Some(Job {
            plan,
            start,
            images,
            has_model: false,
        });
        self.feed(Input::Begin(backend));
        self.keep_pace();
        match to_fetch {
            None => self.feed(Input::StartReady),
            Some(name) => self.fetch_start(name),
        }
    }

    fn go_on(&mut self, backend: Backend) {
        let Some(checkpoint) = self.view.checkpoint.get_untracked() else {
            return;
        };
        self.view.resume();
        self.jobs += 1;
        self.job = Some(Job {
            plan: checkpoint.spec.clone(),
            start: None,
            images: self.view.images.get_untracked(),
            has_model: false,
        });
        self.feed(Input::Resume(backend));
        self.keep_pace();
    }

    fn keep_pace(&mut self) {
        if self.view.slow.get_untracked() {
            self.feed(Input::Control(TrainingControl::LimitSpeed {
                steps_per_second: Some(SLOW_MOTION),
            }));
        }
    }

    fn fetch_start(&self, name: String) {
        let (me, number) = (self.me.clone(), self.jobs);
        wasm_bindgen_futures::spawn_local(async move {
            let result = model_files::fetch_model(&name).await;
            let Some(inner) = me.upgrade() else { return };
            let mut inner = inner.borrow_mut();
            if inner.jobs != number {
                return;
            }
            match result {
                Ok(files) => {
                    if let Some(job) = &mut inner.job {
                        job.start = Some(TrainingStart::Pretrained {
                            card: files.card,
                            weights: files.weights,
                        });
                    }
                    inner.feed(Input::StartReady);
                }
                Err(error) => inner.feed(Input::Rejected(error.to_string())),
            }
        });
    }
}

/// Steps a second in slow motion: each can be followed by eye.
pub(crate) const SLOW_MOTION: f64 = 2.0;

// What the worker says.
impl Inner {
    fn received(&mut self, id: WorkerId, message: Result<EngineMessage, String>) {
        let Some(seat) = self.seat.as_mut().filter(|seat| seat.id == id) else {
            return;
        };
        let message = match message {
            Ok(message) => message,
            Err(why) => return self.feed(Input::Lost(id, why)),
        };
        seat.watchdog
            .heard(matches!(message, WorkerMessage::Event(Event::Ready { .. })));
        match message {
            WorkerMessage::Hello { protocol, .. } => self.feed(Input::Hello(id, protocol)),
            WorkerMessage::Failed(error) => self.feed(Input::Lost(id, error.message)),
            WorkerMessage::Response(Envelope { id: request, body }) => match body {
                Err(error) if error.is_fatal() => self.feed(Input::Lost(id, error.message)),
                Err(error) if seat.asked == Some(request) => {
                    seat.asked = None;
                    self.feed(Input::Rejected(error.message));
                }
                // A control that came too late: the run had just ended.
                Err(error) => logging::warn!("training: {error}"),
                Ok(started @ Response::TrainingStarted { .. }) if seat.asked == Some(request) => {
                    (seat.asked, seat.taken_up) = (None, true);
                    self.started(started);
                }
                Ok(Response::TrainingControlled { phase }) if seat.asked.is_none() => {
                    self.feed(Input::Phase(id, phase));
                }
                Ok(_) => {}
            },
            WorkerMessage::Event(Event::Ready { .. }) => self.feed(Input::Ready(id)),
            // Until the run is taken up, reports are another run's.
            WorkerMessage::Event(event) if seat.asked.is_none() => self.reported(id, event),
            WorkerMessage::Event(_) => {}
        }
    }

    fn reported(&mut self, id: WorkerId, event: Event) {
        match event {
            Event::Ready { .. } => {}
            Event::TrainingProgress(progress) => self.progressed(id, progress),
            Event::TrainingSnapshot(snapshot) => {
                self.view.snapshot.set(Some(Arc::new(snapshot)));
            }
            Event::TrainingModel { model, .. } => self.model(model),
            Event::Checkpoint {
                step,
                seconds,
                bytes,
            } => self.checkpoint(id, step, seconds, bytes),
            Event::Diverged {
                message,
                learning_rate,
            } => self.view.divergence.set(Some(Divergence {
                message,
                learning_rate,
            })),
        }
    }

    fn started(&mut self, started: Response) {
        let (Some(job), Some(backend)) = (&self.job, self.supervisor.backend()) else {
            return;
        };
        if let Response::TrainingStarted {
            training_images,
            held_out_images,
            latent_size,
            workers,
            ..
        } = started
        {
            self.view.info.set(Some(RunInfo {
                name: job.plan.name.clone(),
                backend,
                training_images,
                held_out_images,
                latent_size,
                workers,
            }));
            self.say_what_it_waits_for();
        }
    }

    fn progressed(&mut self, id: WorkerId, progress: TrainingProgress) {
        let phase = progress.phase;
        self.view.record(progress);
        self.feed(Input::Phase(id, phase));
    }

    fn checkpoint(&mut self, id: WorkerId, step: u64, seconds: f64, bytes: Vec<u8>) {
        let Some(job) = &self.job else { return };
        self.view.checkpoint.set(Some(Arc::new(Checkpoint {
            spec: job.plan.clone(),
            step,
            seconds,
            bytes,
        })));
        self.feed(Input::Checkpoint(id));
    }

    fn model(&mut self, model: TrainedModel) {
        let Some(job) = &mut self.job else { return };
        let first = !std::mem::replace(&mut job.has_model, true);
        (self.on_model)(model, first);
    }
}
