//! The client of the engine workers: it keeps one worker active, the current model in it, and serves requests.
//!
//! Urgent requests are the current z and the current image: only the newest of each is served. Jobs wait until no
//! urgent request does.

mod before_engine;
mod requests;
#[cfg(test)]
mod tests;
mod workers;

use crate::{
    backend_choice::BackendChoice,
    backend_selector::{self, BackendSelector, WorkerId},
    change::{Change, DecodedBatch, EngineError, Frame, Image, LatentPoint, Listener},
    coalescing_slot::CoalescingSlot,
    first_decoder::FirstDecoder,
    jobs::{Job, JobError, JobQueue, JobResult},
    model_files::ModelFiles,
    model_slot::{self, ModelSlot},
    platform::Platform,
    watchdog,
};
use futures_channel::oneshot;
use protocol::{
    ImportOptions, ImportedModel, ModelInfo, Request, RequestId, Response, TrainedModel,
    evidence::{EvidenceQuery, EvidenceResult},
};
use std::{
    cell::RefCell,
    collections::{BTreeMap, VecDeque},
    future::Future,
    rc::{Rc, Weak},
    sync::Arc,
};
use workers::{EngineWorker, RequestPurpose};

/// Handle to the client; clones are the same client.
#[derive(Clone)]
pub struct EngineClient(Rc<RefCell<Inner>>);

/// A state dict to import.
#[derive(Debug, Clone, PartialEq)]
pub struct StateDictFile {
    /// The name of the resulting model.
    pub name: String,
    /// A safetensors file.
    pub weights: Vec<u8>,
    /// The card that came with it, if any.
    pub card: Option<String>,
}

struct Inner {
    me: Weak<RefCell<Inner>>,
    platform: Rc<dyn Platform>,
    listener: Listener,
    /// The class weights of the current label, given the number of classes.
    class_weights: Box<dyn Fn(usize) -> Vec<f32>>,
    selector: BackendSelector,
    inbox: VecDeque<backend_selector::Input>,
    workers: BTreeMap<WorkerId, EngineWorker>,
    active: Option<WorkerId>,
    models: ModelSlot,
    error: Option<EngineError>,
    last_request: RequestId,
    decodes: CoalescingSlot<LatentPoint>,
    /// The newest z, decoded again when worker, model or label change.
    last_point: Option<LatentPoint>,
    /// When the z in flight was sent.
    sent_at: f64,
    encodes: CoalescingSlot<Arc<Image>>,
    /// The current image, encoded again when worker, model or label change.
    last_image: Option<Arc<Image>>,
    jobs: JobQueue,
    imports: BTreeMap<RequestId, oneshot::Sender<Result<ImportedModel, String>>>,
    has_shown_image: bool,
    /// Whether an image has been shown since a worker was active.
    has_shown_engine_image: bool,
    /// The decoder that draws images until an engine does.
    first_decoder: Option<FirstDecoder>,
}

impl EngineClient {
    /// A client that publishes its changes to `listener` and starts nothing yet. Requests are conditioned on
    /// `class_weights` of the current model's number of classes.
    pub fn new(
        platform: Rc<dyn Platform>,
        class_weights: impl Fn(usize) -> Vec<f32> + 'static,
        listener: impl Fn(Change) + 'static,
    ) -> Self {
        let inner = Rc::new_cyclic(|me: &Weak<RefCell<Inner>>| {
            RefCell::new(Inner {
                me: me.clone(),
                platform: platform.clone(),
                listener: Box::new(listener),
                class_weights: Box::new(class_weights),
                selector: BackendSelector::default(),
                inbox: VecDeque::new(),
                workers: BTreeMap::new(),
                active: None,
                models: ModelSlot::default(),
                error: None,
                last_request: 0,
                decodes: CoalescingSlot::paused(),
                last_point: None,
                sent_at: 0.0,
                encodes: CoalescingSlot::paused(),
                last_image: None,
                jobs: JobQueue::default(),
                imports: BTreeMap::new(),
                has_shown_image: false,
                has_shown_engine_image: false,
                first_decoder: None,
            })
        });
        watchdog::start(&*platform, &inner, Inner::tick);
        Self(inner)
    }

    /// Selects a backend.
    pub fn choose(&self, choice: BackendChoice) {
        let mut inner = self.0.borrow_mut();
        if matches!(inner.error, Some(EngineError::NoBackend { .. })) {
            inner.set_error(None);
        }
        inner.select_backend(backend_selector::Input::Choose(choice));
    }

    /// Decodes with the decoder worker until an engine is ready, if one was started.
    pub fn take_decoder(&self) {
        self.0.borrow_mut().take_decoder();
    }

    /// Loads this model and makes it current.
    pub fn load(&self, name: &str) {
        let input = model_slot::Input::Select(name.to_owned());
        let mut inner = self.0.borrow_mut();
        inner.drop_decoder_of_another_model(name);
        inner.update_models(input);
    }

    /// Adds a user model, in place of an older version of the same name. If that one is current, the new version
    /// replaces it; of several versions in quick succession, only the newest is loaded.
    pub fn add_user_model(&self, files: ModelFiles, info: &ModelInfo) {
        let input = model_slot::Input::AddUserModel(files, info.clone());
        self.0.borrow_mut().update_models(input);
    }

    /// Gives the user model of the name `from` the name and the card of `files`, whose weights are the same.
    pub fn rename_user_model(&self, from: &str, files: ModelFiles) {
        let input = model_slot::Input::RenameUserModel(from.to_owned(), files);
        self.0.borrow_mut().update_models(input);
    }

    /// The newest version of a user model.
    pub fn user_model(&self, name: &str) -> Option<TrainedModel> {
        let (files, info) = self.0.borrow().models.newest_of(name)?;
        Some(TrainedModel {
            info,
            card: files.card.clone(),
            weights: files.weights.clone(),
        })
    }

    /// Removes a user model. If it is current, it stays current until another model is loaded.
    pub fn remove_user_model(&self, name: &str) {
        let input = model_slot::Input::RemoveUserModel(name.to_owned());
        self.0.borrow_mut().update_models(input);
    }

    /// The newest version of the current model, even if no worker has loaded it yet.
    pub fn files(&self) -> Option<Rc<ModelFiles>> {
        self.0.borrow().models.newest()
    }

    /// Decodes this z as soon as possible, in place of one that waits.
    pub fn decode(&self, point: LatentPoint) {
        self.0.borrow_mut().decode(point);
    }

    /// The class weights changed, at the input event's time: decodes and encodes again.
    pub fn label_changed(&self, at: f64) {
        self.0.borrow_mut().label_changed(at);
    }

    /// Sets or clears the image to encode, `[height, width, channels]`. It is encoded again when worker, model or label
    /// change.
    pub fn encode(&self, image: Option<Arc<Image>>) {
        self.0.borrow_mut().encode(image);
    }

    /// Reports that this frame is on screen. Returns its latency in milliseconds, and whether it is the first one.
    pub fn shown(&self, frame: &Frame) -> (f64, bool) {
        let mut inner = self.0.borrow_mut();
        let latency = inner.platform.now() - frame.point.at;
        let first = !std::mem::replace(&mut inner.has_shown_image, true);
        let is_of_engine = inner.active.is_some();
        if is_of_engine && !std::mem::replace(&mut inner.has_shown_engine_image, true) {
            inner.select_backend(backend_selector::Input::FirstImage);
        }
        (latency, first)
    }

    /// Decodes latent vectors, `[n × latent]`, at low priority.
    pub fn decode_batch(
        &self,
        z: Vec<f32>,
    ) -> impl Future<Output = Result<DecodedBatch, JobError>> + use<> {
        let job = self.run(Job::Decode(z));
        let inner = self.0.clone();
        async move {
            let (Response::Decoded { pixels }, ms) = job.await? else {
                return Err(unexpected());
            };
            // A change of model cancels jobs, so this is the model that decoded.
            let shape = inner.borrow().models.info().map(|info| info.image);
            match shape {
                Some(shape) if pixels.len().is_multiple_of(shape.values()) => Ok(DecodedBatch {
                    images: pixels,
                    shape,
                    ms,
                }),
                _ => Err(unexpected()),
            }
        }
    }

    /// Encodes images, `[n, height, width, channels]`, at low priority. A conditional model is given `class`, or the
    /// current label without one. Returns μ and σ, `[n × latent]` each.
    pub fn encode_batch(
        &self,
        images: Vec<u8>,
        class: Option<usize>,
    ) -> impl Future<Output = Result<[Vec<f32>; 2], JobError>> + use<> {
        let job = self.run(Job::Encode(images, class));
        async {
            match job.await? {
                (Response::Encoded { mu, sigma }, _) => Ok([mu, sigma]),
                _ => Err(unexpected()),
            }
        }
    }

    /// Evaluates a query about log p(x) of an image, `[height, width, channels]`, at low priority.
    pub fn query(
        &self,
        image: Vec<u8>,
        query: EvidenceQuery,
    ) -> impl Future<Output = Result<EvidenceResult, JobError>> + use<> {
        let job = self.run(Job::Query(image, query));
        async {
            match job.await? {
                (Response::Evidence(result), _) => Ok(result),
                _ => Err(unexpected()),
            }
        }
    }

    /// Converts a state dict to a model; the current model stays. The error is to be shown to the user.
    pub fn import(
        &self,
        file: StateDictFile,
        options: ImportOptions,
    ) -> impl Future<Output = Result<ImportedModel, String>> + use<> {
        let receiver = self.0.borrow_mut().import(file, options);
        async move {
            match receiver {
                Some(receiver) => receiver.await.unwrap_or_else(|_| Err(stopped())),
                None => Err("no worker is ready to read it yet; try again in a moment".to_owned()),
            }
        }
    }

    fn run(&self, job: Job) -> impl Future<Output = JobResult> + use<> {
        let receiver = self.0.borrow_mut().add_job(job);
        async { receiver.await.unwrap_or(Err(JobError::Cancelled)) }
    }
}

fn unexpected() -> JobError {
    JobError::Failed("the worker sent an unexpected response".to_owned())
}

fn stopped() -> String {
    "the worker stopped while it read the file; try again".to_owned()
}

impl Inner {
    fn publish(&self, change: Change) {
        (self.listener)(change);
    }

    fn set_error(&mut self, error: Option<EngineError>) {
        self.error.clone_from(&error);
        self.publish(Change::Error(error));
    }

    /// Passes an event to the model slot and executes its commands.
    fn update_models(&mut self, input: model_slot::Input) {
        for command in self.models.handle(input) {
            match command {
                model_slot::Command::Fetch(name) => self.fetch(name),
                model_slot::Command::Load(files, purpose) => {
                    if let Some(id) = self.active {
                        self.send_model(id, files, RequestPurpose::Model(purpose));
                    }
                }
                model_slot::Command::Pause => self.pause(),
                model_slot::Command::Resume => self.resume(),
                model_slot::Command::Refresh => self.refresh(),
                model_slot::Command::Model(info) => {
                    if let Some(files) = self.models.current() {
                        self.publish(Change::Card(files.card.clone()));
                    }
                    self.publish(Change::Model(info));
                }
                model_slot::Command::Loading(name) => self.publish(Change::Loading(name)),
                model_slot::Command::Error(error) => self.set_error(error),
            }
        }
    }

    fn fetch(&self, name: String) {
        let me = self.me.clone();
        let fetched = self.platform.fetch_model(&name);
        self.platform.spawn(Box::pin(async move {
            let input = match fetched.await {
                Ok(files) => model_slot::Input::Fetched(files),
                Err(message) => model_slot::Input::FetchFailed(name, message),
            };
            if let Some(inner) = me.upgrade() {
                inner.borrow_mut().update_models(input);
            }
        }));
    }

    fn send_model(&mut self, id: WorkerId, files: Rc<ModelFiles>, purpose: RequestPurpose) {
        let (card, weights) = (files.card.clone(), files.weights.clone());
        if let Some(worker) = self.workers.get_mut(&id) {
            worker.model = Some(files);
        }
        self.send(id, purpose, Request::LoadModel { card, weights });
    }
}
