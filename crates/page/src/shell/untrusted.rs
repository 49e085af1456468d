//! What the page reads that others wrote: links, and what the browser's storage has. Tests of other crates call these
//! functions with arbitrary bytes; the page reads by the same ones.

use crate::features::dataset::image_list::ImageList;
use crate::features::learn::progress::Progress;
use crate::features::train::form::TrainingForm;
use crate::features::train::form::data::Data;
use crate::features::train::form::validate::{FormContext, validate};
use crate::features::user_model::import::address::location::Location;
use crate::latent::class_names::ImageKind;
use crate::shell::persistence::{dataset, models, training_run};
use crate::shell::url::{format::format, parse::parse};
use crate::state::catalog::Catalog;
use crate::state::model_card;
use protocol::ImageShape;
use worker::Bytes;

/// Reads the query of an address, and writes it again.
///
/// # Panics
/// If what was written does not mean the same.
pub fn link(query: &str) {
    let Ok(catalog) = Catalog::built_in() else {
        return;
    };
    let (state, _) = parse(query, &catalog);
    if let Some(address) = &state.address {
        let _ = Location::parse(address, "https://example.org");
    }
    let written = format(&state);
    let (again, problems) = parse(&written, &catalog);
    assert_eq!(
        (format(&again), problems),
        (written, Vec::new()),
        "{query:?}"
    );
}

/// Entries of the browser's storage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    /// The images of the data set.
    Dataset,
    /// A model of the user.
    Model,
    /// The training run.
    TrainingRun,
    /// The training form.
    TrainingForm,
    /// The progress through the course.
    CourseProgress,
}

impl Entry {
    /// All entries.
    pub const ALL: [Self; 5] = [
        Self::Dataset,
        Self::Model,
        Self::TrainingRun,
        Self::TrainingForm,
        Self::CourseProgress,
    ];
}

/// Reads an entry of the browser's storage. `pixels` are the stored images that it refers to. Returns whether the entry
/// was accepted.
pub fn stored(entry: Entry, bytes: &[u8], pixels: &[u8]) -> bool {
    match entry {
        Entry::Dataset => dataset(bytes, pixels).is_some(),
        Entry::Model => model(bytes).is_some(),
        Entry::TrainingRun => training_run(bytes, pixels).is_some(),
        Entry::TrainingForm => training_form(bytes).is_some(),
        Entry::CourseProgress => course_progress(bytes).is_some(),
    }
}

fn dataset(bytes: &[u8], pixels: &[u8]) -> Option<()> {
    let images = dataset::decode(bytes, &Bytes::from(pixels))?;
    let mut list = ImageList::default();
    list.prepend(images);
    // What the gallery and a training run do with them.
    let shown: usize = list.parts().iter().map(Bytes::len).sum();
    assert_eq!(shown, list.len() * list.shape().values(), "whole images");
    let _ = (list.get(0), list.get(list.len().saturating_sub(1)));
    let _ = list.store().runs(list.ids());
    for &label in list.labels() {
        let _ = list.classes().name(label);
    }
    Some(())
}

fn model(bytes: &[u8]) -> Option<()> {
    let model = models::decode(bytes)?;
    let _ = model_card::facts(&model.card);
    let _ = model_card::with_name(&model.card, "another");
    let _ = model_card::with_date(&model.card, "2026-03-14");
    let _ = model.info.has_quadrature();
    Some(())
}

fn training_run(bytes: &[u8], pixels: &[u8]) -> Option<()> {
    let (info, mut history, checkpoint, _) = training_run::decode(bytes, pixels.len())?;
    let _ = checkpoint.spec.validate();
    let _ = history.training.nearest(info.held_out_share());
    let losses = protocol::Losses {
        neg_elbo: 100.0,
        reconstruction: 90.0,
        kl_per_dimension: vec![5.0, 5.0],
    };
    history.record(checkpoint.step, 1, Some(&losses), Some(&losses));
    Some(())
}

fn training_form(bytes: &[u8]) -> Option<()> {
    let form: TrainingForm = serde_json::from_slice(bytes).ok()?;
    for (images, shape) in [(0, ImageShape::MNIST), (70_000, ImageShape::color(32, 24))] {
        let data = Data {
            images,
            shape,
            kind: ImageKind::Image,
        };
        let context = FormContext {
            data,
            pretrained: vec![("mnist-2d".to_owned(), 2)],
            taken_names: vec!["mnist-2d".to_owned()],
        };
        let _ = form.held_out_note(data);
        let _ = validate(&form, &context).map(|run| run.spec.validate());
    }
    Some(())
}

fn course_progress(bytes: &[u8]) -> Option<()> {
    let earlier: Progress = serde_json::from_slice(bytes).ok()?;
    let mut progress = earlier.clone();
    progress.merge(earlier);
    let _ = progress.last();
    Some(())
}
