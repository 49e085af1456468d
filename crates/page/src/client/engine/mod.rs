//! The page's side of the engine: workers, the model they hold, and the pictures they answer with.
//!
//! Nothing above this module knows of workers: the page asks for a backend, a model and a z
//! ([`Engine`]), and reads what comes of it from signals
//! ([`EngineView`]).

pub(crate) mod decoding;
pub(crate) mod encoding;
pub(crate) mod jobs;
pub(crate) mod models;

use crate::client::backend_choice::BackendChoice;
use crate::client::backend_selector::{BackendSelector, Command, Input, WorkerId};
use crate::client::catalog::Entry;
use crate::client::coalescing_slot::CoalescingSlot;
use crate::client::engine_worker::EngineWorker;
use crate::client::model_files::ModelFiles;
use crate::client::watchdog::Watchdog;
use crate::state::engine_view::{EngineError, EngineView, Frame, Image};
use crate::state::label::{Label, LabelInput};
use crate::state::latent_vector::LatentPoint;
use crate::state::notices::Notices;
use jobs::Errands;
use jobs::{Brought, Errand};
use leptos::{
    logging,
    prelude::{GetUntracked as _, Set as _, Update as _, set_interval},
};
use protocol::{
    Backend, EngineMessage, Envelope, ErrorCode, Event, ImportOptions, ImportedModel, ModelInfo,
    Request, RequestError, RequestId, Response, WorkerMessage,
};
use std::{
    cell::RefCell,
    collections::{BTreeMap, VecDeque},
    rc::{Rc, Weak},
    sync::Arc,
    time::Duration,
};

/// Number of timed decodes when two backends are compared.
const TIMED_RUNS: u32 = 20;

/// Handle to the engine; clones are the same engine.
#[derive(Clone)]
pub(crate) struct Engine(Rc<RefCell<Inner>>);

impl Engine {
    /// An engine that shows what it does in `view`, tells conditional models the `label`, and starts nothing
    /// yet.
    pub(crate) fn new(view: EngineView, label: Label, notices: Notices) -> Self {
        let inner = Rc::new_cyclic(|me: &Weak<RefCell<Inner>>| {
            RefCell::new(Inner {
                me: me.clone(),
                view,
                label,
                notices,
                selector: BackendSelector::default(),
                inbox: VecDeque::new(),
                workers: BTreeMap::new(),
                active: None,
                last_request: 0,
                latest: CoalescingSlot::paused(),
                encodings: CoalescingSlot::paused(),
                last_image: None,
                sent_at: 0.0,
                last_point: None,
                current: None,
                wanted: None,
                picked_since: None,
                fetched: Vec::new(),
                own: Vec::new(),
                adopting: None,
                newer: None,
                pictures: 0,
                imports: BTreeMap::new(),
                errands: Errands::default(),
            })
        });
        let me = Rc::downgrade(&inner);
        set_interval(
            move || {
                if let Some(inner) = me.upgrade() {
                    inner.borrow_mut().tick();
                }
            },
            Duration::from_secs(crate::client::watchdog::TICK_SECONDS.into()),
        );
        Self(inner)
    }

    /// Draws with this backend from now on, as far as it can be had.
    pub(crate) fn choose(&self, choice: BackendChoice) {
        let mut inner = self.0.borrow_mut();
        if matches!(
            inner.view.error.get_untracked(),
            Some(EngineError::NoBackend { .. })
        ) {
            inner.view.error.set(None);
        }
        inner.feed(Input::Choose(choice));
    }

    /// Makes this the model in use, once it is here and sound.
    pub(crate) fn load(&self, entry: &Entry) {
        self.0.borrow_mut().want(&entry.name);
    }

    /// Takes a model of somebody's own in, in place of an older one of the same name. When that one
    /// is in use, the picture follows as soon as the new one is with the worker; of several that
    /// come quickly, only the newest goes there.
    pub(crate) fn adopt(&self, files: ModelFiles, info: &ModelInfo) {
        self.0.borrow_mut().adopt(files, info);
    }

    /// Lets go of a model of somebody's own. While it is in use it stays on the stage.
    pub(crate) fn forget(&self, name: &str) {
        let mut inner = self.0.borrow_mut();
        inner.own.retain(|own| own.name != name);
    }

    /// Has somebody else's state dict made a model of this name; the model in use stays. What comes
    /// of it goes to `done`, later.
    pub(crate) fn import(
        &self,
        file: ImportFile,
        guess: ImportOptions,
        done: impl FnOnce(Result<ImportedModel, String>) + 'static,
    ) {
        let mut inner = self.0.borrow_mut();
        match inner.active {
            Some(id) => {
                let request = inner.last_request + 1;
                inner.imports.insert(request, Box::new(done));
                let ImportFile {
                    name,
                    weights,
                    card,
                } = file;
                let request = Request::Import {
                    name,
                    weights,
                    card,
                    options: guess,
                };
                inner.send(id, Owed::Import, request);
            }
            None => done(Err(
                "nothing can read it before a picture is there".to_owned()
            )),
        }
    }

    /// The model in use, as files: its newest state, even while that is on its way to the worker.
    /// A run's best model is that, and comes just when somebody saves it.
    pub(crate) fn files(&self) -> Option<Rc<ModelFiles>> {
        let inner = self.0.borrow();
        let current = inner.current.clone()?;
        Some(inner.find_own(&current.name).unwrap_or(current))
    }

    /// Draws this z as soon as possible, instead of what waits to be drawn.
    pub(crate) fn decode(&self, point: LatentPoint) {
        self.0.borrow_mut().decode(point);
    }

    /// The label in use is another one since `told`: draws and encodes with it what is shown.
    pub(crate) fn set_label(&self, input: LabelInput) {
        self.0.borrow_mut().set_label(input);
    }

    /// Encodes this image, `[height × width]` of grey values, with the model in use and with each
    /// that follows it, until there is none any more.
    pub(crate) fn encode(&self, image: Option<Arc<Image>>) {
        self.0.borrow_mut().encode(image);
    }

    /// Decodes or encodes a batch with the model in use, when nothing is more urgent. What comes of
    /// it goes to `done`, later, with the milliseconds from its turn on; none when another model came into
    /// use before.
    pub(crate) fn run_errand(
        &self,
        errand: Errand,
        done: impl FnOnce(Option<Brought>, f64) + 'static,
    ) {
        self.0.borrow_mut().run_errand(errand, Box::new(done));
    }

    /// A frame's pixels are on the canvas.
    pub(crate) fn drawn(&self, frame: &Frame) {
        self.0.borrow_mut().drawn(frame);
    }
}

/// A state dict that is to become a model.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ImportFile {
    /// The name that the model is to have.
    pub(crate) name: String,
    /// A safetensors file.
    pub(crate) weights: Vec<u8>,
    /// The card that was beside it.
    pub(crate) card: Option<String>,
}

/// What is done with what comes of an import.
type OnImported = Box<dyn FnOnce(Result<ImportedModel, String>)>;

/// A worker and what it owes.
struct Seat {
    worker: EngineWorker,
    watchdog: Watchdog,
    owed: BTreeMap<RequestId, Owed>,
    /// The last model that was sent to it.
    model: Option<Rc<ModelFiles>>,
}

/// What an answer is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Owed {
    /// The page's model, for a worker that is to catch up.
    Handover,
    /// The model that somebody picked.
    Wanted,
    /// A newer state of the model in use.
    Adopted,
    Decode,
    Encode,
    SelfCheck,
    Time,
    Import,
    Errand,
}

/// A model that was picked and is not in use yet.
enum Wanted {
    Fetching(String),
    Arrived(Rc<ModelFiles>),
    /// Sent to the worker that draws.
    Loading(Rc<ModelFiles>),
}

impl Wanted {
    fn name(&self) -> &str {
        match self {
            Self::Fetching(name) => name,
            Self::Arrived(files) | Self::Loading(files) => &files.name,
        }
    }
}

struct Inner {
    me: Weak<RefCell<Inner>>,
    view: EngineView,
    label: Label,
    notices: Notices,
    selector: BackendSelector,
    inbox: VecDeque<Input>,
    workers: BTreeMap<WorkerId, Seat>,
    active: Option<WorkerId>,
    last_request: RequestId,
    latest: CoalescingSlot<LatentPoint>,
    encodings: CoalescingSlot<Arc<Image>>,
    /// The image that is encoded, to be encoded again by the next worker or model.
    last_image: Option<Arc<Image>>,
    /// When the z in flight was sent.
    sent_at: f64,
    /// The newest z that was asked for, to be drawn again by the next worker or model.
    last_point: Option<LatentPoint>,
    /// The model in use: some worker has loaded it, so it is sound.
    current: Option<Rc<ModelFiles>>,
    wanted: Option<Wanted>,
    /// What was picked while a model was being loaded; its turn comes after that.
    picked_since: Option<String>,
    /// All models that were fetched, so that going back to one is instant.
    fetched: Vec<Rc<ModelFiles>>,
    /// People's own models, each in its newest state. No server has them.
    own: Vec<Rc<ModelFiles>>,
    /// The newer state of the model in use that was sent to the worker that draws.
    adopting: Option<Rc<ModelFiles>>,
    /// A state that is newer still, and waits for its turn.
    newer: Option<Rc<ModelFiles>>,
    pictures: u64,
    imports: BTreeMap<RequestId, OnImported>,
    errands: Errands,
}

// The ladder, and what it commands.
impl Inner {
    /// Tells the ladder, and does what it says until there is nothing more to do.
    fn feed(&mut self, input: Input) {
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
            Command::Load(id) => match self.current.clone() {
                Some(files) => self.send_model(id, files, Owed::Handover),
                None => self.inbox.push_back(Input::Loaded(id)),
            },
            Command::SelfCheck(id) => self.send(id, Owed::SelfCheck, Request::SelfCheck),
            Command::Time(id) => {
                self.send(id, Owed::Time, Request::TimeDecode { runs: TIMED_RUNS });
            }
            Command::Use(id, backend) => self.make_active(id, backend),
            Command::Log(attempt) => {
                logging::log!("backend ladder: {}: {}", attempt.backend, attempt.outcome);
                self.view.attempts.update(|attempts| attempts.push(attempt));
            }
            Command::Notice(text) => self.notices.show(text),
            Command::GiveUp(message) => {
                self.notices.clear();
                self.view
                    .error
                    .set(Some(EngineError::NoBackend { message }));
            }
        }
    }

    fn start(&mut self, id: WorkerId, backend: Backend, fresh: bool) {
        let me = self.me.clone();
        let name = format!("engine-{backend}");
        let spawned = crate::client::engine_worker::spawn(backend, &name, fresh, move |message| {
            if let Some(inner) = me.upgrade() {
                inner.borrow_mut().received(id, message);
            }
        });
        match spawned {
            Ok(worker) => {
                let seat = Seat {
                    worker,
                    watchdog: Watchdog::new(backend),
                    owed: BTreeMap::new(),
                    model: None,
                };
                self.workers.insert(id, seat);
            }
            Err(why) => self.inbox.push_back(Input::Lost(id, why)),
        }
    }

    fn stop(&mut self, id: WorkerId) {
        let Some(seat) = self.workers.remove(&id) else {
            return;
        };
        for (&request, _) in seat.owed.iter().filter(|(_, owed)| **owed == Owed::Import) {
            let why = "the worker stopped while it read the file; try again".to_owned();
            self.import_ended(request, Err(why));
        }
        if self.active == Some(id) {
            self.active = None;
            self.view.active.set(None);
            self.hold();
            self.adopting = None;
            if let Some(Wanted::Loading(files)) = &self.wanted {
                let files = files.clone();
                if self.current.is_some() {
                    // It may be this very model that brings workers down: don't hand it to the
                    // next one.
                    let message = format!("the worker stopped while it loaded {}", files.name);
                    self.wanted_failed(files.name.clone(), message);
                } else {
                    self.wanted = Some(Wanted::Arrived(files));
                }
            }
        }
        // Later, because one of its listeners may be what is running just now.
        wasm_bindgen_futures::spawn_local(async move { drop(seat) });
    }

    fn probe(&self) {
        let me = self.me.clone();
        wasm_bindgen_futures::spawn_local(async move {
            let result = crate::client::webgpu_probe::probe().await;
            if let Some(inner) = me.upgrade() {
                inner.borrow_mut().feed(Input::Probed(result));
            }
        });
    }

    fn make_active(&mut self, id: WorkerId, backend: Backend) {
        self.active = Some(id);
        self.view.active.set(Some(backend));
        self.hold();
        // It was on its way to the worker that this one replaces.
        self.adopting = None;
        self.newer = self
            .current
            .as_ref()
            .and_then(|current| self.newer_than(current));
        // Somebody may have picked another model while this worker came up.
        if let (Some(current), Some(seat)) = (self.current.clone(), self.workers.get(&id))
            && seat
                .model
                .as_ref()
                .is_none_or(|model| !Rc::ptr_eq(model, &current))
        {
            self.send_model(id, current, Owed::Handover);
        }
        if let Some(Wanted::Loading(files)) = &self.wanted {
            // It was sent to the worker that this one replaces.
            self.wanted = Some(Wanted::Arrived(files.clone()));
        }
        self.load_wanted();
        self.resume();
        self.send_newer();
    }

    fn tick(&mut self) {
        let silent: Vec<_> = self
            .workers
            .iter_mut()
            .filter_map(|(&id, seat)| {
                let seconds = seat.watchdog.tick(seat.owed.is_empty())?;
                Some((id, format!("it did not answer for {seconds} s")))
            })
            .collect();
        for (id, why) in silent {
            self.feed(Input::Lost(id, why));
        }
    }
}

// What workers say.
impl Inner {
    fn received(&mut self, id: WorkerId, message: Result<EngineMessage, String>) {
        let Some(seat) = self.workers.get_mut(&id) else {
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
            WorkerMessage::Event(Event::Ready { device }) => self.feed(Input::Ready(id, device)),
            WorkerMessage::Event(_) => {
                logging::warn!("engine: an event of a training run from a worker without one");
            }
            WorkerMessage::Failed(error) => self.feed(Input::Lost(id, error.message)),
            WorkerMessage::Response(Envelope { id: request, body }) => {
                let owed = seat.owed.remove(&request);
                match body {
                    Ok(response) => self.answered(id, request, owed, response),
                    Err(error) => self.failed(id, request, owed, error),
                }
            }
        }
    }

    fn answered(
        &mut self,
        id: WorkerId,
        request: RequestId,
        owed: Option<Owed>,
        response: Response,
    ) {
        match (owed, response) {
            (Some(Owed::Wanted), Response::ModelLoaded(model)) => self.wanted_loaded(model),
            (Some(Owed::Handover), Response::ModelLoaded(_)) => self.feed(Input::Loaded(id)),
            (Some(Owed::Adopted), Response::ModelLoaded(model)) => self.adopted(id, model),
            (Some(Owed::Decode), Response::Decoded { pixels }) => self.decoded(request, pixels),
            (Some(Owed::Encode), Response::Encoded { mu, sigma }) => {
                self.encoded(request, mu, sigma);
            }
            (Some(Owed::Errand), Response::Decoded { pixels }) => {
                self.errand_ended(request, Some(Brought::Pixels(pixels)));
            }
            (Some(Owed::Errand), Response::Encoded { mu, sigma }) => {
                self.errand_ended(request, Some(Brought::Posteriors([mu, sigma])));
            }
            (Some(Owed::Errand), Response::Evidence(result)) => {
                self.errand_ended(request, Some(Brought::Found(Box::new(result))));
            }
            (_, Response::SelfChecked(check)) => self.feed(Input::Checked(id, check)),
            (_, Response::DecodeTimed { median_ms }) => self.feed(Input::Timed(id, median_ms)),
            (_, Response::Imported(imported)) => self.import_ended(request, Ok(imported)),
            _ => logging::warn!("engine: an answer to nothing"),
        }
    }

    fn failed(
        &mut self,
        id: WorkerId,
        request: RequestId,
        owed: Option<Owed>,
        RequestError { code, message }: RequestError,
    ) {
        match (code, owed) {
            (ErrorCode::BackendUnavailable | ErrorCode::BackendLost, _) => {
                self.feed(Input::Lost(id, message));
            }
            (_, Some(Owed::Wanted)) => {
                if let Some(name) = self.wanted.as_ref().map(|wanted| wanted.name().to_owned()) {
                    self.wanted_failed(name, message);
                }
                self.resume();
            }
            (_, Some(Owed::Decode)) => {
                // The next z may do; this one is not worth a message on the page.
                logging::warn!("decode: {message}");
                self.latest.complete(request);
                self.pump();
            }
            (_, Some(Owed::Encode)) => {
                logging::warn!("encode: {message}");
                self.encodings.complete(request);
                self.pump_encodings();
                self.pump_errands();
            }
            (_, Some(Owed::Errand)) => self.errand_failed(request, &message),
            (_, Some(Owed::Adopted)) => {
                // The one before stays, and the next one may do.
                logging::warn!("engine: {message}");
                self.adopting = None;
                self.send_newer();
            }
            (_, Some(Owed::Import)) => {
                self.import_ended(request, Err(message));
            }
            // A worker that can't do what every worker can is of no use.
            (_, Some(Owed::Handover | Owed::SelfCheck | Owed::Time)) => {
                self.feed(Input::Lost(id, message));
            }
            (_, None) => logging::warn!("engine: {message}"),
        }
    }

    fn import_ended(&mut self, request: RequestId, result: Result<ImportedModel, String>) {
        if let Some(done) = self.imports.remove(&request) {
            // Later, because it will ask the engine for more.
            wasm_bindgen_futures::spawn_local(async move { done(result) });
        }
    }

    /// Sends a request and notes what its answer is for.
    fn send(&mut self, id: WorkerId, owed: Owed, body: Request) {
        self.last_request += 1;
        let request = Envelope {
            id: self.last_request,
            body,
        };
        let Some(seat) = self.workers.get_mut(&id) else {
            return;
        };
        seat.owed.insert(request.id, owed);
        if let Err(why) = seat.worker.post(&request) {
            // Later, because the ladder may be in the middle of something.
            let me = self.me.clone();
            wasm_bindgen_futures::spawn_local(async move {
                if let Some(inner) = me.upgrade() {
                    inner.borrow_mut().feed(Input::Lost(id, why));
                }
            });
        }
    }
}
