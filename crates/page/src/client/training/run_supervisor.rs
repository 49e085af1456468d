//! The course of a training run, worker and all: the state machine behind the Train panel.
//!
//! Pure, as [`engine::ladder`](crate::client::backend_selector) is: it is told what happened ([`Input`]) and
//! says what to do ([`Command`]).
//!
//! A run outlives its worker. When that dies or falls silent, another one goes on from the newest
//! checkpoint; one on WebGPU is followed by one on the CPU. Only a run that takes one worker after
//! another down without getting anywhere is given up.

use protocol::{Backend, PROTOCOL_VERSION, TrainingControl, TrainingPhase};

/// So many workers may be lost in a row, without a new checkpoint, before a run is given up.
const MOST_LOST: u32 = 2;

/// Names one worker; never used twice.
pub(crate) type WorkerId = u32;

/// How training stands, as the page says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Status {
    /// Nothing was started yet.
    #[default]
    Idle,
    /// On its way, or making steps.
    Running,
    /// It waits.
    Paused,
    /// It has ended; its best model is there.
    Done,
    /// It could not go on.
    Failed,
}

impl Status {
    /// Its name on the page.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }

    /// Whether there is a run that can be paused and stopped.
    pub(crate) fn is_live(self) -> bool {
        matches!(self, Self::Running | Self::Paused)
    }
}

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Input {
    /// A run may follow soon: have a worker of this backend ready.
    Warm(Backend),
    /// No run is to be expected.
    Cool,
    /// Somebody starts a run on this backend.
    Begin(Backend),
    /// Somebody goes on with the run of an earlier visit, whose checkpoint is at hand.
    GoOn(Backend),
    /// What the run starts from is here.
    Prepared,
    /// Somebody holds, resumes, steps, slows or ends the run.
    Control(TrainingControl),
    /// The worker said hello, in this version of the protocol.
    Hello(WorkerId, u32),
    /// The worker's backend is set up.
    Ready(WorkerId),
    /// The worker says how the run stands.
    Stands(WorkerId, TrainingPhase),
    /// The worker sent a checkpoint.
    Checkpoint(WorkerId),
    /// The run can't be made, and why: refused by the worker, or what it starts from is not to be
    /// had.
    Refused(String),
    /// The worker is of no further use, and why.
    Lost(WorkerId, String),
}

/// What a worker takes a run up from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StartPoint {
    /// From what the run was begun with.
    Beginning,
    /// From the newest checkpoint.
    Checkpoint,
}

/// What to do.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Command {
    /// Start a worker.
    Start {
        /// Its name from now on.
        id: WorkerId,
        /// The bundle to start.
        backend: Backend,
        /// Whether to go around the browser's cache.
        fresh: bool,
    },
    /// Have it make some steps of no consequence: the first one of the run is to be as quick as the others.
    WarmUp(WorkerId),
    /// Terminate the worker.
    Stop(WorkerId),
    /// Hand it the run.
    Train(WorkerId, StartPoint),
    /// Tell it to do this with the run.
    Control(WorkerId, TrainingControl),
    /// This is how training stands now.
    Status(Status),
    /// The run was taken from one worker to another: say so.
    Notice(String),
    /// The run has failed: say why.
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
    prepared: bool,
    /// The present worker was told of it.
    handed_over: bool,
    /// Somebody holds it.
    held: bool,
    steps_per_second: Option<f64>,
    has_checkpoint: bool,
    /// Workers lost since the last checkpoint.
    lost: u32,
}

/// See the [module](self).
#[derive(Debug, Default)]
pub(crate) struct Course {
    worker: Option<Worker>,
    run: Option<Run>,
    /// A worker is to be there between runs, too.
    warm: bool,
    /// WebGPU has failed; not tried again.
    no_gpu: bool,
    last_id: WorkerId,
}

impl Course {
    /// Takes in what happened; says what to do, in order.
    pub(crate) fn handle(&mut self, input: Input) -> Vec<Command> {
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
            Input::GoOn(backend) => {
                let run = Run {
                    prepared: true,
                    has_checkpoint: true,
                    ..Run::default()
                };
                self.begin(run, backend, &mut out);
            }
            Input::Prepared => {
                if let Some(run) = &mut self.run {
                    run.prepared = true;
                    self.hand_over(&mut out);
                }
            }
            Input::Control(control) => self.control(control, &mut out),
            Input::Hello(id, protocol) => self.hello(id, protocol, &mut out),
            Input::Ready(id) => {
                if let Some(worker) = self.present(id) {
                    worker.ready = true;
                    self.hand_over(&mut out);
                    let waits = self.run.as_ref().map_or(self.warm, |run| !run.handed_over);
                    if waits {
                        out.push(Command::WarmUp(id));
                    }
                }
            }
            Input::Stands(id, phase) => self.stands(id, phase, &mut out),
            Input::Checkpoint(id) => {
                if self.present(id).is_some()
                    && let Some(run) = &mut self.run
                {
                    run.has_checkpoint = true;
                    run.lost = 0;
                }
            }
            Input::Refused(why) => self.fail(why, &mut out),
            Input::Lost(id, why) => self.lost(id, &why, &mut out),
        }
        out
    }

    /// Whether the present worker owes a word: it is starting, or a run is on and not held.
    pub(crate) fn is_waiting(&self) -> bool {
        match (&self.worker, &self.run) {
            (Some(worker), _) if !worker.ready => true,
            (Some(_), Some(run)) => run.handed_over && !run.held,
            _ => false,
        }
    }

    /// The backend of the present worker.
    pub(crate) fn backend(&self) -> Option<Backend> {
        self.worker.as_ref().map(|worker| worker.backend)
    }

    fn begin(&mut self, run: Run, backend: Backend, out: &mut Vec<Command>) {
        if self.run.is_some() {
            // A worker would replace the run, but its last reports may be on their way.
            self.stop_worker(out);
        }
        self.run = Some(run);
        out.push(Command::Status(Status::Running));
        self.have_worker(backend, out);
    }

    fn present(&mut self, id: WorkerId) -> Option<&mut Worker> {
        self.worker.as_mut().filter(|worker| worker.id == id)
    }

    /// Sees to it that there is a worker of this backend, and hands it the run if it can take it.
    fn have_worker(&mut self, backend: Backend, out: &mut Vec<Command>) {
        let backend = if self.no_gpu && backend == Backend::WebGpu {
            Backend::Flex
        } else {
            backend
        };
        if self.backend() == Some(backend) {
            return self.hand_over(out);
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

    /// Gives the run to the worker once both are ready for it.
    fn hand_over(&mut self, out: &mut Vec<Command>) {
        let (Some(worker), Some(run)) = (&self.worker, &mut self.run) else {
            return;
        };
        if !worker.ready || !run.prepared || run.handed_over {
            return;
        }
        run.handed_over = true;
        let from = if run.has_checkpoint {
            StartPoint::Checkpoint
        } else {
            StartPoint::Beginning
        };
        out.push(Command::Train(worker.id, from));
        // Requests are served in order, so these meet the run before it has gone far.
        if let Some(pace) = run.steps_per_second {
            let steps_per_second = Some(pace);
            out.push(Command::Control(
                worker.id,
                TrainingControl::LimitSpeed { steps_per_second },
            ));
        }
        if run.held {
            out.push(Command::Control(worker.id, TrainingControl::Pause));
        }
    }

    fn control(&mut self, control: TrainingControl, out: &mut Vec<Command>) {
        let Some(run) = &mut self.run else {
            return;
        };
        match control {
            TrainingControl::Pause | TrainingControl::StepOnce => run.held = true,
            TrainingControl::Resume | TrainingControl::Stop => run.held = false,
            TrainingControl::LimitSpeed { steps_per_second } => {
                run.steps_per_second = steps_per_second
            }
        }
        if run.handed_over {
            if let Some(worker) = &self.worker {
                out.push(Command::Control(worker.id, control));
            }
            return;
        }
        // No worker has the run yet; it hears of all this when it gets it.
        match control {
            TrainingControl::Pause => out.push(Command::Status(Status::Paused)),
            TrainingControl::Resume => out.push(Command::Status(Status::Running)),
            TrainingControl::Stop => {
                let got_somewhere = run.has_checkpoint;
                self.run = None;
                out.push(Command::Status(if got_somewhere {
                    Status::Done
                } else {
                    Status::Idle
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
            TrainingPhase::Running => Status::Running,
            TrainingPhase::Paused => {
                // Also by itself, when the loss has left all bounds.
                run.held = true;
                Status::Paused
            }
            TrainingPhase::Done => {
                self.run = None;
                Status::Done
            }
        }));
        if self.run.is_none() && !self.warm {
            self.stop_worker(out);
        }
    }

    fn fail(&mut self, why: String, out: &mut Vec<Command>) {
        if self.run.take().is_some() {
            out.push(Command::Fail(why));
            out.push(Command::Status(Status::Failed));
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
            // It was only kept warm; the next run starts another.
            return;
        };
        run.handed_over = false;
        run.lost += 1;
        if run.lost > MOST_LOST {
            return self.fail(
                format!(
                    "the {backend} worker stopped {} times in a row: {why}. A smaller model or \
                     batch may do.",
                    MOST_LOST + 1
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
