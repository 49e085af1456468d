//! What components can ask for. The only way from them to the engine.

use crate::{
    address,
    catalog::Catalog,
    choice::Choice,
    engine::Engine,
    state::{EngineView, Frame, Latent},
    url_state::UrlState,
};
use leptos::{prelude::*, reactive::owner::LocalStorage};
use std::sync::Arc;

/// See the [module](self).
#[derive(Clone, Copy)]
pub(crate) struct Asks {
    engine: StoredValue<Engine, LocalStorage>,
    catalog: StoredValue<Catalog>,
    view: EngineView,
    latent: Latent,
    choice: RwSignal<Choice>,
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
            catalog: StoredValue::new(catalog),
            view,
            latent,
            choice: RwSignal::new(opened_with.backend),
            opened_with: StoredValue::new(opened_with),
        }
    }

    /// The models that can be picked.
    pub(crate) fn catalog(&self) -> Catalog {
        self.catalog.get_value()
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
                    .with_value(|catalog| catalog.default_entry().name.clone())
            })
    }

    /// Uses this model, once it is here.
    pub(crate) fn pick_model(&self, name: &str) {
        let entry = self
            .catalog
            .with_value(|catalog| catalog.find(name).cloned());
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
