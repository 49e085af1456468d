//! How training goes, for the page to show.

use crate::client::training::run_supervisor::Status;
use crate::features::train::loss_history::{Curve, History};
use leptos::prelude::*;
use protocol::{Backend, Losses, Pictures, Progress, TrainingSpec};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What a run is, once it has been taken up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
    /// Workers that share each batch.
    pub(crate) workers: u32,
}

/// A run whose loss left all bounds.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Divergence {
    /// What happened.
    pub(crate) message: String,
    /// The learning rate that it would go on with.
    pub(crate) learning_rate: f64,
}

/// All that is needed, beside the digits, to go on with a run after an interruption.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Checkpoint {
    /// How the run is made.
    pub(crate) plan: TrainingSpec,
    /// Steps done.
    pub(crate) step: u64,
    /// Seconds of training done.
    pub(crate) seconds: f64,
    /// For [`protocol::Start::Checkpoint`].
    #[serde(skip)]
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
    /// The newest report, whatever workers the run took.
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
    /// The run is one of an earlier visit that did not come to its end, and can be gone on with.
    pub(crate) interrupted: RwSignal<bool>,
    /// The loss left all bounds, and the run waits for a decision.
    pub(crate) divergence: RwSignal<Option<Divergence>>,
    /// Why the run failed.
    pub(crate) error: RwSignal<Option<String>>,
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
            interrupted: RwSignal::new(false),
            divergence: RwSignal::new(None),
            error: RwSignal::new(None),
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
        self.interrupted.set(false);
        self.divergence.set(None);
        self.error.set(None);
    }

    /// A run of an earlier visit is here again, as it stood at its newest checkpoint.
    pub(crate) fn bring_back(
        &self,
        facts: RunFacts,
        history: History,
        images: Vec<u8>,
        checkpoint: Checkpoint,
        ended: bool,
    ) {
        self.begin(Arc::new(images));
        self.facts.set(Some(facts));
        self.history.set(history);
        self.checkpoint.set(Some(Arc::new(checkpoint)));
        self.interrupted.set(!ended);
    }

    /// The run of an earlier visit goes on.
    pub(crate) fn go_on(&self) {
        self.interrupted.set(false);
        self.divergence.set(None);
        self.error.set(None);
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

    /// The run of an earlier visit is not wanted any more.
    pub(crate) fn let_go(&self) {
        self.begin(Arc::default());
    }

    /// Steps done, by the newest report or by the checkpoint of an earlier visit.
    pub(crate) fn step(&self) -> u64 {
        let reported = self
            .progress
            .with(|progress| progress.as_ref().map(|progress| progress.step));
        let kept = || {
            self.checkpoint
                .with(|kept| kept.as_ref().map(|kept| kept.step))
        };
        reported.or_else(kept).unwrap_or(0)
    }

    /// The newest −ELBO in nats, and whether it is that of held-out digits.
    pub(crate) fn newest_neg_elbo(&self) -> Option<(f64, bool)> {
        self.history.with(|History { held_out, training }| {
            let last = |curve: &Curve| curve.last().map(|point| point.neg_elbo);
            let held_out = last(held_out).map(|nats| (nats, true));
            held_out.or_else(|| last(training).map(|nats| (nats, false)))
        })
    }

    /// The newest losses: on held-out digits where there are some, else on the training batches.
    pub(crate) fn newest(&self) -> Option<Losses> {
        self.held_out.get().or_else(|| self.training.get())
    }
}
