//! What components can ask for. The only way from them to the engine.

use crate::client::backend_choice::Choice;
use crate::client::catalog::Catalog;
use crate::client::engine::jobs::{Brought, Errand};
use crate::client::engine::{Engine, ImportFile};
use crate::client::model_files::ModelFiles;
use crate::state::engine_view::{EngineView, Frame, Image};
use crate::state::label::Label;
use crate::state::latent_vector::LatentVector;
use leptos::{prelude::*, reactive::owner::LocalStorage};
use protocol::{
    ImportOptions, ImportedModel, TrainedModel,
    evidence::{EvidenceQuery, EvidenceResult},
};
use std::{rc::Rc, sync::Arc};

/// See the [module](self).
#[derive(Clone, Copy)]
pub(crate) struct Actions {
    engine: StoredValue<Engine, LocalStorage>,
    catalog: RwSignal<Catalog>,
    view: EngineView,
    choice: RwSignal<Choice>,
    own_models: RwSignal<Option<OwnModel>>,
    /// The model that the page opens with.
    first_model: StoredValue<String>,
}

/// A change to people's own models.
#[derive(Debug, Clone)]
pub(crate) enum OwnModel {
    /// This one was trained or imported; one of the same name is replaced.
    Adopted(Arc<TrainedModel>),
    /// The one of this name is gone.
    Removed(String),
}

impl Actions {
    /// Actions on this engine. The page opens with `first_model`, or with the catalog's default.
    pub(crate) fn new(
        engine: Engine,
        catalog: Catalog,
        view: EngineView,
        choice: Choice,
        first_model: Option<String>,
    ) -> Self {
        let first_model = first_model.unwrap_or_else(|| catalog.default_entry().name.clone());
        Self {
            engine: StoredValue::new_local(engine),
            catalog: RwSignal::new(catalog),
            view,
            choice: RwSignal::new(choice),
            own_models: RwSignal::new(None),
            first_model: StoredValue::new(first_model),
        }
    }

    /// The models that can be picked: shipped ones and people's own.
    pub(crate) fn catalog(&self) -> Catalog {
        self.catalog.get()
    }

    /// Takes in a model that was trained or imported here: it can be picked, and where it is in use
    /// already, pictures come from it from now on.
    pub(crate) fn adopt(&self, model: TrainedModel) {
        let change = OwnModel::Adopted(Arc::new(model.clone()));
        self.own_models.set(Some(change));
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

    /// The newest change to people's own models.
    pub(crate) fn own_models(&self) -> RwSignal<Option<OwnModel>> {
        self.own_models
    }

    /// Removes a model of somebody's own. Where it is in use, the first of the shipped ones takes
    /// its place.
    pub(crate) fn remove(&self, name: &str) {
        let known = self.catalog.get_untracked();
        if !known.find(name).is_some_and(|entry| entry.own) {
            return;
        }
        self.catalog.update(|catalog| catalog.remove_own(name));
        if untrack(|| self.model()) == name {
            self.pick_model(&known.default_entry().name);
        }
        self.engine.with_value(|engine| engine.forget(name));
        self.own_models
            .set(Some(OwnModel::Removed(name.to_owned())));
    }

    fn take_in(&self, model: TrainedModel) {
        let TrainedModel {
            info,
            card,
            weights,
        } = model;
        let is_new = self.catalog.with_untracked(|catalog| {
            catalog.find(&info.name).is_none_or(|entry| {
                (entry.latent_size, entry.classes) != (info.latent_size, info.classes)
            })
        });
        if is_new {
            self.catalog
                .update(|catalog| catalog.add_own(&info.name, info.latent_size, info.classes));
        }
        let files = ModelFiles {
            name: info.name.clone(),
            card,
            weights,
        };
        self.engine.with_value(|engine| engine.adopt(files, &info));
    }

    /// Has a state dict made a model, under a name that is free. See [`Engine::import`].
    pub(crate) fn import(
        &self,
        file: ImportFile,
        guess: ImportOptions,
        done: impl FnOnce(Result<ImportedModel, String>) + 'static,
    ) {
        self.engine
            .with_value(|engine| engine.import(file, guess, done));
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

    /// Classes of the label that the model in use is told, or the first one will be; 0 for none.
    pub(crate) fn classes(&self) -> usize {
        let in_use = self
            .view
            .model
            .with(|model| model.as_ref().map(|model| model.classes));
        in_use.unwrap_or_else(|| {
            let first = self.first_model();
            let entry = |catalog: &Catalog| catalog.find(&first).map(|entry| entry.classes);
            self.catalog.with(entry).unwrap_or_default()
        })
    }

    /// The name of the model that the page opens with.
    pub(crate) fn first_model(&self) -> String {
        self.first_model.get_value()
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

    /// Encodes this image of grey values from now on, asked for at this time; or none any more.
    pub(crate) fn encode(&self, image: Option<Vec<u8>>, at: f64) {
        let image = image.map(|pixels| Image { pixels, at }).map(Arc::new);
        self.engine.with_value(|engine| engine.encode(image));
    }

    /// Decodes latent vectors, `[n × latent]`, when nothing is more urgent. The grey values,
    /// `[n × height × width]`, go to `done`, later; none when another model came into use before.
    pub(crate) fn decode_batch(&self, z: Vec<f32>, done: impl FnOnce(Option<Vec<u8>>) + 'static) {
        self.decode_timed(z, |timed| done(timed.map(|(pixels, _)| pixels)));
    }

    /// The same, with the milliseconds that it took from the batch's turn on.
    pub(crate) fn decode_timed(
        &self,
        z: Vec<f32>,
        done: impl FnOnce(Option<(Vec<u8>, f64)>) + 'static,
    ) {
        let done = move |brought, took| {
            done(match brought {
                Some(Brought::Pixels(pixels)) => Some((pixels, took)),
                _ => None,
            });
        };
        self.engine
            .with_value(|engine| engine.run_errand(Errand::Decode(z), done));
    }

    /// Encodes images, `[n × height × width]` of grey values, when nothing is more urgent. μ and σ,
    /// `[n × latent]` each, go to `done`, later; none when another model came into use before.
    pub(crate) fn encode_batch(
        &self,
        images: Vec<u8>,
        done: impl FnOnce(Option<[Vec<f32>; 2]>) + 'static,
    ) {
        let done = move |brought, _| {
            done(match brought {
                Some(Brought::Posteriors(posteriors)) => Some(posteriors),
                _ => None,
            });
        };
        self.engine
            .with_value(|engine| engine.run_errand(Errand::Encode(images), done));
    }

    /// Finds out something about log p(x) of an image, `[height × width]` of grey values, when nothing is more
    /// urgent. What was found goes to `done`, later, or why it can't be; none when another model came into
    /// use before.
    pub(crate) fn examine(
        &self,
        image: Vec<u8>,
        query: EvidenceQuery,
        done: impl FnOnce(Option<Result<EvidenceResult, String>>) + 'static,
    ) {
        let done = move |brought, _| {
            done(match brought {
                Some(Brought::Found(found)) => Some(Ok(*found)),
                Some(Brought::Refused(why)) => Some(Err(why)),
                _ => None,
            });
        };
        self.engine
            .with_value(|engine| engine.run_errand(Errand::Examine(image, query), done));
    }

    /// Says that this frame is on the canvas.
    pub(crate) fn drawn(&self, frame: &Arc<Frame>) {
        self.engine.with_value(|engine| engine.drawn(frame));
    }

    /// Starts: the worker and the model at once, each as fast as it can.
    pub(crate) fn open(&self) {
        self.pick_model(&self.first_model());
        self.choose(self.choice.get_untracked());
    }

    /// Decodes each new z, and again with each new label.
    pub(crate) fn decode_on_change(&self, latent: LatentVector, label: Label) {
        let engine = self.engine;
        Effect::new(move |_| engine.with_value(|engine| engine.decode(latent.point())));
        Effect::new(move |before: Option<()>| {
            let input = label.input();
            // The first one is there before anything is drawn.
            if before.is_some() {
                engine.with_value(|engine| engine.set_label(input));
            }
        });
    }
}
