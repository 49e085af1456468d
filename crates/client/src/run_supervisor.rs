//! Supervises a training run and its worker: the state machine behind the Train panel.
//!
//! It is pure, as the [backend selector](crate::backend_selector) is: it takes an [`Input`] and returns [`Command`]s.
//!
//! A run outlives its worker. When the worker crashes or stops responding, another one resumes from the newest
//! checkpoint; a run on WebGPU continues on the CPU. Only a run that crashes several workers in a row without progress
//! is abandoned.

use protocol::{Backend, PROTOCOL_VERSION, TrainingControl, TrainingPhase};

/// The most workers that may be lost in a row, without a new checkpoint, before a run is abandoned.
const MAX_LOST: u32 = 2;

/// Identifies a worker; never reused.
pub type WorkerId = u32;

/// The status of training.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RunStatus {
    /// No run was started yet.
    #[default]
    Idle,
    /// Starting, or making steps.
    Running,
    /// The run is paused.
    Paused,
    /// The run has ended with its best model.
    Done,
    /// The run could not continue.
    Failed,
}

impl RunStatus {
    /// Its name on the page.
    pub fn name(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }

    /// Whether there is a run that can be paused and stopped.
    pub fn is_live(self) -> bool {
        matches!(self, Self::Running | Self::Paused)
    }
}

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// A run may follow soon: start a worker of this backend.
    Warm(Backend),
    /// No run is expected.
    Cool,
    /// A person starts a run on this backend.
    Begin(Backend),
    /// A person resumes the run of an earlier visit, whose checkpoint is available.
    Resume(Backend),
    /// The initial weights of the run have arrived.
    StartReady,
    /// A person pauses, resumes, steps, slows or ends the run.
    Control(TrainingControl),
    /// The worker sent its first message, with this version of the protocol.
    Hello(WorkerId, u32),
    /// The worker's backend is set up.
    Ready(WorkerId),
    /// The worker reports the phase of the run.
    Phase(WorkerId, TrainingPhase),
    /// The worker sent a checkpoint.
    Checkpoint(WorkerId),
    /// The run can't be started, and why: the worker rejected it, or its initial weights could not be fetched.
    Rejected(String),
    /// The worker is of no further use, and why.
    Lost(WorkerId, String),
}

/// What a worker starts a run from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StartPoint {
    /// The initial weights.
    Beginning,
    /// The newest checkpoint.
    Checkpoint,
}

/// What to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Start a worker.
    Start {
        /// The worker's identifier.
        id: WorkerId,
        /// The bundle to start.
        backend: Backend,
        /// Whether to bypass the browser's cache.
        fresh: bool,
    },
    /// Request steps whose result is discarded, so that the first step of the run is as fast as the others.
    WarmUp(WorkerId),
    /// Terminate the worker.
    Stop(WorkerId),
    /// Send it the run.
    Train(WorkerId, StartPoint),
    /// Send it this control.
    Control(WorkerId, TrainingControl),
    /// The status of training has changed.
    Status(RunStatus),
    /// The run moved from one worker to another: notify the person.
    Notice(String),
    /// The run has failed, for this reason.
    Fail(String),
}

#[derive(Debug)]
struct Worker {
    id: WorkerId,
    backend: Backend,
    fresh: bool,
    ready: bool,
}

#[derive(Debug, Default)]
struct Run {
    /// What it starts from is here.
    start_ready: bool,
    /// It was sent to the worker.
    sent: bool,
    /// It is paused.
    paused: bool,
    steps_per_second: Option<f64>,
    has_checkpoint: bool,
    /// Workers lost since the last checkpoint.
    lost: u32,
}

/// See the [module](self).
#[derive(Debug, Default)]
pub struct RunSupervisor {
    worker: Option<Worker>,
    run: Option<Run>,
    /// A worker is kept between runs, too.
    warm: bool,
    /// WebGPU has failed and is not tried again.
    no_gpu: bool,
    last_id: WorkerId,
}

impl RunSupervisor {
    /// Handles an event and returns the commands to execute, in order.
    pub fn handle(&mut self, input: Input) -> Vec<Command> {
        let mut out = Vec::new();
        match input {
            Input::Warm(backend) => {
                self.warm = true;
                if self.run.is_none() {
                    self.have_worker(backend, &mut out);
                }
            }
            Input::Cool => {
                self.warm = false;
                if self.run.is_none() {
                    self.stop_worker(&mut out);
                }
            }
            Input::Begin(backend) => self.begin(Run::default(), backend, &mut out),
            Input::Resume(backend) => {
                let run = Run {
                    start_ready: true,
                    has_checkpoint: true,
                    ..Run::default()
                };
                self.begin(run, backend, &mut out);
            }
            Input::StartReady => {
                if let Some(run) = &mut self.run {
                    run.start_ready = true;
                    self.send_run(&mut out);
                }
            }
            Input::Control(control) => self.control(control, &mut out),
            Input::Hello(id, protocol) => self.hello(id, protocol, &mut out),
            Input::Ready(id) => {
                if let Some(worker) = self.present(id) {
                    worker.ready = true;
                    self.send_run(&mut out);
                    let waits = self.run.as_ref().map_or(self.warm, |run| !run.sent);
                    if waits {
                        out.push(Command::WarmUp(id));
                    }
                }
            }
            Input::Phase(id, phase) => self.stands(id, phase, &mut out),
            Input::Checkpoint(id) => {
                if self.present(id).is_some()
                    && let Some(run) = &mut self.run
                {
                    run.has_checkpoint = true;
                    run.lost = 0;
                }
            }
            Input::Rejected(why) => self.fail(why, &mut out),
            Input::Lost(id, why) => self.lost(id, &why, &mut out),
        }
        out
    }

    /// Whether the worker has to respond: it is starting, or a run is in progress and not paused.
    pub fn is_waiting(&self) -> bool {
        match (&self.worker, &self.run) {
            (Some(worker), _) if !worker.ready => true,
            (Some(_), Some(run)) => run.sent && !run.paused,
            _ => false,
        }
    }

    /// The backend of the worker.
    pub fn backend(&self) -> Option<Backend> {
        self.worker.as_ref().map(|worker| worker.backend)
    }

    fn begin(&mut self, run: Run, backend: Backend, out: &mut Vec<Command>) {
        if self.run.is_some() {
            // The worker could replace the run, but reports of the old run may still be in transit.
            self.stop_worker(out);
        }
        self.run = Some(run);
        out.push(Command::Status(RunStatus::Running));
        self.have_worker(backend, out);
    }

    fn present(&mut self, id: WorkerId) -> Option<&mut Worker> {
        self.worker.as_mut().filter(|worker| worker.id == id)
    }

    /// Starts a worker of this backend if there is none, and sends it the run if both are ready.
    fn have_worker(&mut self, backend: Backend, out: &mut Vec<Command>) {
        let backend = if self.no_gpu && backend == Backend::WebGpu {
            Backend::Flex
        } else {
            backend
        };
        if self.backend() == Some(backend) {
            return self.send_run(out);
        }
        self.stop_worker(out);
        self.start_worker(backend, false, out);
    }

    fn start_worker(&mut self, backend: Backend, fresh: bool, out: &mut Vec<Command>) {
        self.last_id += 1;
        let id = self.last_id;
        self.worker = Some(Worker {
            id,
            backend,
            fresh,
            ready: false,
        });
        out.push(Command::Start { id, backend, fresh });
    }

    fn stop_worker(&mut self, out: &mut Vec<Command>) {
        if let Some(worker) = self.worker.take() {
            out.push(Command::Stop(worker.id));
        }
    }

    /// Sends the run to the worker once both are ready.
    fn send_run(&mut self, out: &mut Vec<Command>) {
        let (Some(worker), Some(run)) = (&self.worker, &mut self.run) else {
            return;
        };
        if !worker.ready || !run.start_ready || run.sent {
            return;
        }
        run.sent = true;
        let from = if run.has_checkpoint {
            StartPoint::Checkpoint
        } else {
            StartPoint::Beginning
        };
        out.push(Command::Train(worker.id, from));
        // Requests are served in order, so these take effect before the run has made many steps.
        if let Some(pace) = run.steps_per_second {
            let steps_per_second = Some(pace);
            out.push(Command::Control(
                worker.id,
                TrainingControl::LimitSpeed { steps_per_second },
            ));
        }
        if run.paused {
            out.push(Command::Control(worker.id, TrainingControl::Pause));
        }
    }

    fn control(&mut self, control: TrainingControl, out: &mut Vec<Command>) {
        let Some(run) = &mut self.run else {
            return;
        };
        match control {
            TrainingControl::Pause | TrainingControl::StepOnce => run.paused = true,
            TrainingControl::Resume | TrainingControl::Stop => run.paused = false,
            TrainingControl::LimitSpeed { steps_per_second } => {
                run.steps_per_second = steps_per_second
            }
        }
        if run.sent {
            if let Some(worker) = &self.worker {
                out.push(Command::Control(worker.id, control));
            }
            return;
        }
        // No worker has the run yet; these are sent together with it.
        match control {
            TrainingControl::Pause => out.push(Command::Status(RunStatus::Paused)),
            TrainingControl::Resume => out.push(Command::Status(RunStatus::Running)),
            TrainingControl::Stop => {
                let got_somewhere = run.has_checkpoint;
                self.run = None;
                out.push(Command::Status(if got_somewhere {
                    RunStatus::Done
                } else {
                    RunStatus::Idle
                }));
            }
            TrainingControl::StepOnce | TrainingControl::LimitSpeed { .. } => {}
        }
    }

    fn hello(&mut self, id: WorkerId, protocol: u32, out: &mut Vec<Command>) {
        if protocol == PROTOCOL_VERSION {
            return;
        }
        let Some(&mut Worker { backend, fresh, .. }) = self.present(id) else {
            return;
        };
        self.stop_worker(out);
        if fresh {
            self.fail(
                format!(
                    "the browser keeps a worker of another version (protocol {protocol}, this \
                     page speaks {PROTOCOL_VERSION}); reload the page without its cache"
                ),
                out,
            );
        } else {
            self.start_worker(backend, true, out);
        }
    }

    fn stands(&mut self, id: WorkerId, phase: TrainingPhase, out: &mut Vec<Command>) {
        if self.present(id).is_none() {
            return;
        }
        let Some(run) = &mut self.run else {
            return;
        };
        out.push(Command::Status(match phase {
            TrainingPhase::Running => RunStatus::Running,
            TrainingPhase::Paused => {
                // The run also pauses by itself, when the loss diverges.
                run.paused = true;
                RunStatus::Paused
            }
            TrainingPhase::Done => {
                self.run = None;
                RunStatus::Done
            }
        }));
        if self.run.is_none() && !self.warm {
            self.stop_worker(out);
        }
    }

    fn fail(&mut self, why: String, out: &mut Vec<Command>) {
        if self.run.take().is_some() {
            out.push(Command::Fail(why));
            out.push(Command::Status(RunStatus::Failed));
        }
    }

    fn lost(&mut self, id: WorkerId, why: &str, out: &mut Vec<Command>) {
        let Some(&mut Worker { backend, .. }) = self.present(id) else {
            return;
        };
        self.stop_worker(out);
        let to_cpu = backend == Backend::WebGpu;
        self.no_gpu |= to_cpu;
        let Some(run) = &mut self.run else {
            // It was kept for the next run, which starts another.
            return;
        };
        run.sent = false;
        run.lost += 1;
        if run.lost > MAX_LOST {
            return self.fail(
                format!(
                    "the {backend} worker stopped {} times in a row: {why}. A smaller model or \
                     batch may do.",
                    MAX_LOST + 1
                ),
                out,
            );
        }
        let next = if to_cpu { Backend::Flex } else { backend };
        let from = if run.has_checkpoint {
            "goes on from its last checkpoint"
        } else {
            "starts over"
        };
        out.push(Command::Notice(format!(
            "Training’s {backend} worker stopped: {why}. The run {from} on {next}."
        )));
        self.start_worker(next, false, out);
    }
}

#[cfg(test)]
#[path = "run_supervisor_tests.rs"]
mod tests;
