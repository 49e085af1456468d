//! What components can do with models and backends. Their only way to the engine.

use crate::dom;
use crate::state::catalog::Catalog;
use crate::state::engine_view::{EngineView, Frame, Image};
use crate::state::label::Label;
use crate::state::latent_vector::{LatentPoint, LatentVector};
use crate::state::model_card;
use client::backend_choice::BackendChoice;
use client::change::DecodedBatch;
use client::{EngineClient, JobError, StateDictFile, model_files::ModelFiles};
use leptos::{prelude::*, reactive::owner::LocalStorage};
use protocol::{
    ImportOptions, ImportedModel, TrainedModel,
    evidence::{EvidenceQuery, EvidenceResult},
};
use std::{rc::Rc, sync::Arc};

/// See the [module](self).
#[derive(Clone, Copy)]
pub(crate) struct Actions {
    engine: StoredValue<EngineClient, LocalStorage>,
    catalog: RwSignal<Catalog>,
    view: EngineView,
    choice: RwSignal<BackendChoice>,
    user_model_changes: RwSignal<Option<UserModelChange>>,
    /// The model that the page opens with.
    first_model: StoredValue<String>,
}

/// A change to the user models.
#[derive(Debug, Clone)]
pub(crate) enum UserModelChange {
    /// This model was trained or imported, and replaces one of the same name.
    Added(Arc<TrainedModel>),
    /// The model of the name `from` has another name.
    Renamed {
        /// The name that it had.
        from: String,
        /// The model under its new name.
        model: Arc<TrainedModel>,
    },
    /// The model of this name was removed.
    Removed(String),
}

impl Actions {
    /// Actions on this engine. The page opens with `first_model`, or with the catalog's default.
    pub(crate) fn new(
        engine: EngineClient,
        catalog: Catalog,
        view: EngineView,
        choice: BackendChoice,
        first_model: Option<String>,
    ) -> Self {
        let first_model = first_model.unwrap_or_else(|| catalog.default_entry().name.clone());
        Self {
            engine: StoredValue::new_local(engine),
            catalog: RwSignal::new(catalog),
            view,
            choice: RwSignal::new(choice),
            user_model_changes: RwSignal::new(None),
            first_model: StoredValue::new(first_model),
        }
    }

    /// The models that can be selected: included models and user models.
    pub(crate) fn catalog(&self) -> Catalog {
        self.catalog.get()
    }

    /// Adds a model that was trained or imported. If a model of this name is current, the new one replaces it.
    pub(crate) fn add_model(&self, mut model: TrainedModel) {
        model.card = model_card::with_date(&model.card, &dom::today());
        let change = UserModelChange::Added(Arc::new(model.clone()));
        self.user_model_changes.set(Some(change));
        self.add_to_catalog(model);
    }

    /// Adds a model without storing it in the browser: it ends with this visit, unless it is added later.
    pub(crate) fn show_model(&self, model: TrainedModel) {
        self.add_to_catalog(model);
    }

    /// Adds a model of an earlier visit, unless there is one of this name.
    pub(crate) fn restore_model(&self, model: TrainedModel) {
        let name = &model.info.name;
        let is_there = self
            .catalog
            .with_untracked(|catalog| catalog.find(name).is_some());
        if !is_there {
            self.add_to_catalog(model);
        }
    }

    /// The latest change to the user models.
    pub(crate) fn user_model_changes(&self) -> RwSignal<Option<UserModelChange>> {
        self.user_model_changes
    }

    /// Removes a user model. If it is current, the default model is selected.
    pub(crate) fn remove_model(&self, name: &str) {
        let known = self.catalog.get_untracked();
        if !known.find(name).is_some_and(|entry| entry.is_user_model) {
            return;
        }
        self.catalog
            .update(|catalog| catalog.remove_user_model(name));
        if untrack(|| self.model()) == name {
            self.select_model(&known.default_entry().name);
        }
        self.engine
            .with_value(|engine| engine.remove_user_model(name));
        self.user_model_changes
            .set(Some(UserModelChange::Removed(name.to_owned())));
    }

    /// Gives a user model another name: in the list, the storage, the address and its card. The new name must be
    /// valid and free.
    ///
    /// # Errors
    ///
    /// If there is no such model, or its card has no name.
    pub(crate) fn rename_model(&self, from: &str, to: &str) -> Result<(), String> {
        let model = self.engine.with_value(|engine| engine.user_model(from));
        let mut model = model.ok_or_else(|| format!("there is no model named {from}"))?;
        model.card = model_card::with_name(&model.card, to)
            .ok_or_else(|| "the name in its card can’t be changed".to_owned())?;
        to.clone_into(&mut model.info.name);
        let files = ModelFiles {
            name: to.to_owned(),
            card: model.card.clone(),
            weights: model.weights.clone(),
        };
        self.user_model_changes.set(Some(UserModelChange::Renamed {
            from: from.to_owned(),
            model: Arc::new(model),
        }));
        self.catalog
            .update(|catalog| catalog.rename_user_model(from, to));
        self.engine
            .with_value(|engine| engine.rename_user_model(from, files));
        Ok(())
    }

    /// The newest version of a user model.
    pub(crate) fn user_model(&self, name: &str) -> Option<TrainedModel> {
        self.engine.with_value(|engine| engine.user_model(name))
    }

    fn add_to_catalog(&self, model: TrainedModel) {
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
            self.catalog.update(|catalog| {
                catalog.add_user_model(&info.name, info.latent_size, info.classes)
            });
        }
        let files = ModelFiles {
            name: info.name.clone(),
            card,
            weights,
        };
        self.engine
            .with_value(|engine| engine.add_user_model(files, &info));
    }

    /// Converts a state dict to a model under a free name. See [`EngineClient::import`].
    ///
    /// # Errors
    ///
    /// If the file is not a model, or there is no worker to read it.
    pub(crate) fn import(
        &self,
        file: StateDictFile,
        options: ImportOptions,
    ) -> impl Future<Output = Result<ImportedModel, String>> + use<> {
        self.engine
            .with_value(|engine| engine.import(file, options))
    }

    /// The current model, as files.
    pub(crate) fn files(&self) -> Option<Rc<ModelFiles>> {
        self.engine.with_value(EngineClient::files)
    }

    /// The name of the model that is loading, else of the current one.
    pub(crate) fn model(&self) -> String {
        self.view
            .loading
            .get()
            .or_else(|| self.current_model())
            .unwrap_or_else(|| self.first_model())
    }

    /// The name of the current model.
    pub(crate) fn current_model(&self) -> Option<String> {
        self.view
            .model
            .with(|model| model.as_ref().map(|model| model.name.clone()))
    }

    /// Number of classes of the current model, before there is one of the first model; 0 for an unconditional one.
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

    /// The data set of an included model; `None` for a user model.
    pub(crate) fn data_set_untracked(&self, name: &str) -> Option<String> {
        self.catalog
            .with_untracked(|catalog| catalog.find(name)?.data.clone())
    }

    /// The name of the model that the page opens with.
    pub(crate) fn first_model(&self) -> String {
        self.first_model.get_value()
    }

    /// Loads this model and makes it current.
    pub(crate) fn select_model(&self, name: &str) {
        let entry = self
            .catalog
            .with_untracked(|catalog| catalog.find(name).cloned());
        if let Some(entry) = entry {
            self.engine.with_value(|engine| engine.load(&entry.name));
        }
    }

    /// The selected backend.
    pub(crate) fn selected_backend(&self) -> BackendChoice {
        self.choice.get()
    }

    /// [`selected_backend`](Self::selected_backend), untracked.
    pub(crate) fn selected_backend_untracked(&self) -> BackendChoice {
        self.choice.get_untracked()
    }

    /// Selects this backend.
    pub(crate) fn select_backend(&self, choice: BackendChoice) {
        self.choice.set(choice);
        self.engine.with_value(|engine| engine.choose(choice));
    }

    /// Sets or clears the image to encode. It is encoded again when the model changes to another of its shape.
    pub(crate) fn encode(&self, image: Option<Image>) {
        self.engine
            .with_value(|engine| engine.encode(image.map(Arc::new)));
    }

    /// Decodes latent vectors, `[n × latent]`, at low priority.
    ///
    /// # Errors
    ///
    /// If decoding fails, or the model changed before.
    pub(crate) fn decode_batch(
        &self,
        z: Vec<f32>,
    ) -> impl Future<Output = Result<DecodedBatch, JobError>> + use<> {
        self.engine.with_value(|engine| engine.decode_batch(z))
    }

    /// Encodes images, `[n, height, width, channels]`, at low priority. A conditional model is given `class`, or the
    /// current label without one. Returns μ and σ, `[n × latent]` each.
    ///
    /// # Errors
    ///
    /// If encoding fails, or the model changed before.
    pub(crate) fn encode_batch(
        &self,
        images: Vec<u8>,
        class: Option<usize>,
    ) -> impl Future<Output = Result<[Vec<f32>; 2], JobError>> + use<> {
        self.engine
            .with_value(|engine| engine.encode_batch(images, class))
    }

    /// Answers a query about log p(x) of an image, `[height, width, channels]`, at low priority.
    ///
    /// # Errors
    ///
    /// If the query fails, or the model changed before it was answered.
    pub(crate) fn query(
        &self,
        image: Vec<u8>,
        query: EvidenceQuery,
    ) -> impl Future<Output = Result<EvidenceResult, JobError>> + use<> {
        self.engine.with_value(|engine| engine.query(image, query))
    }

    /// Reports that this frame is on the canvas.
    pub(crate) fn report_shown(&self, frame: &Arc<Frame>) {
        let (latency, is_first) = self.engine.with_value(|engine| engine.shown(frame));
        let LatentPoint { at, by_user, .. } = frame.point;
        self.view.note_latency(latency, by_user);
        if by_user {
            dom::measure("input-to-pixels", at, at + latency);
        }
        // A digit may have been drawn before the page's program had arrived.
        if is_first && !dom::has_mark("first-digit") {
            dom::mark("first-digit");
        }
    }

    /// Starts loading the first model and the backend, concurrently. The decoder worker draws until they are ready.
    pub(crate) fn start(&self) {
        self.engine.with_value(EngineClient::take_decoder);
        self.select_model(&self.first_model());
        self.select_backend(self.choice.get_untracked());
    }

    /// Decodes z as the stage does: the newest one wins, and [`EngineView::frame`] has the image.
    pub(crate) fn decode(&self, point: LatentPoint) {
        self.engine.with_value(|engine| engine.decode(point));
    }

    /// Decodes each new z, and again with each new label.
    pub(crate) fn decode_on_change(&self, latent: LatentVector, label: Label) {
        let engine = self.engine;
        Effect::new(move |_| engine.with_value(|engine| engine.decode(latent.point())));
        Effect::new(move |before: Option<()>| {
            let input = label.input();
            // The engine starts with the first label.
            if before.is_some() {
                engine.with_value(|engine| engine.label_changed(input.at));
            }
        });
    }
}
