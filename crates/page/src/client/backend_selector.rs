//! Which worker draws: the state machine behind the backend picker.
//!
//! Pure: it is told what happened ([`Input`]) and says what to do ([`Command`]). It knows no
//! worker, no timer and no DOM, so each way down the ladder is a unit test.
//!
//! With [`Choice::Auto`], flex starts at once because its bundle is the smallest. After the first
//! picture, WebGPU is probed, started beside it, compared with it number by number, and timed
//! against it; the faster stays. Whatever fails on the way is noted and falls to the next rung:
//! webgpu → flex → ndarray → a plain message.

use crate::client::backend_choice::Choice;
use protocol::{Backend, PROTOCOL_VERSION, SelfCheck};

/// How far a backend's self-check may be from the CPU's, relative to `1 + |reference|`.
///
/// f32 kernels that sum in another order differ by about 1e-5 here; a shader that did not run, or
/// read stale buffers, by 0.1 and more.
pub(crate) const PARITY_TOLERANCE: f32 = 1e-2;

/// The share of the present backend's time that a candidate must stay under to take its place.
/// Less would change places for noise.
const WORTH_MOVING: f64 = 0.9;

/// Names one worker; never used twice.
pub(crate) type WorkerId = u32;

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Input {
    /// Somebody (or the address) chose a backend.
    Choose(Choice),
    /// The worker said hello, in this version of the protocol.
    Hello(WorkerId, u32),
    /// The worker's backend is set up, on this device.
    Ready(WorkerId, Option<String>),
    /// The worker has the page's model, or there is none yet.
    Loaded(WorkerId),
    /// The first decoded picture is on screen.
    FirstPicture,
    /// Whether the browser gives a WebGPU adapter, and if not, why.
    Probed(Result<(), String>),
    /// The worker's answer to a self-check.
    Checked(WorkerId, SelfCheck),
    /// The worker's median time for one decode, in ms.
    Timed(WorkerId, f64),
    /// The worker is of no further use, and why.
    Lost(WorkerId, String),
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
    /// Draw with this worker from now on.
    Use(WorkerId, Backend),
    /// Note an attempt.
    Log(Attempt),
    /// Tell the person; nothing is broken.
    Notice(String),
    /// No backend is left: say so and offer to reload.
    GiveUp(String),
}

/// One rung that was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Attempt {
    /// The backend that was tried.
    pub(crate) backend: Backend,
    /// What came of it.
    pub(crate) outcome: String,
}

/// Why a worker is being started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    /// To have something that draws.
    Draw,
    /// Because it was asked for by name.
    Forced,
    /// To be measured against the one that draws.
    Candidate,
}

/// The measurements that a candidate and the present worker both have to give.
#[derive(Debug, Clone, PartialEq)]
enum Phase {
    Starting,
    Loading,
    Checking {
        candidate: Option<SelfCheck>,
        present: Option<SelfCheck>,
    },
    Timing {
        parity: f32,
        candidate: Option<f64>,
        present: Option<f64>,
    },
}

#[derive(Debug, Clone, PartialEq)]
struct Rising {
    id: WorkerId,
    backend: Backend,
    purpose: Purpose,
    phase: Phase,
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
pub(crate) struct Ladder {
    choice: Choice,
    /// The worker that draws.
    active: Option<Active>,
    /// The worker that is on its way, at most one.
    rising: Option<Rising>,
    /// What a probe under way is for.
    probing: Option<Purpose>,
    /// Backends that failed; not tried again until somebody chooses anew.
    spent: Vec<Backend>,
    /// CPU backends that crashed in use and were given a second chance.
    restarted: Vec<Backend>,
    /// Whether a picture has been on screen.
    picture: bool,
    last_id: WorkerId,
}

impl Ladder {
    /// Takes in what happened; says what to do, in order.
    pub(crate) fn handle(&mut self, input: Input) -> Vec<Command> {
        let mut out = Vec::new();
        match input {
            Input::Choose(choice) => self.choose(choice, &mut out),
            Input::Hello(id, protocol) => self.hello(id, protocol, &mut out),
            Input::Ready(id, device) => self.ready(id, device, &mut out),
            Input::Loaded(id) => self.loaded(id, &mut out),
            Input::FirstPicture => {
                self.picture = true;
                self.try_gpu(&mut out);
            }
            Input::Probed(result) => self.probed(result, &mut out),
            Input::Checked(id, check) => self.checked(id, check, &mut out),
            Input::Timed(id, ms) => self.timed(id, ms, &mut out),
            Input::Lost(id, why) => self.lost(id, &why, &mut out),
        }
        out
    }

    fn choose(&mut self, choice: Choice, out: &mut Vec<Command>) {
        self.choice = choice;
        self.spent.clear();
        self.restarted.clear();
        self.probing = None;
        if let Some(rising) = self.rising.take() {
            out.push(Command::Stop(rising.id));
        }
        let present = self.active.map(|active| active.backend);
        match choice {
            Choice::Auto if present == Some(Backend::Flex) => self.try_gpu(out),
            Choice::Auto => self.start(Backend::Flex, Purpose::Draw, false, out),
            Choice::Forced(backend) if present == Some(backend) => {}
            Choice::Forced(Backend::WebGpu) => {
                self.probing = Some(Purpose::Forced);
                out.push(Command::Probe);
            }
            Choice::Forced(backend) => self.start(backend, Purpose::Forced, false, out),
        }
    }

    fn start(&mut self, backend: Backend, purpose: Purpose, fresh: bool, out: &mut Vec<Command>) {
        self.last_id += 1;
        let id = self.last_id;
        self.rising = Some(Rising {
            id,
            backend,
            purpose,
            phase: Phase::Starting,
            fresh,
            parity: 0.0,
        });
        out.push(Command::Start { id, backend, fresh });
    }

    /// Looks for something faster than the CPU, when that is wanted and not yet known to fail.
    fn try_gpu(&mut self, out: &mut Vec<Command>) {
        let on_cpu = self.active.is_some_and(|active| active.backend.is_cpu());
        if self.choice == Choice::Auto
            && self.picture
            && on_cpu
            && self.rising.is_none()
            && self.probing.is_none()
            && !self.spent.contains(&Backend::WebGpu)
        {
            self.probing = Some(Purpose::Candidate);
            out.push(Command::Probe);
        }
    }

    fn probed(&mut self, result: Result<(), String>, out: &mut Vec<Command>) {
        let Some(purpose) = self.probing.take() else {
            return;
        };
        match result {
            Ok(()) => self.start(Backend::WebGpu, purpose, false, out),
            Err(why) => self.failed_to_rise(Backend::WebGpu, purpose, &why, out),
        }
    }

    fn hello(&mut self, id: WorkerId, protocol: u32, out: &mut Vec<Command>) {
        if protocol == PROTOCOL_VERSION {
            return;
        }
        let Some(rising) = self.rising.take_if(|rising| rising.id == id) else {
            return;
        };
        out.push(Command::Stop(id));
        if rising.fresh {
            let why = format!(
                "the browser keeps a worker of another version (protocol {protocol}, this page \
                 speaks {PROTOCOL_VERSION}); reload the page without its cache"
            );
            self.failed_to_rise(rising.backend, rising.purpose, &why, out);
        } else {
            log(
                rising.backend,
                format!(
                    "stale worker (protocol {protocol}, this page speaks {PROTOCOL_VERSION}): \
                     fetching it anew"
                ),
                out,
            );
            self.start(rising.backend, rising.purpose, true, out);
        }
    }

    fn ready(&mut self, id: WorkerId, device: Option<String>, out: &mut Vec<Command>) {
        let Some(rising) = self.rising.as_mut().filter(|rising| rising.id == id) else {
            return;
        };
        let on = device.map(|name| format!(" on {name}")).unwrap_or_default();
        log(rising.backend, format!("ready{on}"), out);
        match (rising.purpose, self.active) {
            (Purpose::Candidate, Some(active)) => {
                rising.phase = Phase::Checking {
                    candidate: None,
                    present: None,
                };
                out.extend([Command::SelfCheck(active.id), Command::SelfCheck(id)]);
            }
            _ => {
                rising.phase = Phase::Loading;
                out.push(Command::Load(id));
            }
        }
    }

    fn loaded(&mut self, id: WorkerId, out: &mut Vec<Command>) {
        let Some(rising) = self.rising.as_mut().filter(|rising| rising.id == id) else {
            return;
        };
        match (rising.purpose, self.active) {
            (Purpose::Candidate, Some(active)) => {
                rising.phase = Phase::Timing {
                    parity: rising.parity,
                    candidate: None,
                    present: None,
                };
                out.extend([Command::Time(active.id), Command::Time(id)]);
            }
            _ => self.take_over(out),
        }
    }

    /// The rising worker becomes the one that draws.
    fn take_over(&mut self, out: &mut Vec<Command>) {
        let Some(rising) = self.rising.take() else {
            return;
        };
        let before = self.active.replace(Active {
            id: rising.id,
            backend: rising.backend,
        });
        out.push(Command::Use(rising.id, rising.backend));
        if let Some(before) = before {
            out.push(Command::Stop(before.id));
        }
        self.try_gpu(out);
    }

    fn checked(&mut self, id: WorkerId, check: SelfCheck, out: &mut Vec<Command>) {
        let Some(rising) = &mut self.rising else {
            return;
        };
        let Phase::Checking { candidate, present } = &mut rising.phase else {
            return;
        };
        if id == rising.id {
            *candidate = Some(check);
        } else if self.active.is_some_and(|active| active.id == id) {
            *present = Some(check);
        }
        let (Some(candidate), Some(present)) = (candidate, present) else {
            return;
        };
        let parity = candidate.max_difference(present);
        // Written so that NaN fails, too.
        if parity <= PARITY_TOLERANCE {
            rising.phase = Phase::Loading;
            rising.parity = parity;
            out.push(Command::Load(rising.id));
        } else {
            let why = format!(
                "its numbers differ from the CPU's by {parity:.0e} (at most {PARITY_TOLERANCE:.0e} \
                 is allowed)"
            );
            let id = rising.id;
            self.lost(id, &why, out);
        }
    }

    fn timed(&mut self, id: WorkerId, ms: f64, out: &mut Vec<Command>) {
        let (Some(rising), Some(active)) = (&mut self.rising, self.active) else {
            return;
        };
        let Phase::Timing {
            parity,
            candidate,
            present,
        } = &mut rising.phase
        else {
            return;
        };
        if id == rising.id {
            *candidate = Some(ms);
        } else if id == active.id {
            *present = Some(ms);
        }
        let (Some(candidate), Some(present)) = (*candidate, *present) else {
            return;
        };
        // NaN does not move.
        let moves = candidate <= present * WORTH_MOVING;
        log(
            rising.backend,
            format!(
                "parity {parity:.0e}, decode {candidate:.1} ms against {present:.1} ms on {}: {}",
                active.backend,
                if moves {
                    format!("moving to {}", rising.backend)
                } else {
                    format!("staying on {}", active.backend)
                }
            ),
            out,
        );
        if moves {
            self.take_over(out);
        } else {
            out.push(Command::Stop(rising.id));
            self.spent.push(rising.backend);
            self.rising = None;
        }
    }

    fn lost(&mut self, id: WorkerId, why: &str, out: &mut Vec<Command>) {
        if let Some(rising) = self.rising.take_if(|rising| rising.id == id) {
            out.push(Command::Stop(id));
            self.failed_to_rise(rising.backend, rising.purpose, why, out);
        } else if let Some(active) = self.active.take_if(|active| active.id == id) {
            out.push(Command::Stop(id));
            self.lost_in_use(active.backend, why, out);
        }
    }

    fn failed_to_rise(
        &mut self,
        backend: Backend,
        purpose: Purpose,
        why: &str,
        out: &mut Vec<Command>,
    ) {
        self.spent.push(backend);
        let staying = self
            .active
            .map(|active| format!(": staying on {}", active.backend))
            .unwrap_or_default();
        log(backend, format!("{why}{staying}"), out);
        if self.active.is_some() {
            if purpose != Purpose::Candidate {
                out.push(Command::Notice(format!(
                    "{} can’t be used: {why}. The picture still comes from {}.",
                    label(backend),
                    self.active.map_or("", |active| active.backend.name()),
                )));
            }
            return;
        }
        match self.next_cpu() {
            Some(next) => {
                if purpose == Purpose::Forced {
                    out.push(Command::Notice(format!(
                        "{} can’t be used: {why}. The picture comes from {next} instead.",
                        label(backend),
                    )));
                }
                self.start(next, Purpose::Draw, false, out);
            }
            None => out.push(Command::GiveUp(give_up(why))),
        }
    }

    fn lost_in_use(&mut self, backend: Backend, why: &str, out: &mut Vec<Command>) {
        // A candidate has nothing left to be measured against.
        if let Some(candidate) = self
            .rising
            .take_if(|rising| rising.purpose == Purpose::Candidate)
        {
            out.push(Command::Stop(candidate.id));
        }
        if self.probing == Some(Purpose::Candidate) {
            self.probing = None;
        }
        log(backend, format!("lost in use: {why}"), out);
        let again = backend.is_cpu() && !self.restarted.contains(&backend);
        if again {
            self.restarted.push(backend);
        } else {
            self.spent.push(backend);
        }
        // Something else was already asked for and is on its way; if it fails, it falls further.
        if self.rising.is_some() || self.probing.is_some() {
            return;
        }
        let next = if again {
            Some(backend)
        } else {
            self.next_cpu()
        };
        match next {
            Some(next) => {
                out.push(Command::Notice(if again {
                    format!(
                        "{} stopped: {why}. It was started again; model and z are as before.",
                        label(backend)
                    )
                } else {
                    format!(
                        "{} stopped: {why}. The picture now comes from {next}, with the same \
                         model and z.",
                        label(backend)
                    )
                }));
                self.start(next, Purpose::Draw, false, out);
            }
            None => out.push(Command::GiveUp(give_up(why))),
        }
    }

    /// The CPU backend to fall to: the smaller bundle first.
    fn next_cpu(&self) -> Option<Backend> {
        [Backend::Flex, Backend::NdArray]
            .into_iter()
            .find(|backend| !self.spent.contains(backend))
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
    format!("Nothing can draw here: {why}. Reload the page to start over.")
}

#[cfg(test)]
#[path = "backend_selector_tests.rs"]
mod tests;
