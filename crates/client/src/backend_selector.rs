//! Selects the worker that decodes: the state machine behind the backend picker.
//!
//! It is pure: it takes an [`Input`] and returns [`Command`]s. It uses no worker, no timer and no DOM, so every
//! sequence of failures can be a unit test.
//!
//! With [`BackendChoice::Auto`], flex starts at once because its bundle is the smallest. After the first
//! image, WebGPU is probed, started beside it, compared with it number by number, and timed
//! against it; the faster one is kept. Each failure is logged, and the next backend is tried:
//! webgpu → flex → ndarray → an error message.

use crate::backend_choice::BackendChoice;
use protocol::{Backend, PROTOCOL_VERSION, SelfCheck};

/// How far a backend's self-check may be from the CPU's, relative to `1 + |reference|`.
///
/// f32 kernels that sum in another order differ by about 1e-5; a shader that did not run, or
/// read stale buffers, differs by 0.1 or more.
pub const PARITY_TOLERANCE: f32 = 1e-2;

/// A candidate replaces the active backend if its time is at most this fraction of the active one's. A smaller
/// difference could be noise.
const MAX_TIME_RATIO: f64 = 0.9;

/// Identifies a worker; never reused.
pub type WorkerId = u32;

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// The user (or the page's address) chose a backend.
    Choose(BackendChoice),
    /// The worker sent its first message, with this version of the protocol.
    Hello(WorkerId, u32),
    /// The worker's backend is set up, on this device.
    Ready(WorkerId, Option<String>),
    /// The worker has the page's model, or there is none yet.
    Loaded(WorkerId),
    /// The first decoded image is on screen.
    FirstImage,
    /// Whether the browser provides a WebGPU adapter, and if not, why.
    Probed(Result<(), String>),
    /// The worker's result of the self-check.
    Checked(WorkerId, SelfCheck),
    /// The worker's median time for one decode, in ms.
    Timed(WorkerId, f64),
    /// The worker can no longer be used, and why.
    Lost(WorkerId, String),
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
    /// Terminate the worker.
    Stop(WorkerId),
    /// Ask the browser for a WebGPU adapter.
    Probe,
    /// Give the worker the page's model.
    Load(WorkerId),
    /// Ask for the self-check.
    SelfCheck(WorkerId),
    /// Ask for the time of a decode.
    Time(WorkerId),
    /// Decode with this worker from now on.
    Use(WorkerId, Backend),
    /// Log an attempt.
    Log(Attempt),
    /// Notify the user; the page still works.
    Notice(String),
    /// No backend is left: show the error and offer to reload.
    GiveUp(String),
}

/// A backend that was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// The backend that was tried.
    pub backend: Backend,
    /// The outcome, to be shown to the user.
    pub outcome: String,
}

/// Why a worker is started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum StartReason {
    /// No worker decodes yet, so one is required.
    Required,
    /// It was requested by name.
    Forced,
    /// To be compared with the active one.
    Candidate,
}

/// The progress of a worker that is starting; a candidate and the active worker are both checked and timed.
#[derive(Debug, Clone, PartialEq)]
enum StartPhase {
    Starting,
    Loading,
    Checking {
        candidate: Option<SelfCheck>,
        active_result: Option<SelfCheck>,
    },
    Timing {
        parity: f32,
        candidate: Option<f64>,
        active_result: Option<f64>,
    },
}

#[derive(Debug, Clone, PartialEq)]
struct StartingWorker {
    id: WorkerId,
    backend: Backend,
    reason: StartReason,
    phase: StartPhase,
    fresh: bool,
    parity: f32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Active {
    id: WorkerId,
    backend: Backend,
}

/// See the [module](self).
#[derive(Debug, Default)]
pub struct BackendSelector {
    choice: BackendChoice,
    /// The worker that decodes.
    active: Option<Active>,
    /// The worker that is starting, at most one.
    starting: Option<StartingWorker>,
    /// The reason for the probe in progress.
    probing: Option<StartReason>,
    /// Backends that failed or were slower; not tried again until the choice changes.
    excluded: Vec<Backend>,
    /// CPU backends that crashed in use and were restarted once.
    restarted: Vec<Backend>,
    /// Whether an image has been shown.
    has_image: bool,
    last_id: WorkerId,
}

impl BackendSelector {
    /// Handles an event and returns the commands to execute, in order.
    pub fn handle(&mut self, input: Input) -> Vec<Command> {
        let mut out = Vec::new();
        match input {
            Input::Choose(choice) => self.choose(choice, &mut out),
            Input::Hello(id, protocol) => self.hello(id, protocol, &mut out),
            Input::Ready(id, device) => self.ready(id, device, &mut out),
            Input::Loaded(id) => self.loaded(id, &mut out),
            Input::FirstImage => {
                self.has_image = true;
                self.try_webgpu(&mut out);
            }
            Input::Probed(result) => self.probed(result, &mut out),
            Input::Checked(id, check) => self.checked(id, check, &mut out),
            Input::Timed(id, ms) => self.timed(id, ms, &mut out),
            Input::Lost(id, why) => self.lost(id, &why, &mut out),
        }
        out
    }

    fn choose(&mut self, choice: BackendChoice, out: &mut Vec<Command>) {
        self.choice = choice;
        self.excluded.clear();
        self.restarted.clear();
        self.probing = None;
        if let Some(starting) = self.starting.take() {
            out.push(Command::Stop(starting.id));
        }
        let active_backend = self.active.map(|active| active.backend);
        match choice {
            BackendChoice::Auto if active_backend == Some(Backend::Flex) => self.try_webgpu(out),
            BackendChoice::Auto => self.start(Backend::Flex, StartReason::Required, false, out),
            BackendChoice::Forced(backend) if active_backend == Some(backend) => {}
            BackendChoice::Forced(Backend::WebGpu) => {
                self.probing = Some(StartReason::Forced);
                out.push(Command::Probe);
            }
            BackendChoice::Forced(backend) => self.start(backend, StartReason::Forced, false, out),
        }
    }

    fn start(
        &mut self,
        backend: Backend,
        reason: StartReason,
        fresh: bool,
        out: &mut Vec<Command>,
    ) {
        self.last_id += 1;
        let id = self.last_id;
        self.starting = Some(StartingWorker {
            id,
            backend,
            reason,
            phase: StartPhase::Starting,
            fresh,
            parity: 0.0,
        });
        out.push(Command::Start { id, backend, fresh });
    }

    /// Probes WebGPU, when the choice is automatic and it has not failed yet.
    fn try_webgpu(&mut self, out: &mut Vec<Command>) {
        let on_cpu = self.active.is_some_and(|active| active.backend.is_cpu());
        if self.choice == BackendChoice::Auto
            && self.has_image
            && on_cpu
            && self.starting.is_none()
            && self.probing.is_none()
            && !self.excluded.contains(&Backend::WebGpu)
        {
            self.probing = Some(StartReason::Candidate);
            out.push(Command::Probe);
        }
    }

    fn probed(&mut self, result: Result<(), String>, out: &mut Vec<Command>) {
        let Some(reason) = self.probing.take() else {
            return;
        };
        match result {
            Ok(()) => self.start(Backend::WebGpu, reason, false, out),
            Err(why) => self.failed_to_start(Backend::WebGpu, reason, &why, out),
        }
    }

    fn hello(&mut self, id: WorkerId, protocol: u32, out: &mut Vec<Command>) {
        if protocol == PROTOCOL_VERSION {
            return;
        }
        let Some(starting) = self.starting.take_if(|starting| starting.id == id) else {
            return;
        };
        out.push(Command::Stop(id));
        if starting.fresh {
            let why = format!(
                "the browser keeps a worker of another version (protocol {protocol}, this page \
                 uses {PROTOCOL_VERSION}); reload the page without its cache"
            );
            self.failed_to_start(starting.backend, starting.reason, &why, out);
        } else {
            log(
                starting.backend,
                format!(
                    "outdated worker (protocol {protocol}, this page uses {PROTOCOL_VERSION}): \
                     fetching it again"
                ),
                out,
            );
            self.start(starting.backend, starting.reason, true, out);
        }
    }

    fn ready(&mut self, id: WorkerId, device: Option<String>, out: &mut Vec<Command>) {
        let Some(starting) = self.starting.as_mut().filter(|starting| starting.id == id) else {
            return;
        };
        let on = device.map(|name| format!(" on {name}")).unwrap_or_default();
        log(starting.backend, format!("ready{on}"), out);
        match (starting.reason, self.active) {
            (StartReason::Candidate, Some(active)) => {
                starting.phase = StartPhase::Checking {
                    candidate: None,
                    active_result: None,
                };
                out.extend([Command::SelfCheck(active.id), Command::SelfCheck(id)]);
            }
            _ => {
                starting.phase = StartPhase::Loading;
                out.push(Command::Load(id));
            }
        }
    }

    fn loaded(&mut self, id: WorkerId, out: &mut Vec<Command>) {
        let Some(starting) = self.starting.as_mut().filter(|starting| starting.id == id) else {
            return;
        };
        match (starting.reason, self.active) {
            (StartReason::Candidate, Some(active)) => {
                starting.phase = StartPhase::Timing {
                    parity: starting.parity,
                    candidate: None,
                    active_result: None,
                };
                out.extend([Command::Time(active.id), Command::Time(id)]);
            }
            _ => self.take_over(out),
        }
    }

    /// The starting worker becomes the active one.
    fn take_over(&mut self, out: &mut Vec<Command>) {
        let Some(starting) = self.starting.take() else {
            return;
        };
        let before = self.active.replace(Active {
            id: starting.id,
            backend: starting.backend,
        });
        out.push(Command::Use(starting.id, starting.backend));
        if let Some(before) = before {
            out.push(Command::Stop(before.id));
        }
        self.try_webgpu(out);
    }

    fn checked(&mut self, id: WorkerId, check: SelfCheck, out: &mut Vec<Command>) {
        let Some(starting) = &mut self.starting else {
            return;
        };
        let StartPhase::Checking {
            candidate,
            active_result,
        } = &mut starting.phase
        else {
            return;
        };
        if id == starting.id {
            *candidate = Some(check);
        } else if self.active.is_some_and(|active| active.id == id) {
            *active_result = Some(check);
        }
        let (Some(candidate), Some(active_result)) = (candidate, active_result) else {
            return;
        };
        let parity = candidate.max_difference(active_result);
        // This comparison is false for NaN, too.
        if parity <= PARITY_TOLERANCE {
            starting.phase = StartPhase::Loading;
            starting.parity = parity;
            out.push(Command::Load(starting.id));
        } else {
            let why = format!(
                "its numbers differ from the CPU's by {parity:.0e} (at most {PARITY_TOLERANCE:.0e} \
                 is allowed)"
            );
            let id = starting.id;
            self.lost(id, &why, out);
        }
    }

    fn timed(&mut self, id: WorkerId, ms: f64, out: &mut Vec<Command>) {
        let (Some(starting), Some(active)) = (&mut self.starting, self.active) else {
            return;
        };
        let StartPhase::Timing {
            parity,
            candidate,
            active_result,
        } = &mut starting.phase
        else {
            return;
        };
        if id == starting.id {
            *candidate = Some(ms);
        } else if id == active.id {
            *active_result = Some(ms);
        }
        let (Some(candidate), Some(active_result)) = (*candidate, *active_result) else {
            return;
        };
        // NaN does not replace the active backend.
        let takes_over = candidate <= active_result * MAX_TIME_RATIO;
        log(
            starting.backend,
            format!(
                "parity {parity:.0e}, decode {candidate:.1} ms against {active_result:.1} ms on {}: {}",
                active.backend,
                if takes_over {
                    format!("moving to {}", starting.backend)
                } else {
                    format!("staying on {}", active.backend)
                }
            ),
            out,
        );
        if takes_over {
            self.take_over(out);
        } else {
            out.push(Command::Stop(starting.id));
            self.excluded.push(starting.backend);
            self.starting = None;
        }
    }

    fn lost(&mut self, id: WorkerId, why: &str, out: &mut Vec<Command>) {
        if let Some(starting) = self.starting.take_if(|starting| starting.id == id) {
            out.push(Command::Stop(id));
            self.failed_to_start(starting.backend, starting.reason, why, out);
        } else if let Some(active) = self.active.take_if(|active| active.id == id) {
            out.push(Command::Stop(id));
            self.lost_in_use(active.backend, why, out);
        }
    }

    fn failed_to_start(
        &mut self,
        backend: Backend,
        reason: StartReason,
        why: &str,
        out: &mut Vec<Command>,
    ) {
        self.excluded.push(backend);
        let staying = self
            .active
            .map(|active| format!(": staying on {}", active.backend))
            .unwrap_or_default();
        log(backend, format!("{why}{staying}"), out);
        if self.active.is_some() {
            if reason != StartReason::Candidate {
                out.push(Command::Notice(format!(
                    "{} can’t be used: {why}. {} still decodes the image.",
                    label(backend),
                    self.active.map_or("", |active| label(active.backend)),
                )));
            }
            return;
        }
        match self.next_cpu() {
            Some(next) => {
                if reason == StartReason::Forced {
                    out.push(Command::Notice(format!(
                        "{} can’t be used: {why}. {} decodes the image instead.",
                        label(backend),
                        label(next),
                    )));
                }
                self.start(next, StartReason::Required, false, out);
            }
            None => out.push(Command::GiveUp(give_up(why))),
        }
    }

    fn lost_in_use(&mut self, backend: Backend, why: &str, out: &mut Vec<Command>) {
        // A candidate can no longer be compared with the active worker.
        if let Some(candidate) = self
            .starting
            .take_if(|starting| starting.reason == StartReason::Candidate)
        {
            out.push(Command::Stop(candidate.id));
        }
        if self.probing == Some(StartReason::Candidate) {
            self.probing = None;
        }
        log(backend, format!("lost in use: {why}"), out);
        let restarts = backend.is_cpu() && !self.restarted.contains(&backend);
        if restarts {
            self.restarted.push(backend);
        } else {
            self.excluded.push(backend);
        }
        // Another backend is already starting; if it fails, the next one is tried.
        if self.starting.is_some() || self.probing.is_some() {
            return;
        }
        let next = if restarts {
            Some(backend)
        } else {
            self.next_cpu()
        };
        match next {
            Some(next) => {
                out.push(Command::Notice(if restarts {
                    format!(
                        "{} stopped: {why}. It was started again; model and z are as before.",
                        label(backend)
                    )
                } else {
                    format!(
                        "{} stopped: {why}. {} now decodes the image, with the same \
                         model and z.",
                        label(backend),
                        label(next)
                    )
                }));
                self.start(next, StartReason::Required, false, out);
            }
            None => out.push(Command::GiveUp(give_up(why))),
        }
    }

    /// The next CPU backend to try: the smaller bundle first.
    fn next_cpu(&self) -> Option<Backend> {
        [Backend::Flex, Backend::NdArray]
            .into_iter()
            .find(|backend| !self.excluded.contains(backend))
    }
}

fn log(backend: Backend, outcome: String, out: &mut Vec<Command>) {
    out.push(Command::Log(Attempt { backend, outcome }));
}

/// A backend's name at the start of a sentence.
fn label(backend: Backend) -> &'static str {
    match backend {
        Backend::WebGpu => "WebGPU",
        Backend::Flex => "The flex worker",
        Backend::NdArray => "The ndarray worker",
    }
}

fn give_up(why: &str) -> String {
    format!("No backend works in this browser: {why}. Reload the page to try again.")
}

#[cfg(test)]
#[path = "backend_selector_tests.rs"]
mod tests;
