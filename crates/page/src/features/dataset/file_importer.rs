//! Reads files, and adds the digits in them to the training images.

use crate::dom::files::{self, PickedFile};
use crate::features::dataset::file_import_state::FileImportState;
use crate::features::dataset::image_set::ImageSet;
use crate::platform::browser::Browser;
use client::FileClient;
use leptos::prelude::{GetUntracked as _, Set as _, Update as _};
use protocol::{ImageShape, NamedFile, ReadImages, ReadOptions, SheetBox, SheetFound};
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;

/// Imports files with the file worker; clones use the same worker.
#[derive(Clone)]
pub(crate) struct FileImporter {
    client: FileClient,
    state: FileImportState,
    digits: ImageSet,
}

impl FileImporter {
    /// Adds digits to `digits`, and sheets and problems to `state`. Starts no worker yet.
    pub(crate) fn new(state: FileImportState, digits: ImageSet) -> Self {
        Self {
            client: FileClient::new(Rc::new(Browser)),
            state,
            digits,
        }
    }

    /// Adds the digits in files that were selected together. The file worker reads them.
    pub(crate) fn add_files(&self, files: Vec<PickedFile>) {
        if files.is_empty() {
            return;
        }
        let name = match files.as_slice() {
            [file] => file.path.clone(),
            files => format!("{} files", files.len()),
        };
        let files = files.into_iter().map(files::attachment).collect();
        let images = self.client.read_attached(files, ReadOptions::default());
        self.add(name, images);
    }

    /// Reads images and their classes from files, without adding them.
    pub(crate) fn read_images(
        &self,
        files: Vec<NamedFile>,
        options: ReadOptions,
        done: impl FnOnce(Result<ReadImages, String>) + 'static,
    ) {
        let me = self.clone();
        let images = self.client.read(files, options);
        self.spawn(async move { done(images.await.and_then(|images| me.require_images(images))) });
    }

    /// Adds the digits in these boxes of a sheet, whose review ends.
    pub(crate) fn add_sheet(&self, sheet: &SheetFound, boxes: Vec<SheetBox>) {
        self.state
            .sheets
            .update(|sheets| sheets.retain(|other| other.sheet != sheet.sheet));
        let images = self.client.cut_sheet(sheet.sheet, boxes);
        self.add(sheet.file.clone(), images);
    }

    /// Discards a sheet without adding digits.
    pub(crate) fn discard_sheet(&self, sheet: &SheetFound) {
        self.add_sheet(sheet, Vec::new());
    }

    /// Encodes images, `[n, height, width, channels]`, as an animated GIF: each is magnified by `scale` and shown for
    /// `delay` hundredths of a second.
    pub(crate) fn encode_gif(
        &self,
        pixels: Vec<u8>,
        shape: ImageShape,
        (scale, delay): (usize, u16),
        done: impl FnOnce(Result<Vec<u8>, String>) + 'static,
    ) {
        let gif = self.client.encode_gif(pixels, shape, (scale, delay));
        self.spawn(async move { done(gif.await) });
    }

    /// Converts a PyTorch checkpoint to safetensors.
    pub(crate) fn convert_checkpoint(
        &self,
        file: NamedFile,
        done: impl FnOnce(Result<Vec<u8>, String>) + 'static,
    ) {
        let weights = self.client.convert_checkpoint(file.bytes);
        self.spawn(async move { done(weights.await) });
    }

    /// Adds what a request returns to the page's state; errors are reported under this name.
    fn add(
        &self,
        name: String,
        images: impl Future<Output = Result<ReadImages, String>> + 'static,
    ) {
        let Self { state, digits, .. } = *self;
        self.spawn(async move {
            let added = images.await.and_then(|images| {
                let added = if images.labels.is_empty() {
                    Ok(())
                } else {
                    digits.add_blocks(images.labelled_blocks())
                };
                state.problems.update(|all| all.extend(images.problems));
                state.notes.update(|all| all.extend(images.notes));
                state.sheets.update(|all| all.extend(images.sheets));
                added
            });
            if let Err(reason) = added {
                state.report(name, reason);
            }
        });
    }

    /// The images, if the files contain neither a sheet nor a problem. Sheets are discarded, because they will not be
    /// reviewed.
    fn require_images(&self, images: ReadImages) -> Result<ReadImages, String> {
        for sheet in &images.sheets {
            self.discard_sheet(sheet);
        }
        match images.problems.first() {
            Some(problem) => Err(problem.reason.clone()),
            None if !images.sheets.is_empty() => {
                Err("it contains several digits; cut one out".to_owned())
            }
            None if images.labels.is_empty() => Err("it contains no image".to_owned()),
            None => Ok(images),
        }
    }

    /// Runs a request and counts it in `waiting` until it ends.
    fn spawn(&self, request: impl Future<Output = ()> + 'static) {
        let waiting = self.state.waiting;
        waiting.update(|waiting| *waiting += 1);
        spawn_local(async move {
            request.await;
            waiting.set(waiting.get_untracked().saturating_sub(1));
        });
    }
}
