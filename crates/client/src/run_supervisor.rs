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
    /// A run may follow soon: start a worker on this backend in advance.
    PrepareWorker(Backend),
    /// No run is expected: stop the worker, unless it has a run.
    ReleaseWorker,
    /// The user starts a run on this backend.
    StartRun(Backend),
    /// The user resumes the run of an earlier visit, whose checkpoint is available.
    ResumeRun(Backend),
    /// The initial weights of the run have arrived.
    InitialWeightsReady,
    /// The user pauses, resumes, steps, slows or ends the run.
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
    /// The worker can no longer be used, and why.
    Lost(WorkerId, String),
}

/// What a worker starts a run from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StartPoint {
    /// The initial weights.
    InitialWeights,
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
    /// The run moved from one worker to another: notify the user.
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
    /// Whether the initial weights have arrived.
    has_initial_weights: bool,
    /// Whether it was sent to the worker.
    sent: bool,
    /// Whether it is paused.
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
    /// Whether a worker is kept between runs, too.
    keeps_worker: bool,
    /// Whether WebGPU has failed; it is not tried again.
    webgpu_failed: bool,
    last_id: WorkerId,
}

impl RunSupervisor {
    /// Handles an event and returns the commands to execute, in order.
    pub fn handle(&mut self, input: Input) -> Vec<Command> {
        let mut out = Vec::new();
        match input {
            Input::PrepareWorker(backend) => {
                self.keeps_worker = true;
                if self.run.is_none() {
                    self.ensure_worker(backend, &mut out);
                }
            }
            Input::ReleaseWorker => {
                self.keeps_worker = false;
                if self.run.is_none() {
                    self.stop_worker(&mut out);
                }
            }
            Input::StartRun(backend) => self.start_run(Run::default(), backend, &mut out),
            Input::ResumeRun(backend) => {
                let run = Run {
                    has_initial_weights: true,
                    has_checkpoint: true,
                    ..Run::default()
                };
                self.start_run(run, backend, &mut out);
            }
            Input::InitialWeightsReady => {
                if let Some(run) = &mut self.run {
                    run.has_initial_weights = true;
                    self.send_run(&mut out);
                }
            }
            Input::Control(control) => self.control(control, &mut out),
            Input::Hello(id, protocol) => self.hello(id, protocol, &mut out),
            Input::Ready(id) => {
                if let Some(worker) = self.current_worker(id) {
                    worker.ready = true;
                    self.send_run(&mut out);
                    let awaits_run = self.run.as_ref().map_or(self.keeps_worker, |run| !run.sent);
                    if awaits_run {
                        out.push(Command::WarmUp(id));
                    }
                }
            }
            Input::Phase(id, phase) => self.phase_reported(id, phase, &mut out),
            Input::Checkpoint(id) => {
                if self.current_worker(id).is_some()
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

    fn start_run(&mut self, run: Run, backend: Backend, out: &mut Vec<Command>) {
        if self.run.is_some() {
            // The worker could replace the run, but reports of the old run may still be in transit.
            self.stop_worker(out);
        }
        self.run = Some(run);
        out.push(Command::Status(RunStatus::Running));
        self.ensure_worker(backend, out);
    }

    fn current_worker(&mut self, id: WorkerId) -> Option<&mut Worker> {
        self.worker.as_mut().filter(|worker| worker.id == id)
    }

    /// Starts a worker of this backend if there is none, and sends it the run if both are ready.
    fn ensure_worker(&mut self, backend: Backend, out: &mut Vec<Command>) {
        let backend = if self.webgpu_failed && backend == Backend::WebGpu {
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
        if !worker.ready || !run.has_initial_weights || run.sent {
            return;
        }
        run.sent = true;
        let from = if run.has_checkpoint {
            StartPoint::Checkpoint
        } else {
            StartPoint::InitialWeights
        };
        out.push(Command::Train(worker.id, from));
        // Requests are served in order, so these take effect before the run has made many steps.
        if let steps_per_second @ Some(_) = run.steps_per_second {
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
                let has_checkpoint = run.has_checkpoint;
                self.run = None;
                out.push(Command::Status(if has_checkpoint {
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
        let Some(&mut Worker { backend, fresh, .. }) = self.current_worker(id) else {
            return;
        };
        self.stop_worker(out);
        if fresh {
            self.fail(
                format!(
                    "the browser keeps a worker of another version (protocol {protocol}, this \
                     page uses {PROTOCOL_VERSION}); reload the page without its cache"
                ),
                out,
            );
        } else {
            self.start_worker(backend, true, out);
        }
    }

    fn phase_reported(&mut self, id: WorkerId, phase: TrainingPhase, out: &mut Vec<Command>) {
        if self.current_worker(id).is_none() {
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
        if self.run.is_none() && !self.keeps_worker {
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
        let Some(&mut Worker { backend, .. }) = self.current_worker(id) else {
            return;
        };
        self.stop_worker(out);
        let to_cpu = backend == Backend::WebGpu;
        self.webgpu_failed |= to_cpu;
        let Some(run) = &mut self.run else {
            // The worker had no run; the next run starts a new worker.
            return;
        };
        run.sent = false;
        run.lost += 1;
        if run.lost > MAX_LOST {
            return self.fail(
                format!(
                    "the {backend} worker stopped {} times in a row: {why}. Try a smaller \
                     model or batch.",
                    MAX_LOST + 1
                ),
                out,
            );
        }
        let next = if to_cpu { Backend::Flex } else { backend };
        let from = if run.has_checkpoint {
            "continues from its last checkpoint"
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
