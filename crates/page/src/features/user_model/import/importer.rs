//! Reads chosen files, converts them to a model, and adds it to the list of models.

use crate::dom::files::{PickedFile, read as read_file};
use crate::features::dataset::file_importer::FileImporter;
use crate::features::dataset::sample_set::SampleSet;
use crate::features::dataset::samples::SampleLoader;
use crate::features::user_model::import::uploaded_weights::{self, UploadedWeights};
use crate::state::actions::Actions;
use client::StateDictFile;
use leptos::{html, prelude::*, reactive::owner::LocalStorage};
use protocol::{
    FileRequest, ImportOptions, ImportQuestion, ImportReading, ImportSample, ImportedModel,
    NamedFile,
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
    /// What is known besides the file.
    options: StoredValue<ImportOptions>,
    samples: SampleLoader,
    /// Kept, because it is imported again when an option is corrected.
    file: RwSignal<Option<StateDictFile>>,
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
            options: StoredValue::new(ImportOptions::default()),
            samples,
            file: RwSignal::new(None),
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
        self.before.set_value(untrack(|| self.actions.model()));
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
            match uploaded_weights::separate(contents) {
                Ok(uploaded) => self.convert(uploaded),
                Err(cause) => self.error.set(Some(cause)),
            }
        });
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

    /// Makes a state dict of the weights, and imports it.
    fn convert(self, uploaded: UploadedWeights) {
        let need_conversion = uploaded.need_conversion();
        let is_onnx = uploaded.is_onnx();
        let UploadedWeights {
            name,
            weights,
            card,
            guess,
        } = uploaded;
        let name = untrack(|| uploaded_weights::free_name(&name, &self.actions.catalog()));
        self.options.set_value(ImportOptions {
            card: guess.filter(|_| !is_onnx),
            ..ImportOptions::default()
        });
        let card = card.filter(|_| !is_onnx);
        let import = move |name, weights| {
            self.file.set(Some(StateDictFile {
                name,
                weights,
                card,
            }));
            self.import();
        };
        if !need_conversion {
            return import(name, weights);
        }
        let file = NamedFile {
            name: name.clone(),
            bytes: weights,
        };
        let done = move |result: Result<Vec<u8>, String>| match result {
            // In a separate task, because the file importer is borrowed during this call.
            Ok(weights) => spawn_local(async move { import(name, weights) }),
            Err(cause) => self
                .error
                .set(Some(format!("{name} was not imported: {cause}."))),
        };
        self.files
            .with_value(|files| files.convert_checkpoint(file, done));
    }

    /// Imports the file again with an answer to a question, in place of the model that it became. The other answers stay.
    pub(crate) fn answer(self, question: &str, answer: String) {
        let others = self.imported.with_untracked(|imported| {
            let questions = imported.iter().flat_map(|imported| &imported.questions);
            questions
                .filter(|other| other.id != question)
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
        self.import();
    }

    /// Imports the file again with another reading of its layers. The activation stays as it was answered.
    pub(crate) fn choose_reading(self, reading: usize) {
        self.options.update_value(|options| {
            options.reading = Some(reading);
            options
                .answers
                .retain(|(question, _)| question == "activation");
        });
        self.import();
    }

    fn import(self) {
        let Some(file) = self.file.get_untracked() else {
            return;
        };
        let name = file.name.clone();
        spawn_local(async move {
            let mut options = self.options.get_value();
            if file.card.is_none() {
                options.sample = self.sample().await;
            }
            match self.actions.import(file, options).await {
                Ok(ImportedModel {
                    model,
                    mapping,
                    readings,
                    reading,
                    questions,
                    has_encoder,
                }) => {
                    self.actions.add_model(model);
                    self.actions.select_model(&name);
                    self.imported.set(Some(Imported {
                        name,
                        mapping,
                        readings,
                        reading,
                        questions,
                        has_encoder,
                    }));
                }
                Err(cause) => {
                    self.imported.set(None);
                    self.file.set(None);
                    self.error.set(Some(format!(
                        "{name} was not imported: {cause}. Nothing has changed."
                    )));
                }
            }
        });
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

    /// Ends the check of the import; the model stays.
    pub(crate) fn keep(self) {
        self.imported.set(None);
        self.file.set(None);
    }

    /// Deletes the imported model and selects the one before it.
    pub(crate) fn undo(self) {
        let imported = self.imported.get_untracked();
        self.keep();
        if let Some(Imported { name, .. }) = imported {
            self.actions.remove_model(&name);
            self.actions.select_model(&self.before.get_value());
        }
    }
}
