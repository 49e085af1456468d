//! What components can ask for. The only way from them to the engine.

use crate::{
    address,
    catalog::Catalog,
    choice::Choice,
    engine::{Engine, Imported, weights::ModelFiles},
    state::{EngineView, Frame, Latent},
    tab::Tab,
    url_state::UrlState,
};
use leptos::{prelude::*, reactive::owner::LocalStorage};
use protocol::{ImportGuess, TrainedModel};
use std::{rc::Rc, sync::Arc};

/// See the [module](self).
#[derive(Clone, Copy)]
pub(crate) struct Asks {
    engine: StoredValue<Engine, LocalStorage>,
    catalog: RwSignal<Catalog>,
    view: EngineView,
    latent: Latent,
    choice: RwSignal<Choice>,
    tab: RwSignal<Option<Tab>>,
    adopted: RwSignal<Option<Arc<TrainedModel>>>,
    /// What the address asked for at the start.
    opened_with: StoredValue<UrlState>,
}

impl Asks {
    /// Asks of this engine.
    pub(crate) fn new(
        engine: Engine,
        catalog: Catalog,
        view: EngineView,
        latent: Latent,
        opened_with: UrlState,
    ) -> Self {
        Self {
            engine: StoredValue::new_local(engine),
            catalog: RwSignal::new(catalog),
            view,
            latent,
            choice: RwSignal::new(opened_with.backend),
            tab: RwSignal::new(opened_with.tab),
            adopted: RwSignal::new(None),
            opened_with: StoredValue::new(opened_with),
        }
    }

    /// The models that can be picked: shipped ones and people's own.
    pub(crate) fn catalog(&self) -> Catalog {
        self.catalog.get()
    }

    /// The panel that is open.
    pub(crate) fn tab(&self) -> Option<Tab> {
        self.tab.get()
    }

    /// Opens this panel, or closes the one that is open.
    pub(crate) fn open_tab(&self, tab: Option<Tab>) {
        self.tab.set(tab);
    }

    /// Takes in a model that was trained or imported here: it can be picked, and where it is in use
    /// already, pictures come from it from now on.
    pub(crate) fn adopt(&self, model: TrainedModel) {
        self.adopted.set(Some(Arc::new(model.clone())));
        self.take_in(model);
    }

    /// Takes in a model of an earlier visit, unless there is a newer one of its name.
    pub(crate) fn readopt(&self, model: TrainedModel) {
        let name = &model.info.name;
        let is_there = self
            .catalog
            .with_untracked(|catalog| catalog.find(name).is_some());
        if !is_there {
            self.take_in(model);
        }
    }

    /// The model that was adopted last.
    pub(crate) fn adopted(&self) -> RwSignal<Option<Arc<TrainedModel>>> {
        self.adopted
    }

    fn take_in(&self, model: TrainedModel) {
        let TrainedModel {
            info,
            card,
            weights,
        } = model;
        let is_new = self.catalog.with_untracked(|catalog| {
            catalog
                .find(&info.name)
                .is_none_or(|entry| entry.latent_size != info.latent_size)
        });
        if is_new {
            self.catalog
                .update(|catalog| catalog.add_own(&info.name, info.latent_size));
        }
        let files = ModelFiles {
            name: info.name,
            card,
            weights,
        };
        self.engine
            .with_value(|engine| engine.adopt(files, info.latent_size));
    }

    /// Has a state dict made a model, under a name that is free. See [`Engine::import`].
    pub(crate) fn import(
        &self,
        name: String,
        weights: Vec<u8>,
        guess: ImportGuess,
        done: impl FnOnce(Result<Imported, String>) + 'static,
    ) {
        self.engine
            .with_value(|engine| engine.import(name, weights, guess, done));
    }

    /// The model in use, as files.
    pub(crate) fn files(&self) -> Option<Rc<ModelFiles>> {
        self.engine.with_value(Engine::files)
    }

    /// The name of the model that is or will be in use.
    pub(crate) fn model(&self) -> String {
        self.view
            .loading
            .get()
            .or_else(|| self.model_in_use())
            .unwrap_or_else(|| self.first_model())
    }

    /// The name of the model in use.
    pub(crate) fn model_in_use(&self) -> Option<String> {
        self.view
            .model
            .with(|model| model.as_ref().map(|model| model.name.clone()))
    }

    fn first_model(&self) -> String {
        self.opened_with
            .with_value(|state| state.model.clone())
            .unwrap_or_else(|| {
                self.catalog
                    .with_untracked(|catalog| catalog.default_entry().name.clone())
            })
    }

    /// Uses this model, once it is here.
    pub(crate) fn pick_model(&self, name: &str) {
        let entry = self
            .catalog
            .with_untracked(|catalog| catalog.find(name).cloned());
        if let Some(entry) = entry {
            self.engine.with_value(|engine| engine.load(&entry));
        }
    }

    /// The backend that was asked for.
    pub(crate) fn choice(&self) -> Choice {
        self.choice.get()
    }

    /// Draws with this backend, if it can be had.
    pub(crate) fn choose(&self, choice: Choice) {
        self.choice.set(choice);
        self.engine.with_value(|engine| engine.choose(choice));
    }

    /// Says that this frame is on the canvas.
    pub(crate) fn drawn(&self, frame: &Arc<Frame>) {
        self.engine.with_value(|engine| engine.drawn(frame));
    }

    /// The state as the address says it. Follows the signals.
    pub(crate) fn state(&self) -> UrlState {
        UrlState {
            model: Some(self.model_in_use().unwrap_or_else(|| self.first_model())),
            z: Some(self.latent.z()),
            backend: self.choice(),
            tab: self.tab(),
            foreign: self.opened_with.with_value(|state| state.foreign.clone()),
        }
    }

    /// The address of just what is shown.
    pub(crate) fn link(&self) -> String {
        address::write(&untrack(|| self.state()));
        address::href()
    }

    /// Starts: the worker and the model at once, each as fast as it can.
    pub(crate) fn open(&self) {
        self.pick_model(&self.first_model());
        self.choose(self.choice.get_untracked());
    }

    /// Draws each new z.
    pub(crate) fn draw_as_z_moves(&self) {
        let Self { engine, latent, .. } = *self;
        Effect::new(move |_| engine.with_value(|engine| engine.decode(latent.point())));
    }
}
