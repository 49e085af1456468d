//! The client of the training worker: one run at a time, in a dedicated worker. The
//! [run supervisor](crate::run_supervisor) decides what to do; the client executes its commands.

mod change;
mod messages;
mod run;
#[cfg(test)]
mod tests;
mod worker;

pub use change::{RunChange, WaitingFor};
pub use run::{Checkpoint, InitialWeights, NewRun, RunInfo, TrainingImages};

use crate::{
    platform::Platform,
    run_supervisor::{Command, Input, RunStatus, RunSupervisor},
    watchdog,
};
use protocol::{Backend, Request, RequestId, TrainingControl, TrainingStart};
use run::Run;
use std::{
    cell::RefCell,
    collections::VecDeque,
    rc::{Rc, Weak},
    sync::Arc,
};
use worker::TrainingWorker;

/// Handle to the client; clones are the same client.
#[derive(Clone)]
pub struct TrainingClient(Rc<RefCell<Inner>>);

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
        watchdog::start(&*platform, &inner, Inner::tick);
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

    /// Starts a run on these images, in place of one that is in progress, with at most this many steps
    /// per second.
    pub fn start(
        &self,
        run: NewRun,
        images: TrainingImages,
        backend: Backend,
        steps_per_second: Option<f64>,
    ) {
        let mut inner = self.0.borrow_mut();
        let (start, to_fetch) = match run.initial_weights {
            InitialWeights::Scratch(architecture) => {
                let architecture = *architecture;
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
        images: TrainingImages,
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
}
