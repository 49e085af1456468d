//! How training goes, for the page to show.

use crate::training::{History, Status};
use leptos::prelude::*;
use protocol::{Backend, Losses, Pictures, Progress};
use std::sync::Arc;

/// What a run is, once it has been taken up.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RunFacts {
    /// The name of its model.
    pub(crate) name: String,
    /// The backend it runs on.
    pub(crate) backend: Backend,
    /// Images trained on.
    pub(crate) training_images: usize,
    /// Images held out.
    pub(crate) held_out_images: usize,
    /// Number of latent dimensions.
    pub(crate) latent_size: usize,
}

/// A run whose loss left all bounds.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Divergence {
    /// What happened.
    pub(crate) message: String,
    /// The learning rate that it would go on with.
    pub(crate) learning_rate: f64,
}

/// All that is needed to go on with a run after an interruption.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Checkpoint {
    /// The name of the model.
    pub(crate) name: String,
    /// Steps done.
    pub(crate) step: u64,
    /// Seconds of training done.
    pub(crate) seconds: f64,
    /// Share of the run done.
    pub(crate) share: f64,
    /// For [`protocol::Start::Checkpoint`].
    pub(crate) bytes: Vec<u8>,
}

/// Training's signals. The training client writes them, the Train panel reads them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TrainingView {
    /// How it stands.
    pub(crate) status: RwSignal<Status>,
    /// What a run that makes no steps yet waits for.
    pub(crate) waiting_for: RwSignal<Option<String>>,
    /// What the run is.
    pub(crate) facts: RwSignal<Option<RunFacts>>,
    /// The newest report, with seconds and share of the whole run, whatever workers it took.
    pub(crate) progress: RwSignal<Option<Progress>>,
    /// The newest losses on the held-out digits.
    pub(crate) held_out: RwSignal<Option<Losses>>,
    /// The newest losses on the training batches.
    pub(crate) training: RwSignal<Option<Losses>>,
    /// All losses.
    pub(crate) history: RwSignal<History>,
    /// The newest pictures.
    pub(crate) pictures: RwSignal<Option<Arc<Pictures>>>,
    /// The digits that the run was given, `[n × 784]`.
    pub(crate) images: RwSignal<Arc<Vec<u8>>>,
    /// The newest checkpoint.
    pub(crate) checkpoint: RwSignal<Option<Arc<Checkpoint>>>,
    /// The loss left all bounds, and the run waits for a decision.
    pub(crate) divergence: RwSignal<Option<Divergence>>,
    /// Why the run failed.
    pub(crate) trouble: RwSignal<Option<String>>,
    /// Whether the run goes in slow motion.
    pub(crate) slow: RwSignal<bool>,
}

impl TrainingView {
    /// Nothing yet.
    pub(crate) fn new() -> Self {
        Self {
            status: RwSignal::new(Status::Idle),
            waiting_for: RwSignal::new(None),
            facts: RwSignal::new(None),
            progress: RwSignal::new(None),
            held_out: RwSignal::new(None),
            training: RwSignal::new(None),
            history: RwSignal::new(History::default()),
            pictures: RwSignal::new(None),
            images: RwSignal::new(Arc::default()),
            checkpoint: RwSignal::new(None),
            divergence: RwSignal::new(None),
            trouble: RwSignal::new(None),
            slow: RwSignal::new(false),
        }
    }

    /// A new run begins, on these digits.
    pub(crate) fn begin(&self, images: Arc<Vec<u8>>) {
        self.facts.set(None);
        self.progress.set(None);
        self.held_out.set(None);
        self.training.set(None);
        self.history.set(History::default());
        self.pictures.set(None);
        self.images.set(images);
        self.checkpoint.set(None);
        self.divergence.set(None);
        self.trouble.set(None);
    }

    /// A report of the run.
    pub(crate) fn note(&self, progress: Progress) {
        self.history.update(|history| {
            history.note(
                progress.step,
                progress.training.as_ref(),
                progress.held_out.as_ref(),
            );
        });
        if progress.held_out.is_some() {
            self.held_out.set(progress.held_out.clone());
        }
        if progress.training.is_some() {
            self.training.set(progress.training.clone());
        }
        self.progress.set(Some(progress));
    }

    /// The newest losses: on held-out digits where there are some, else on the training batches.
    pub(crate) fn newest(&self) -> Option<Losses> {
        self.held_out.get().or_else(|| self.training.get())
    }
}
