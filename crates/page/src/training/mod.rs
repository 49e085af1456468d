//! The page's side of training: a worker of its own, the run it makes, and what comes of it.
//!
//! Nothing above this module knows of that worker: the page begins and controls runs
//! ([`Trainer`]), and reads how they go from signals ([`TrainingView`]). What to do when is
//! [`course`]'s to say.

pub(crate) mod course;
pub(crate) mod draft;
mod history;

pub(crate) use course::Status;
pub(crate) use history::{Curve, History, LossPoint};

use crate::{
    engine::{
        watchdog::{self, Watchdog},
        weights,
        worker::{EngineWorker, Said},
    },
    state::{Checkpoint, Divergence, Notices, RunFacts, TrainingView},
};
use course::{Command, Course, Input, StartPoint, WorkerId};
use draft::{Recipe, RecipeStart};
use leptos::{
    logging,
    prelude::{GetUntracked as _, Set as _, set_interval},
};
use protocol::{
    Backend, Control, ErrorCode, Event, Plan, Progress, Request, RequestId, Start, TrainedModel,
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
                course: Course::default(),
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
    pub(crate) fn begin(&self, recipe: Recipe, images: Vec<u8>, backend: Backend) {
        self.0.borrow_mut().begin(recipe, images, backend);
    }

    /// Holds, resumes, steps, slows or ends the run.
    pub(crate) fn control(&self, control: Control) {
        let mut inner = self.0.borrow_mut();
        if matches!(control, Control::Resume | Control::Stop | Control::StepOnce) {
            inner.view.divergence.set(None);
        }
        inner.feed(Input::Control(control));
    }
}

/// The worker.
struct Seat {
    id: WorkerId,
    worker: EngineWorker,
    watchdog: Watchdog,
    /// The request to train that it has not answered yet.
    asked: Option<RequestId>,
}

/// The run.
struct Job {
    plan: Plan,
    /// What it starts from; none while that is on its way.
    start: Option<Start>,
    images: Arc<Vec<u8>>,
    /// The run as it was when the present worker took it up.
    before: Before,
    has_model: bool,
}

/// What earlier workers did of a run. Each worker counts its own part only.
#[derive(Debug, Clone, Copy, Default)]
struct Before {
    step: u64,
    seconds: f64,
    share: f64,
}

impl Before {
    /// The report as one of the whole run.
    fn whole(&self, part: Progress) -> Progress {
        Progress {
            seconds: self.seconds + part.seconds,
            share: self.share + (1.0 - self.share) * part.share,
            ..part
        }
    }

    /// The plan of the rest of the run.
    fn rest(&self, plan: &Plan) -> Plan {
        Plan {
            max_seconds: plan
                .max_seconds
                .map(|seconds| (seconds - self.seconds).max(1.0)),
            max_steps: plan
                .max_steps
                .map(|steps| steps.saturating_sub(self.step).max(1)),
            ..plan.clone()
        }
    }
}

struct Inner {
    me: Weak<RefCell<Inner>>,
    view: TrainingView,
    notices: Notices,
    on_model: OnModel,
    course: Course,
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
            for command in self.course.handle(input) {
                self.execute(command);
            }
        }
        self.say_what_it_waits_for();
    }

    fn execute(&mut self, command: Command) {
        match command {
            Command::Start { id, backend, fresh } => self.start_worker(id, backend, fresh),
            Command::Stop(id) => {
                if let Some(seat) = self.seat.take_if(|seat| seat.id == id) {
                    // Later, because one of its listeners may be what is running just now.
                    wasm_bindgen_futures::spawn_local(async move { drop(seat) });
                }
            }
            Command::Train(_, from) => self.train(from),
            Command::Control(_, control) => {
                self.send(|id| Request::ControlTraining { id, control });
            }
            Command::Status(status) => {
                if self.view.status.get_untracked() != status {
                    self.view.status.set(status);
                }
            }
            Command::Notice(text) => {
                logging::warn!("training: {text}");
                self.notices.tell(text);
            }
            Command::Fail(why) => {
                logging::error!("training: {why}");
                self.view.divergence.set(None);
                self.view.trouble.set(Some(why));
            }
        }
    }

    fn start_worker(&mut self, id: WorkerId, backend: Backend, fresh: bool) {
        let me = self.me.clone();
        let name = format!("training-{backend}");
        let spawned = EngineWorker::spawn(backend, &name, fresh, move |said| {
            if let Some(inner) = me.upgrade() {
                inner.borrow_mut().said(id, said);
            }
        });
        match spawned {
            Ok(worker) => {
                self.seat = Some(Seat {
                    id,
                    worker,
                    watchdog: Watchdog::for_training(backend),
                    asked: None,
                });
            }
            Err(why) => self.inbox.push_back(Input::Lost(id, why)),
        }
    }

    fn train(&mut self, from: StartPoint) {
        let Some(job) = &mut self.job else { return };
        let checkpoint = self.view.checkpoint.get_untracked();
        let (plan, start) = match (from, checkpoint) {
            (StartPoint::Checkpoint, Some(checkpoint)) => {
                job.before = Before {
                    step: checkpoint.step,
                    seconds: checkpoint.seconds,
                    share: checkpoint.share,
                };
                let bytes = checkpoint.bytes.clone();
                (job.before.rest(&job.plan), Start::Checkpoint { bytes })
            }
            _ => {
                let Some(start) = job.start.clone() else {
                    return;
                };
                job.before = Before::default();
                (job.plan.clone(), start)
            }
        };
        let images = job.images.to_vec();
        let asked = self.send(|id| Request::Train {
            id,
            plan,
            start,
            images,
        });
        if let Some(seat) = &mut self.seat {
            seat.asked = Some(asked);
        }
    }

    fn send(&mut self, request: impl FnOnce(RequestId) -> Request) -> RequestId {
        self.last_request += 1;
        let request = request(self.last_request);
        if let Some(seat) = &self.seat
            && let Err(why) = seat.worker.post(&request)
        {
            self.inbox.push_back(Input::Lost(seat.id, why));
        }
        self.last_request
    }

    fn tick(&mut self) {
        let idle = !self.course.is_waiting();
        let Some(seat) = &mut self.seat else { return };
        if let Some(seconds) = seat.watchdog.tick(idle) {
            let id = seat.id;
            self.feed(Input::Lost(id, format!("it was silent for {seconds} s")));
        }
    }

    fn say_what_it_waits_for(&self) {
        let waiting_for = match (&self.job, self.course.backend()) {
            _ if !self.view.status.get_untracked().is_live() => None,
            (Some(job), _) if job.start.is_none() => Some("Fetching the model…".to_owned()),
            _ if self.view.facts.get_untracked().is_some() => None,
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
    fn begin(&mut self, recipe: Recipe, images: Vec<u8>, backend: Backend) {
        let images = Arc::new(images);
        self.view.begin(images.clone());
        self.jobs += 1;
        let Recipe { plan, start } = recipe;
        let (start, to_fetch) = match start {
            RecipeStart::Scratch(architecture) => (Some(Start::Scratch { architecture }), None),
            RecipeStart::Pretrained(name) => (None, Some(name)),
        };
        self.job = Some(Job {
            plan,
            start,
            images,
            before: Before::default(),
            has_model: false,
        });
        self.feed(Input::Begin(backend));
        if self.view.slow.get_untracked() {
            self.feed(Input::Control(Control::Pace {
                steps_per_second: Some(SLOW_MOTION),
            }));
        }
        match to_fetch {
            None => self.feed(Input::Prepared),
            Some(name) => self.fetch_start(name),
        }
    }

    fn fetch_start(&self, name: String) {
        let (me, number) = (self.me.clone(), self.jobs);
        wasm_bindgen_futures::spawn_local(async move {
            let result = weights::fetch_model(&name).await;
            let Some(inner) = me.upgrade() else { return };
            let mut inner = inner.borrow_mut();
            if inner.jobs != number {
                return;
            }
            match result {
                Ok(files) => {
                    if let Some(job) = &mut inner.job {
                        job.start = Some(Start::Pretrained {
                            card: files.card,
                            weights: files.weights,
                        });
                    }
                    inner.feed(Input::Prepared);
                }
                Err(error) => inner.feed(Input::Refused(error.to_string())),
            }
        });
    }
}

/// Steps a second in slow motion: each can be followed by eye.
pub(crate) const SLOW_MOTION: f64 = 2.0;

// What the worker says.
impl Inner {
    fn said(&mut self, id: WorkerId, said: Said) {
        let Some(seat) = self.seat.as_mut().filter(|seat| seat.id == id) else {
            return;
        };
        let event = match said {
            Said::Event(event) => event,
            Said::Broke(why) => return self.feed(Input::Lost(id, why)),
        };
        seat.watchdog.heard(matches!(event, Event::Ready { .. }));
        match event {
            Event::Hello { protocol, .. } => self.feed(Input::Hello(id, protocol)),
            Event::Ready { .. } => self.feed(Input::Ready(id)),
            Event::Failed {
                code: ErrorCode::BackendUnavailable | ErrorCode::BackendLost,
                message,
                ..
            } => self.feed(Input::Lost(id, message)),
            Event::Failed {
                id: request,
                message,
                ..
            } => {
                if request.is_some() && seat.asked == request {
                    seat.asked = None;
                    self.feed(Input::Refused(message));
                } else {
                    // A control that came too late: the run had just ended.
                    logging::warn!("training: {message}");
                }
            }
            Event::TrainingStarted { id: request, .. } if seat.asked == Some(request) => {
                seat.asked = None;
                self.started(event);
            }
            // Until the run is taken up, reports are another run's.
            _ if seat.asked.is_some() => {}
            Event::TrainingControlled { phase, .. } => self.feed(Input::Stands(id, phase)),
            Event::TrainingProgress(progress) => self.progressed(id, progress),
            Event::TrainingPictures(pictures) => {
                self.view.pictures.set(Some(Arc::new(pictures)));
            }
            Event::TrainingModel { model, .. } => self.model(model),
            Event::Checkpoint { step, bytes } => self.checkpoint(id, step, bytes),
            Event::Diverged {
                message,
                learning_rate,
            } => self.view.divergence.set(Some(Divergence {
                message,
                learning_rate,
            })),
            Event::TrainingStarted { .. }
            | Event::Imported { .. }
            | Event::ModelLoaded { .. }
            | Event::Decoded { .. }
            | Event::SelfChecked { .. }
            | Event::DecodeTimed { .. } => {}
        }
    }

    fn started(&mut self, event: Event) {
        let (Some(job), Some(backend)) = (&self.job, self.course.backend()) else {
            return;
        };
        if let Event::TrainingStarted {
            training_images,
            held_out_images,
            latent_size,
            ..
        } = event
        {
            self.view.facts.set(Some(RunFacts {
                name: job.plan.name.clone(),
                backend,
                training_images,
                held_out_images,
                latent_size,
            }));
            self.say_what_it_waits_for();
        }
    }

    fn progressed(&mut self, id: WorkerId, progress: Progress) {
        let Some(job) = &self.job else { return };
        let phase = progress.phase;
        self.view.note(job.before.whole(progress));
        self.feed(Input::Stands(id, phase));
    }

    fn checkpoint(&mut self, id: WorkerId, step: u64, bytes: Vec<u8>) {
        let Some(job) = &self.job else { return };
        // The last report is at most a moment older.
        let (seconds, share) = self
            .view
            .progress
            .get_untracked()
            .map_or((0.0, 0.0), |progress| (progress.seconds, progress.share));
        self.view.checkpoint.set(Some(Arc::new(Checkpoint {
            name: job.plan.name.clone(),
            step,
            seconds,
            share,
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

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::Phase;

    #[test]
    fn the_rest_of_a_run_adds_up_to_the_whole() {
        let before = Before {
            step: 300,
            seconds: 20.0,
            share: 0.25,
        };
        let whole = before.whole(Progress {
            phase: Phase::Running,
            step: 400,
            seconds: 10.0,
            share: 0.5,
            steps_per_second: 1.0,
            images_per_second: 1.0,
            learning_rate: 1.0,
            training: None,
            held_out: None,
            best: None,
            heap_bytes: 0,
        });
        assert_eq!((whole.seconds, whole.share, whole.step), (30.0, 0.625, 400));
        let plan = Plan {
            name: "mine".into(),
            batch: 1,
            learning_rate: 1.0,
            final_share: 1.0,
            beta: 1.0,
            warm_up_steps: 0,
            shift: 0,
            seed: 0,
            held_out_share: 0.0,
            max_seconds: Some(60.0),
            max_steps: Some(200),
            patience: None,
        };
        let rest = before.rest(&plan);
        assert_eq!(rest.max_seconds, Some(40.0));
        assert_eq!(rest.max_steps, Some(1), "at least one, or it is refused");
    }
}
