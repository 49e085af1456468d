//! Reads files, and adds the images in them to the training images.

use crate::dom::files::{self, PickedFile};
use crate::features::dataset::conversion::choice::{Choice, Suggestion, suggest};
use crate::features::dataset::conversion::found::Found;
use crate::features::dataset::conversion::review::Review;
use crate::features::dataset::file_import_state::FileImportState;
use crate::features::dataset::image_list::{ImageList, NewImages};
use crate::features::dataset::image_set::ImageSet;
use crate::platform::browser::Browser;
use client::{FileClient, ReadFiles};
use leptos::prelude::{GetUntracked as _, Set as _, Update as _};
use protocol::{
    FileProblem, FileRequest, ImageShape, NamedFile, ReadImages, ReadOptions, SheetBox, SheetFound,
};
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
            client: FileClient::new(Rc::new(Browser::default())),
            state,
            digits,
        }
    }

    /// Adds the images in files that were selected together. The file worker reads them: first as digits or as the images
    /// that are there already, and again if another conversion is recommended.
    pub(crate) fn add_files(&self, files: Vec<PickedFile>) {
        if files.is_empty() {
            return;
        }
        let name = match files.as_slice() {
            [file] => file.path.clone(),
            files => format!("{} files", files.len()),
        };
        let me = self.clone();
        self.spawn(async move {
            if let Err(reason) = me.import(name.clone(), files).await {
                me.state.report(name, reason);
            }
        });
    }

    async fn import(&self, name: String, files: Vec<PickedFile>) -> Result<(), String> {
        let others = self.shape_of_others();
        let first = Choice::first(others);
        let options = ReadOptions {
            conversion: first.conversion,
            shape: first.shape,
            room: Some(self.room(first.shape)),
            ..ReadOptions::default()
        };
        let mut read = self.read(&files, options).await?;
        let mut found = Found::take(&mut read.images);
        let Suggestion { choice, asks } = suggest(&found, others);
        if (choice.conversion, choice.shape) != (first.conversion, first.shape) {
            let options = choice.options(&found, self.room(choice.shape));
            read = self.read(&files, options).await?;
            found = Found::take(&mut read.images);
        }
        let start = self.digits.with_untracked(|list| list.ids().len());
        let (count, messages) = (new_count(&read), self.report(&mut read));
        let added = self.digits.add_images(new_images(read));
        if count > 0 {
            let ids = self.digits.with_untracked(|list| list.ids_from(start));
            self.state.review.set(Some(Review {
                name,
                files,
                are_samples_transposed: found.is_transposed,
                found: Rc::new(found),
                applied: choice,
                ids,
                count,
                others,
                messages,
                asks,
            }));
        }
        added
    }

    /// Reads the files of the last import again and replaces its images; with `replaces_others` all images of the set.
    /// `done` is called when it has ended.
    pub(crate) fn convert_again(
        &self,
        choice: Choice,
        replaces_others: bool,
        done: impl FnOnce() + 'static,
    ) {
        let Some(review) = self.state.review.get_untracked() else {
            return;
        };
        let me = self.clone();
        self.spawn(async move {
            let name = review.name.clone();
            if let Err(reason) = me.replace(review, choice, replaces_others).await {
                me.state.report(name, reason);
            }
            done();
        });
    }

    async fn replace(
        &self,
        review: Review,
        choice: Choice,
        replaces_others: bool,
    ) -> Result<(), String> {
        let ids = if replaces_others {
            self.digits.with_untracked(|list| list.all_ids())
        } else {
            review.ids.clone()
        };
        let kept = self.digits.with_untracked(|list| {
            let ids_in_list = list.ids().iter();
            ids_in_list.filter(|id| !ids.contains(id)).count()
        });
        let room = ImageList::limit(choice.shape).saturating_sub(kept);
        let options = choice.options(&review.found, room);
        let mut read = self.read(&review.files, options).await?;
        let found = Found::take(&mut read.images);
        self.forget(&review.messages);
        let (count, messages) = (new_count(&read), self.report(&mut read));
        if count == 0 {
            return Err(
                "no image could be converted in this way; the data set is unchanged".into(),
            );
        }
        let replaced = self.digits.replace(ids, new_images(read));
        let start = self
            .digits
            .with_untracked(|list| list.len().saturating_sub(count));
        self.state.review.set(Some(Review {
            are_samples_transposed: found.is_transposed,
            found: Rc::new(found),
            applied: choice,
            ids: self.digits.with_untracked(|list| list.ids_from(start)),
            count,
            others: review.others.filter(|_| !replaces_others),
            messages,
            asks: false,
            ..review
        }));
        replaced
    }

    fn read(
        &self,
        files: &[PickedFile],
        options: ReadOptions,
    ) -> impl Future<Output = Result<ReadFiles, String>> + use<> {
        let files = files.iter().cloned().map(files::attachment).collect();
        self.client.read_attached(files, options)
    }

    /// The shape of the images in the set, if there are some.
    fn shape_of_others(&self) -> Option<ImageShape> {
        self.digits
            .with_untracked(|list| (list.len() > 0).then(|| list.shape()))
    }

    /// The number of images of a shape that fit into the set.
    fn room(&self, shape: ImageShape) -> usize {
        let count = self.digits.with_untracked(ImageList::len);
        ImageList::limit(shape).saturating_sub(count)
    }

    /// Shows what was found out about the files, and returns it.
    fn report(&self, read: &mut ReadFiles) -> Vec<FileProblem> {
        let problems = std::mem::take(&mut read.images.problems);
        let notes = std::mem::take(&mut read.images.notes);
        let sheets = std::mem::take(&mut read.images.sheets);
        let messages = problems.iter().chain(&notes).cloned().collect();
        self.state.problems.update(|all| all.extend(problems));
        self.state.notes.update(|all| all.extend(notes));
        self.state.sheets.update(|all| all.extend(sheets));
        messages
    }

    /// No longer shows messages.
    fn forget(&self, messages: &[FileProblem]) {
        for shown in [self.state.problems, self.state.notes] {
            shown.update(|shown| shown.retain(|message| !messages.contains(message)));
        }
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

    /// Writes a model as ONNX.
    pub(crate) fn export_onnx(
        &self,
        card: String,
        weights: Vec<u8>,
        done: impl FnOnce(Result<Vec<NamedFile>, String>) + 'static,
    ) {
        let files = self.client.export_onnx(card, weights);
        self.spawn(async move { done(files.await) });
    }

    /// Writes a PyTorch project, by a [`FileRequest::ExportProject`].
    pub(crate) fn export_project(
        &self,
        request: FileRequest,
        done: impl FnOnce(Result<Vec<u8>, String>) + 'static,
    ) {
        let archive = self.client.export_project(request);
        self.spawn(async move { done(archive.await) });
    }

    /// Converts a PyTorch checkpoint to safetensors.
    pub(crate) fn convert_checkpoint(
        &self,
        checkpoint: Vec<u8>,
    ) -> impl Future<Output = Result<Vec<u8>, String>> + use<> {
        self.counted(self.client.convert_checkpoint(checkpoint))
    }

    /// Converts the decoder and the encoder of a model, in any order, to safetensors.
    pub(crate) fn convert_pair(
        &self,
        files: [NamedFile; 2],
    ) -> impl Future<Output = Result<Vec<u8>, String>> + use<> {
        self.counted(self.client.convert_pair(files))
    }

    /// Adds what a request returns to the page's state; errors are reported under this name.
    fn add(&self, name: String, images: impl Future<Output = Result<ReadFiles, String>> + 'static) {
        let me = self.clone();
        self.spawn(async move {
            let added = images.await.and_then(|mut read| {
                me.report(&mut read);
                me.digits.add_images(new_images(read))
            });
            if let Err(reason) = added {
                me.state.report(name, reason);
            }
        });
    }

    /// The images, if the files contain neither a sheet nor a problem. Sheets are discarded, because they will not be
    /// reviewed.
    fn require_images(&self, read: ReadFiles) -> Result<ReadImages, String> {
        let images = &read.images;
        for sheet in &images.sheets {
            self.discard_sheet(sheet);
        }
        match images.problems.first() {
            Some(problem) => Err(problem.reason.clone()),
            None if !images.sheets.is_empty() => {
                Err("it contains several digits; cut one out".to_owned())
            }
            None if images.labels.is_empty() => Err("it contains no image".to_owned()),
            None => Ok(ReadImages {
                blocks: vec![read.pixels().into()],
                ..read.images
            }),
        }
    }

    /// A request that is counted in `waiting` until it ends.
    fn counted<F: Future>(&self, request: F) -> impl Future<Output = F::Output> + use<F> {
        let waiting = self.state.waiting;
        waiting.update(|waiting| *waiting += 1);
        async move {
            let output = request.await;
            waiting.set(waiting.get_untracked().saturating_sub(1));
            output
        }
    }

    /// Runs a request and counts it in `waiting` until it ends.
    fn spawn(&self, request: impl Future<Output = ()> + 'static) {
        spawn_local(self.counted(request));
    }
}

/// Number of images that were read.
fn new_count(read: &ReadFiles) -> usize {
    read.images.classes.len()
}

fn new_images(read: ReadFiles) -> NewImages {
    let ReadFiles { images, blocks } = read;
    NewImages {
        shape: images.shape,
        blocks,
        class_names: images.class_names,
        classes: images.classes,
    }
}
