//! The life cycle of models: which one is selected, loading and current, and which newer weights replace it.
//!
//! It is pure, as the [backend selector](crate::backend_selector) is: it takes an [`Input`] and returns
//! [`Command`]s.
//!
//! A selected model is fetched, then sent to the active worker; until the worker has loaded it, no other request is
//! made, because its response could be from either model. A model that fails to load leaves the current one in use. User
//! models are updated in place while they are trained: newer weights are sent one version at a time, and requests
//! continue meanwhile.

use crate::{change::EngineError, model_files::ModelFiles};
use protocol::ModelInfo;
use std::rc::Rc;

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Input {
    /// The user selected this model.
    Select(String),
    /// An included model was fetched.
    Fetched(ModelFiles),
    /// An included model could not be fetched, and why.
    FetchFailed(String, String),
    /// The active worker has loaded the selected model.
    Loaded(ModelInfo),
    /// The active worker could not load the selected model, and why.
    LoadFailed(String),
    /// A user model was trained or imported; it replaces one of the same name.
    AddUserModel(ModelFiles, ModelInfo),
    /// The user model of this name was given another one, which its new files have.
    RenameUserModel(String, ModelFiles),
    /// A user model was removed.
    RemoveUserModel(String),
    /// The active worker has loaded the newer weights.
    Updated(ModelInfo),
    /// The active worker could not load the newer weights.
    UpdateFailed,
    /// A worker became active; it has loaded this model.
    WorkerActive(Option<Rc<ModelFiles>>),
    /// The active worker stopped.
    WorkerStopped,
}

/// What to do.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Command {
    /// Fetch this included model.
    Fetch(String),
    /// Send this model to the active worker.
    Load(Rc<ModelFiles>, LoadReason),
    /// Make no requests until [`Resume`](Self::Resume), and drop those in progress.
    Pause,
    /// Make requests again, beginning with the current z and image.
    Resume,
    /// The weights changed: decode and encode again.
    Refresh,
    /// The current model changed.
    Model(ModelInfo),
    /// The name of the model that is loading changed.
    Loading(Option<String>),
    /// Show this error, or none.
    Error(Option<EngineError>),
}

/// Why a model is sent to the active worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LoadReason {
    /// It was selected.
    Selected,
    /// It is the current model, which the worker has not loaded yet.
    Current,
    /// It is a newer version of the current model.
    Update,
}

/// A model that was selected and is not current yet.
#[derive(Debug)]
enum Pending {
    Fetching(String),
    Fetched(Rc<ModelFiles>),
    /// Sent to the active worker.
    Loading(Rc<ModelFiles>),
}

impl Pending {
    fn name(&self) -> &str {
        match self {
            Self::Fetching(name) => name,
            Self::Fetched(files) | Self::Loading(files) => &files.name,
        }
    }
}

/// A user model in its newest version.
#[derive(Debug)]
struct UserModel {
    files: Rc<ModelFiles>,
    info: ModelInfo,
}

/// See the [module](self).
#[derive(Debug, Default)]
pub(crate) struct ModelSlot {
    has_worker: bool,
    /// The current model. Some worker has loaded it, so it is valid.
    current: Option<Rc<ModelFiles>>,
    info: Option<ModelInfo>,
    pending: Option<Pending>,
    /// The model that was selected while another one was loading.
    next_selection: Option<String>,
    /// All models that were fetched, so that they need not be fetched again.
    fetched: Vec<Rc<ModelFiles>>,
    /// User models, each in its newest version.
    user_models: Vec<UserModel>,
    /// The newer version of the current model that was sent to the active worker.
    update_in_flight: Option<Rc<ModelFiles>>,
    /// An even newer version, which is sent next.
    next_update: Option<Rc<ModelFiles>>,
}

impl ModelSlot {
    /// The current model as files.
    pub(crate) fn current(&self) -> Option<&Rc<ModelFiles>> {
        self.current.as_ref()
    }

    /// The newest version of the current model, even if no worker has it yet.
    pub(crate) fn newest(&self) -> Option<Rc<ModelFiles>> {
        let current = self.current.clone()?;
        Some(self.user_model(&current.name).unwrap_or(current))
    }

    /// The newest version of the user model of this name, with its description.
    pub(crate) fn newest_of(&self, name: &str) -> Option<(Rc<ModelFiles>, ModelInfo)> {
        let mut models = self.user_models.iter();
        let model = models.find(|model| model.files.name == name)?;
        Some((model.files.clone(), model.info.clone()))
    }

    /// The description of the current model.
    pub(crate) fn info(&self) -> Option<&ModelInfo> {
        self.info.as_ref()
    }

    /// Whether requests about the current model can be made.
    pub(crate) fn is_ready(&self) -> bool {
        self.has_worker && self.current.is_some() && !self.is_loading()
    }

    /// Handles an event and returns the commands to execute, in order.
    pub(crate) fn handle(&mut self, input: Input) -> Vec<Command> {
        let mut out = Vec::new();
        match input {
            Input::Select(name) => self.select(&name, &mut out),
            Input::Fetched(files) => self.fetched(files, &mut out),
            // Another model may have been selected meanwhile.
            Input::FetchFailed(name, message) if self.is_fetching(&name) => {
                self.fail(name, message, &mut out);
            }
            Input::FetchFailed(..) => {}
            Input::Loaded(info) => self.loaded(info, &mut out),
            Input::LoadFailed(message) => {
                if let Some(name) = self
                    .pending
                    .as_ref()
                    .map(|pending| pending.name().to_owned())
                {
                    self.fail(name, message, &mut out);
                }
                self.resume(&mut out);
            }
            Input::AddUserModel(files, info) => self.add_user_model(files, info, &mut out),
            Input::RenameUserModel(from, files) => self.rename_user_model(&from, files, &mut out),
            Input::RemoveUserModel(name) => {
                self.user_models.retain(|other| other.files.name != name);
            }
            Input::Updated(info) => self.updated(info, &mut out),
            Input::UpdateFailed => {
                // The previous version stays in use.
                self.update_in_flight = None;
                self.send_update(&mut out);
            }
            Input::WorkerActive(model) => self.worker_active(model, &mut out),
            Input::WorkerStopped => self.worker_stopped(&mut out),
        }
        out
    }

    fn select(&mut self, name: &str, out: &mut Vec<Command>) {
        out.push(Command::Error(None));
        if self.is_loading() {
            self.next_selection = Some(name.to_owned());
            return;
        }
        if self
            .current
            .as_ref()
            .is_some_and(|current| current.name == name)
        {
            // Back to the current model, before the other one has arrived.
            return self.set_pending(None, out);
        }
        let fetched = self.fetched.iter().find(|files| files.name == name);
        if let Some(files) = self.user_model(name).or_else(|| fetched.cloned()) {
            self.set_pending(Some(Pending::Fetched(files)), out);
            return self.load_pending(out);
        }
        self.set_pending(Some(Pending::Fetching(name.to_owned())), out);
        out.push(Command::Fetch(name.to_owned()));
    }

    fn fetched(&mut self, files: ModelFiles, out: &mut Vec<Command>) {
        let files = Rc::new(files);
        self.fetched.retain(|other| other.name != files.name);
        self.fetched.push(files.clone());
        if self.is_fetching(&files.name) {
            self.set_pending(Some(Pending::Fetched(files)), out);
            self.load_pending(out);
        }
    }

    /// Sends the selected model to the active worker, once both are available.
    fn load_pending(&mut self, out: &mut Vec<Command>) {
        let Some(Pending::Fetched(files)) = self.pending.as_ref().filter(|_| self.has_worker)
        else {
            return;
        };
        let files = files.clone();
        self.pending = Some(Pending::Loading(files.clone()));
        out.extend([Command::Pause, Command::Load(files, LoadReason::Selected)]);
    }

    fn loaded(&mut self, info: ModelInfo, out: &mut Vec<Command>) {
        let Some(Pending::Loading(files)) = &self.pending else {
            return;
        };
        let info = ModelInfo {
            name: files.name.clone(),
            ..info
        };
        self.current = Some(files.clone());
        self.info = Some(info.clone());
        out.push(Command::Model(info));
        self.set_pending(None, out);
        // A newer version may have arrived meanwhile.
        self.next_update = self.newer_than_current();
        self.resume(out);
        self.select_next(out);
        self.send_update(out);
    }

    /// The selected model is not available; the current one stays.
    fn fail(&mut self, name: String, message: String, out: &mut Vec<Command>) {
        // The file may have been damaged in transit.
        self.fetched.retain(|files| files.name != name);
        self.set_pending(None, out);
        let error = EngineError::Model { name, message };
        out.push(Command::Error(Some(error)));
        self.select_next(out);
    }

    fn add_user_model(&mut self, files: ModelFiles, info: ModelInfo, out: &mut Vec<Command>) {
        let files = Rc::new(files);
        let size = (info.latent_size, info.classes);
        self.set_user_model(files.clone(), info);
        let Some(current) = self.info.as_ref().filter(|info| info.name == files.name) else {
            return;
        };
        if (current.latent_size, current.classes) == size {
            self.next_update = Some(files);
            self.send_update(out);
        } else if !self.is_loading() {
            // Another architecture under the same name: z changes, so requests have to wait.
            self.next_update = None;
            self.set_pending(Some(Pending::Fetched(files)), out);
            self.load_pending(out);
        }
    }

    fn set_user_model(&mut self, files: Rc<ModelFiles>, info: ModelInfo) {
        self.user_models
            .retain(|other| other.files.name != files.name);
        self.user_models.push(UserModel { files, info });
    }

    /// The weights stay the same, so nothing is sent to a worker.
    fn rename_user_model(&mut self, from: &str, files: ModelFiles, out: &mut Vec<Command>) {
        let Some(at) = self
            .user_models
            .iter()
            .position(|model| model.files.name == from)
        else {
            return;
        };
        let files = Rc::new(files);
        let info = ModelInfo {
            name: files.name.clone(),
            ..self.user_models.remove(at).info
        };
        self.set_user_model(files.clone(), info);
        let rename = |other: &mut Rc<ModelFiles>| {
            if other.name == from {
                *other = files.clone();
            }
        };
        self.update_in_flight.as_mut().map(rename);
        self.next_update.as_mut().map(rename);
        if let Some(Pending::Fetched(pending) | Pending::Loading(pending)) = &mut self.pending
            && pending.name == from
        {
            *pending = files.clone();
            out.push(Command::Loading(Some(files.name.clone())));
        }
        if self.next_selection.as_deref() == Some(from) {
            self.next_selection = Some(files.name.clone());
        }
        if let (Some(current), Some(info)) = (&mut self.current, &mut self.info)
            && current.name == from
        {
            *current = files.clone();
            info.name = files.name.clone();
            out.push(Command::Model(info.clone()));
        }
    }

    /// Sends the newest version of the current model to the active worker, one at a time. Requests continue: each is
    /// served with the version that the worker has loaded when it arrives.
    fn send_update(&mut self, out: &mut Vec<Command>) {
        if self.update_in_flight.is_some() || self.is_loading() || !self.has_worker {
            return;
        }
        if let Some(files) = self.next_update.take() {
            self.update_in_flight = Some(files.clone());
            out.push(Command::Load(files, LoadReason::Update));
        }
    }

    fn updated(&mut self, info: ModelInfo, out: &mut Vec<Command>) {
        let Some(files) = self.update_in_flight.take() else {
            return;
        };
        let still_current = self
            .current
            .as_ref()
            .is_some_and(|current| current.name == files.name);
        if self.has_worker && still_current {
            let info = ModelInfo {
                name: files.name.clone(),
                ..info
            };
            self.current = Some(files);
            if self.info.as_ref() != Some(&info) {
                self.info = Some(info.clone());
                out.push(Command::Model(info));
            }
            out.push(Command::Refresh);
        }
        self.send_update(out);
    }

    fn worker_active(&mut self, model: Option<Rc<ModelFiles>>, out: &mut Vec<Command>) {
        self.has_worker = true;
        out.push(Command::Pause);
        // An update was sent to the previous worker.
        self.update_in_flight = None;
        self.next_update = self.newer_than_current();
        // Another model may have become current while the worker started.
        if let Some(current) = &self.current
            && model.is_none_or(|model| !Rc::ptr_eq(&model, current))
        {
            out.push(Command::Load(current.clone(), LoadReason::Current));
        }
        if let Some(Pending::Loading(files)) = &self.pending {
            // It was sent to the previous worker.
            self.pending = Some(Pending::Fetched(files.clone()));
        }
        self.load_pending(out);
        self.resume(out);
        self.send_update(out);
    }

    fn worker_stopped(&mut self, out: &mut Vec<Command>) {
        self.has_worker = false;
        out.push(Command::Pause);
        self.update_in_flight = None;
        if let Some(Pending::Loading(files)) = &self.pending {
            let files = files.clone();
            if self.current.is_some() {
                // The model itself may crash workers, so the next worker does not get it.
                let message = format!("the worker stopped while it loaded {}", files.name);
                self.fail(files.name.clone(), message, out);
            } else {
                self.pending = Some(Pending::Fetched(files));
            }
        }
    }

    fn resume(&self, out: &mut Vec<Command>) {
        if self.is_ready() {
            out.push(Command::Resume);
        }
    }

    fn select_next(&mut self, out: &mut Vec<Command>) {
        if let Some(name) = self.next_selection.take() {
            self.select(&name, out);
        }
    }

    fn set_pending(&mut self, pending: Option<Pending>, out: &mut Vec<Command>) {
        let name = pending.as_ref().map(|pending| pending.name().to_owned());
        out.push(Command::Loading(name));
        self.pending = pending;
    }

    fn is_loading(&self) -> bool {
        matches!(self.pending, Some(Pending::Loading(_)))
    }

    fn is_fetching(&self, name: &str) -> bool {
        matches!(&self.pending, Some(Pending::Fetching(pending)) if pending == name)
    }

    fn user_model(&self, name: &str) -> Option<Rc<ModelFiles>> {
        self.newest_of(name).map(|(files, _)| files)
    }

    fn newer_than_current(&self) -> Option<Rc<ModelFiles>> {
        let current = self.current.as_ref()?;
        self.user_model(&current.name)
            .filter(|newest| !Rc::ptr_eq(newest, current))
    }
}

#[cfg(test)]
#[path = "model_slot_tests.rs"]
mod tests;
