//! Reads files, and adds the digits in them to the training images.

use crate::client::browser::Browser;
use crate::dom::files;
use crate::features::dataset::file_import::FileImport;
use crate::features::dataset::image_set::ImageSet;
use client::FileClient;
use leptos::prelude::{GetUntracked as _, Set as _, Update as _};
use protocol::{NamedFile, ReadImages, SheetBox, SheetFound};
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;
use web_sys::File;

/// Reads files with the file worker; clones use the same worker.
#[derive(Clone)]
pub(crate) struct IntakeClient {
    files: FileClient,
    view: FileImport,
    digits: ImageSet,
}

/// Digits that were read.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    /// `[n × 784]`.
    pub(crate) bytes: Vec<u8>,
    /// A label for each digit.
    pub(crate) labels: Vec<u8>,
}

impl IntakeClient {
    /// Adds digits to `digits`, and sheets and problems to `view`. Starts no worker yet.
    pub(crate) fn new(view: FileImport, digits: ImageSet) -> Self {
        Self {
            files: FileClient::new(Rc::new(Browser)),
            view,
            digits,
        }
    }

    /// Adds the digits in files that were selected together.
    pub(crate) fn bring(&self, files: Vec<File>) {
        if files.is_empty() {
            return;
        }
        let me = self.clone();
        self.spawn(async move {
            let mut read = Vec::new();
            for file in &files {
                match files::read(file).await {
                    Ok(file) => read.push(file),
                    Err(reason) => me.view.report(file.name(), reason),
                }
            }
            if !read.is_empty() {
                me.read(read);
            }
        });
    }

    /// Adds the digits in these files.
    pub(crate) fn read(&self, files: Vec<NamedFile>) {
        let name = match files.as_slice() {
            [file] => file.name.clone(),
            files => format!("{} files", files.len()),
        };
        let images = self.files.read(files);
        self.add(name, images);
    }

    /// Reads a single digit from a file, without adding it.
    pub(crate) fn prepare_file(
        &self,
        file: NamedFile,
        done: impl FnOnce(Result<Vec<u8>, String>) + 'static,
    ) {
        self.take(vec![file], |taken| done(taken.map(|taken| taken.bytes)));
    }

    /// Reads digits and their labels from files, without adding them.
    pub(crate) fn take(
        &self,
        files: Vec<NamedFile>,
        done: impl FnOnce(Result<Taken, String>) + 'static,
    ) {
        let me = self.clone();
        let images = self.files.read(files);
        self.spawn(async move { done(images.await.and_then(|images| me.only_digits(images))) });
    }

    /// Adds the digits of a sheet; without boxes the sheet is discarded.
    pub(crate) fn cut(&self, sheet: &SheetFound, boxes: Vec<SheetBox>) {
        self.view
            .sheets
            .update(|sheets| sheets.retain(|other| other.sheet != sheet.sheet));
        let images = self.files.cut_sheet(sheet.sheet, boxes);
        self.add(sheet.file.clone(), images);
    }

    /// Encodes images, `[n × side × side]` grey values, as an animated GIF: each is magnified by `scale` and shown for
    /// `delay` hundredths of a second.
    pub(crate) fn animate(
        &self,
        pixels: Vec<u8>,
        side: usize,
        (scale, delay): (usize, u16),
        done: impl FnOnce(Result<Vec<u8>, String>) + 'static,
    ) {
        let gif = self.files.encode_gif(pixels, side, (scale, delay));
        self.spawn(async move { done(gif.await) });
    }

    /// Converts a PyTorch checkpoint to safetensors.
    pub(crate) fn convert(
        &self,
        file: NamedFile,
        done: impl FnOnce(Result<Vec<u8>, String>) + 'static,
    ) {
        let weights = self.files.convert_checkpoint(file.bytes);
        self.spawn(async move { done(weights.await) });
    }

    /// Adds what a request returns to the page's state; errors are reported under this name.
    fn add(
        &self,
        name: String,
        images: impl Future<Output = Result<ReadImages, String>> + 'static,
    ) {
        let Self { view, digits, .. } = *self;
        self.spawn(async move {
            let added = images.await.and_then(|images| {
                view.problems.update(|all| all.extend(images.problems));
                view.sheets.update(|all| all.extend(images.sheets));
                if images.labels.is_empty() {
                    return Ok(());
                }
                digits.add(&images.pixels, &images.labels)
            });
            if let Err(reason) = added {
                view.report(name, reason);
            }
        });
    }

    /// The digits, if nothing else was read.
    fn only_digits(&self, images: ReadImages) -> Result<Taken, String> {
        for sheet in &images.sheets {
            // Nobody will review it.
            self.cut(sheet, Vec::new());
        }
        match images.problems.into_iter().next() {
            Some(problem) => Err(problem.reason),
            None if !images.sheets.is_empty() => {
                Err("it contains several digits; cut one out".to_owned())
            }
            None if images.pixels.is_empty() => Err("it contains no digit".to_owned()),
            None => Ok(Taken {
                bytes: images.pixels,
                labels: images.labels,
            }),
        }
    }

    /// Runs a request, which counts as waiting meanwhile.
    fn spawn(&self, request: impl Future<Output = ()> + 'static) {
        let waiting = self.view.waiting;
        waiting.update(|waiting| *waiting += 1);
        spawn_local(async move {
            request.await;
            waiting.set(waiting.get_untracked().saturating_sub(1));
        });
    }
}
