//! Reads chosen files, converts them to a model, and adds it to the list of models.

use crate::dom::files::{PickedFile, read as read_file};
use crate::features::dataset::file_importer::FileImporter;
use crate::features::dataset::sample_set::SampleSet;
use crate::features::dataset::samples::SampleLoader;
use crate::features::user_model::import::uploaded_weights::{self, Uploaded, UploadedWeights};
use crate::state::actions::Actions;
use client::StateDictFile;
use leptos::{html, prelude::*, reactive::owner::LocalStorage};
use protocol::{
    CardOptions, FileRequest, ImportOptions, ImportQuestion, ImportReading, ImportSample,
    ImportedModel, NamedFile, TrainedModel,
};
use wasm_bindgen_futures::spawn_local;

/// Digits that answers are compared on.
const SAMPLE: usize = 20;

/// A model that was just imported.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Imported {
    /// Its name.
    pub(crate) name: String,
    /// For each of its layers, the name of the layer in the file.
    pub(crate) mapping: Vec<(String, String)>,
    /// The readings of the file, the best first; empty if its card describes it.
    pub(crate) readings: Vec<ImportReading>,
    /// The index of the reading in use.
    pub(crate) reading: usize,
    /// What the file does not tell.
    pub(crate) questions: Vec<ImportQuestion>,
    /// Whether the model has an encoder.
    pub(crate) has_encoder: bool,
    /// Whether it is stored in the browser already; one from an address is not until the user keeps it.
    pub(crate) is_stored: bool,
}

/// A file that the engine can import.
#[derive(Debug, Clone)]
struct Readable {
    file: StateDictFile,
    /// Activation and likelihood of the card.
    card: Option<CardOptions>,
}

/// Imports models; clones are the same.
#[derive(Clone, Copy)]
pub(crate) struct ModelImporter {
    actions: Actions,
    files: StoredValue<FileImporter, LocalStorage>,
    /// The file input that [`choose_files`](Self::choose_files) opens.
    pub(crate) input: NodeRef<html::Input>,
    /// The files that were chosen and are not read yet: the program that reads them is in a chunk.
    pub(crate) chosen: RwSignal<Vec<PickedFile>, LocalStorage>,
    /// What went wrong, as a sentence.
    pub(crate) error: RwSignal<Option<String>>,
    /// The newest import, until the user keeps or undoes it.
    pub(crate) imported: RwSignal<Option<Imported>>,
    /// Whether it is imported again with other answers or another order.
    pub(crate) is_importing: RwSignal<bool>,
    /// What is known besides the file.
    options: StoredValue<ImportOptions>,
    samples: SampleLoader,
    /// Kept, because it is imported again when an option is corrected.
    file: RwSignal<Option<StateDictFile>>,
    /// A file that is a decoder alone, or no model alone, with the name of the model that it became: its other half may
    /// follow.
    half: StoredValue<Option<(NamedFile, Option<String>)>>,
    /// The model of the newest import, until it is stored.
    not_stored: StoredValue<Option<TrainedModel>>,
    /// The model that was selected before the import.
    before: StoredValue<String>,
}

impl ModelImporter {
    /// An importer that has imported nothing yet. `files` converts checkpoints, and `samples` has images that decide what a
    /// file does not tell.
    pub(crate) fn new(
        actions: Actions,
        files: StoredValue<FileImporter, LocalStorage>,
        samples: SampleLoader,
    ) -> Self {
        Self {
            actions,
            files,
            input: NodeRef::new(),
            chosen: RwSignal::new_local(Vec::new()),
            error: RwSignal::new(None),
            imported: RwSignal::new(None),
            is_importing: RwSignal::new(false),
            options: StoredValue::new(ImportOptions::default()),
            samples,
            file: RwSignal::new(None),
            half: StoredValue::new(None),
            not_stored: StoredValue::new(None),
            before: StoredValue::new(String::new()),
        }
    }

    /// Opens the browser's dialog to choose files.
    pub(crate) fn choose_files(self) {
        if let Some(input) = self.input.get_untracked() {
            input.click();
        }
    }

    /// Imports the model in these files.
    pub(crate) fn add_files(self, files: Vec<PickedFile>) {
        self.error.set(None);
        self.imported.set(None);
        spawn_local(async move {
            let mut contents = Vec::new();
            for PickedFile { file, .. } in &files {
                match read_file(file).await {
                    Ok(content) => contents.push(content),
                    Err(cause) => {
                        return self.error.set(Some(format!("{}: {cause}.", file.name())));
                    }
                }
            }
            self.add(contents, true).await;
        });
    }

    /// Imports the model in these files, and stores it in the browser at once or when the user keeps it.
    pub(crate) async fn add(self, contents: Vec<NamedFile>, store: bool) {
        self.error.set(None);
        self.imported.set(None);
        self.before.set_value(untrack(|| self.actions.model()));
        let outcome = match uploaded_weights::separate(contents) {
            Ok(Uploaded::One(uploaded)) => self.add_one(uploaded, store).await,
            Ok(Uploaded::Pair(pair)) => self.add_pair(pair, store).await,
            Err(cause) => Err(cause),
        };
        if let Err(cause) = outcome {
            self.imported.set(None);
            self.file.set(None);
            self.error.set(Some(cause));
        }
    }

    /// Imports a model. If the file before it was one half of a model, and this is the other, they become one.
    async fn add_one(self, uploaded: UploadedWeights, store: bool) -> Result<(), String> {
        let file = NamedFile {
            name: uploaded.file_name.clone(),
            bytes: uploaded.weights.clone(),
        };
        let is_alone = uploaded.card.is_none();
        let other = self.half.get_value().filter(|_| is_alone);
        if let Some((other, became)) = other
            && let Ok((readable, imported)) = self.read_pair([other, file.clone()]).await
            && imported.has_encoder
        {
            self.half.set_value(None);
            // The half alone was not the model that the user wants.
            if let Some(name) = became {
                self.actions.remove_model(&name);
            }
            self.show(readable, imported, store);
            return Ok(());
        }
        let name = uploaded.name.clone();
        let result = self.read_one(uploaded).await;
        let is_half = match &result {
            Ok((_, imported)) => !imported.has_encoder,
            Err(_) => true,
        };
        let became = result
            .as_ref()
            .ok()
            .map(|(readable, _)| readable.file.name.clone());
        self.half
            .set_value((is_alone && is_half).then_some((file, became)));
        let (readable, imported) = result
            .map_err(|cause| format!("{name} was not imported: {cause}. Nothing has changed."))?;
        self.show(readable, imported, store);
        Ok(())
    }

    async fn add_pair(self, pair: [NamedFile; 2], store: bool) -> Result<(), String> {
        self.half.set_value(None);
        let names = format!("{} and {}", pair[0].name, pair[1].name);
        let read = self.read_pair(pair).await;
        let (readable, imported) = read
            .map_err(|cause| format!("{names} were not imported: {cause}. Nothing has changed."))?;
        self.show(readable, imported, store);
        Ok(())
    }

    /// The model of a file.
    async fn read_one(
        self,
        uploaded: UploadedWeights,
    ) -> Result<(Readable, ImportedModel), String> {
        let need_conversion = uploaded.need_conversion();
        let is_onnx = uploaded.is_onnx();
        let UploadedWeights {
            name,
            weights,
            card,
            guess,
            ..
        } = uploaded;
        let weights = match need_conversion {
            false => weights,
            true => {
                let converted = self
                    .files
                    .with_value(|files| files.convert_checkpoint(weights));
                converted.await?
            }
        };
        let readable = Readable {
            file: StateDictFile {
                name: self.free_name(&name),
                weights,
                card: card.filter(|_| !is_onnx),
            },
            card: guess.filter(|_| !is_onnx),
        };
        self.read(readable).await
    }

    /// The model of two files.
    async fn read_pair(self, pair: [NamedFile; 2]) -> Result<(Readable, ImportedModel), String> {
        let names = [pair[0].name.as_str(), pair[1].name.as_str()];
        let name = self.free_name(&uploaded_weights::name_of_pair(names));
        let converted = self.files.with_value(|files| files.convert_pair(pair));
        let readable = Readable {
            file: StateDictFile {
                name,
                weights: converted.await?,
                card: None,
            },
            card: None,
        };
        self.read(readable).await
    }

    /// The model that a file becomes without answers.
    async fn read(self, readable: Readable) -> Result<(Readable, ImportedModel), String> {
        let options = ImportOptions {
            card: readable.card,
            ..ImportOptions::default()
        };
        let imported = self.import(&readable.file, options).await?;
        Ok((readable, imported))
    }

    fn free_name(self, name: &str) -> String {
        untrack(|| uploaded_weights::free_name(name, &self.actions.catalog()))
    }

    /// Makes a model current, and asks about it.
    fn show(self, Readable { file, card }: Readable, imported: ImportedModel, store: bool) {
        self.options.set_value(ImportOptions {
            card,
            ..ImportOptions::default()
        });
        let name = file.name.clone();
        self.file.set(Some(file));
        self.replace(name, imported, store);
    }

    /// Makes a model current, in place of an earlier one of its name.
    fn replace(self, name: String, imported: ImportedModel, store: bool) {
        let ImportedModel {
            model,
            mapping,
            readings,
            reading,
            questions,
            has_encoder,
        } = imported;
        if store {
            self.not_stored.set_value(None);
            self.actions.add_model(model);
        } else {
            self.not_stored.set_value(Some(model.clone()));
            self.actions.show_model(model);
        }
        self.actions.select_model(&name);
        self.imported.set(Some(Imported {
            name,
            mapping,
            readings,
            reading,
            questions,
            has_encoder,
            is_stored: store,
        }));
    }

    /// Writes a model as ONNX.
    pub(crate) fn export_onnx(
        self,
        card: String,
        weights: Vec<u8>,
        done: impl FnOnce(Result<Vec<NamedFile>, String>) + 'static,
    ) {
        self.files
            .with_value(|files| files.export_onnx(card, weights, done));
    }

    /// Writes a PyTorch project, by a [`FileRequest::ExportProject`].
    pub(crate) fn export_project(
        self,
        request: FileRequest,
        done: impl FnOnce(Result<Vec<u8>, String>) + 'static,
    ) {
        self.files
            .with_value(|files| files.export_project(request, done));
    }

    /// Imports the file again with an answer to a question, in place of the model that it became. The other answers stay.
    pub(crate) fn answer(self, question: &str, answer: String) {
        let others = self.imported.with_untracked(|imported| {
            let questions = imported.iter().flat_map(|imported| &imported.questions);
            questions
                .filter(|other| other.id != question)
                // The output says how pixels were scaled, unless images say otherwise.
                .filter(|other| question != "output" || other.id != "range")
                .filter_map(|other| {
                    let choice = other.choices.get(other.chosen)?;
                    Some((other.id.clone(), choice.value.clone()))
                })
                .collect::<Vec<_>>()
        });
        let reading = self
            .imported
            .with_untracked(|imported| imported.as_ref().map_or(0, |imported| imported.reading));
        self.options.update_value(|options| {
            options.reading = Some(reading);
            options.answers = others;
            options.answers.push((question.to_owned(), answer));
        });
        self.import_again();
    }

    /// Imports the file again with another reading of its layers. The activation stays as it was answered.
    pub(crate) fn choose_reading(self, reading: usize) {
        self.options.update_value(|options| {
            options.reading = Some(reading);
            options.order = Vec::new();
            options
                .answers
                .retain(|(question, _)| question == "activation");
        });
        self.import_again();
    }

    /// Imports the file again with its layers in this order, by their names. If they don't fit in it, the model stays as it
    /// is, and the error says which do not.
    pub(crate) fn reorder(self, order: Vec<String>) {
        let before = self.options.get_value();
        self.options.update_value(|options| {
            options.reading = None;
            options.order = order;
            options
                .answers
                .retain(|(question, _)| question == "activation");
        });
        self.import_again_or(Some(before));
    }

    fn import_again(self) {
        self.import_again_or(None);
    }

    /// Imports the file with the current options. After an error the model stays if there are earlier options to return to.
    fn import_again_or(self, before: Option<ImportOptions>) {
        let Some(file) = self.file.get_untracked() else {
            return;
        };
        let store = self
            .imported
            .with_untracked(|imported| imported.as_ref().is_none_or(|it| it.is_stored));
        self.error.set(None);
        self.is_importing.set(true);
        spawn_local(async move {
            let name = file.name.clone();
            let result = self.import(&file, self.options.get_value()).await;
            self.is_importing.set(false);
            match (result, before) {
                (Ok(imported), _) => self.replace(name, imported, store),
                (Err(cause), Some(before)) => {
                    self.options.set_value(before);
                    self.error
                        .set(Some(format!("The layers stay as they were: {cause}.")));
                }
                (Err(cause), None) => {
                    self.imported.set(None);
                    self.file.set(None);
                    self.error.set(Some(format!(
                        "{name} was not imported: {cause}. Nothing has changed."
                    )));
                }
            }
        });
    }

    async fn import(
        self,
        file: &StateDictFile,
        mut options: ImportOptions,
    ) -> Result<ImportedModel, String> {
        if file.card.is_none() {
            options.sample = self.sample().await;
        }
        self.actions.import(file.clone(), options).await
    }

    /// Some digits with their labels, on which the engine compares answers; `None` if they can't be loaded.
    async fn sample(self) -> Option<ImportSample> {
        let digits = self.samples.load(SampleSet::Digits).await.ok()?;
        let values = digits.shape.values();
        Some(ImportSample {
            images: digits
                .pixels
                .iter()
                .take(SAMPLE * values)
                .copied()
                .collect(),
            labels: digits.labels.iter().take(SAMPLE).copied().collect(),
        })
    }

    /// Ends the check of the import; the model stays, in the browser's storage, too.
    pub(crate) fn keep(self) {
        if let Some(model) = self.not_stored.get_value() {
            self.actions.add_model(model);
        }
        self.close();
    }

    fn close(self) {
        self.not_stored.set_value(None);
        self.error.set(None);
        self.imported.set(None);
        self.file.set(None);
    }

    /// Deletes the imported model and selects the one before it.
    pub(crate) fn undo(self) {
        let imported = self.imported.get_untracked();
        self.close();
        self.half.set_value(None);
        if let Some(Imported { name, .. }) = imported {
            self.actions.remove_model(&name);
            self.actions.select_model(&self.before.get_value());
        }
    }
}
