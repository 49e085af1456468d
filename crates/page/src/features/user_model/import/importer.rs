//! Reads chosen files, converts them to a model, and adds it to the list of models.

use crate::dom::files::{PickedFile, read as read_file};
use crate::features::dataset::file_importer::FileImporter;
use crate::features::user_model::import::uploaded_weights::{self, UploadedWeights};
use crate::state::actions::Actions;
use client::StateDictFile;
use leptos::{html, prelude::*, reactive::owner::LocalStorage};
use protocol::{Activation, ImportOptions, ImportedModel, Likelihood, NamedFile};
use wasm_bindgen_futures::spawn_local;

/// A model that was just imported.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Imported {
    /// Its name.
    pub(crate) name: String,
    /// For each of its layers, the name of the layer in the file.
    pub(crate) mapping: Vec<(String, String)>,
    /// Whether the heads of μ and log σ² could not be distinguished.
    pub(crate) heads_guessed: bool,
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
    /// The properties that the file does not contain.
    pub(crate) options: RwSignal<ImportOptions>,
    /// Kept, because it is imported again when an option is corrected.
    file: RwSignal<Option<StateDictFile>>,
    /// The model that was selected before the import.
    before: StoredValue<String>,
}

impl ModelImporter {
    /// An importer that has imported nothing yet. `files` converts checkpoints.
    pub(crate) fn new(actions: Actions, files: StoredValue<FileImporter, LocalStorage>) -> Self {
        Self {
            actions,
            files,
            input: NodeRef::new(),
            chosen: RwSignal::new_local(Vec::new()),
            error: RwSignal::new(None),
            imported: RwSignal::new(None),
            options: RwSignal::new(ImportOptions {
                activation: Activation::Relu,
                likelihood: Likelihood::Bernoulli,
                swap_heads: false,
            }),
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

    /// Makes a state dict of the weights, and imports it.
    fn convert(self, uploaded: UploadedWeights) {
        let need_conversion = uploaded.need_conversion();
        let UploadedWeights {
            name,
            weights,
            card,
            guess,
        } = uploaded;
        let name = untrack(|| uploaded_weights::free_name(&name, &self.actions.catalog()));
        if let Some(guess) = guess {
            self.options.set(guess);
        }
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

    /// Imports the file again with other options, in place of the model that it became.
    pub(crate) fn change_options(self, change: impl FnOnce(&mut ImportOptions)) {
        self.options.update(change);
        self.import();
    }

    fn import(self) {
        let Some(file) = self.file.get_untracked() else {
            return;
        };
        let name = file.name.clone();
        let import = self.actions.import(file, self.options.get_untracked());
        spawn_local(async move {
            match import.await {
                Ok(ImportedModel {
                    model,
                    mapping,
                    heads_guessed,
                }) => {
                    self.actions.add_model(model);
                    self.actions.select_model(&name);
                    self.imported.set(Some(Imported {
                        name,
                        mapping,
                        heads_guessed,
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
