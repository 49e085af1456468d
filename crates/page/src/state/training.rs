//! The state of training, as signals.

use crate::state::loss_history::LossHistory;
use crate::state::model_card::CardTest;
use crate::state::run_end::{self, RunEnd};
use client::run_supervisor::RunStatus;
use leptos::{prelude::*, reactive::owner::LocalStorage};
use protocol::{Losses, TrainingProgress, TrainingSnapshot};
use std::sync::Arc;

pub(crate) use client::training_client::{Checkpoint, RunInfo, TrainingImages};

/// A run whose loss diverged.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Divergence {
    /// What happened.
    pub(crate) message: String,
    /// The lower learning rate that the run would continue with.
    pub(crate) learning_rate: f64,
}

/// Signals that the training client writes and the Train panel reads.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TrainingView {
    /// The status of the run.
    pub(crate) status: RwSignal<RunStatus>,
    /// What a run that has not made a step yet waits for.
    pub(crate) waiting_for: RwSignal<Option<String>>,
    /// What is known of the run.
    pub(crate) info: RwSignal<Option<RunInfo>>,
    /// The latest report of the run, from whichever worker.
    pub(crate) progress: RwSignal<Option<TrainingProgress>>,
    /// The latest losses on the held-out images.
    pub(crate) held_out: RwSignal<Option<Losses>>,
    /// The latest losses on the training batches.
    pub(crate) training: RwSignal<Option<Losses>>,
    /// All losses.
    pub(crate) history: RwSignal<LossHistory>,
    /// The latest originals, reconstructions and samples.
    pub(crate) snapshot: RwSignal<Option<Arc<TrainingSnapshot>>>,
    /// The images of the run.
    pub(crate) images: RwSignal<TrainingImages, LocalStorage>,
    /// The model that the run has saved.
    pub(crate) saved: RwSignal<Option<SavedModel>>,
    /// The latest checkpoint.
    pub(crate) checkpoint: RwSignal<Option<Arc<Checkpoint>>>,
    /// Whether the run is from an earlier visit, not finished, and can be resumed.
    pub(crate) interrupted: RwSignal<bool>,
    /// Set while a run that diverged waits for a decision.
    pub(crate) divergence: RwSignal<Option<Divergence>>,
    /// Why the run failed.
    pub(crate) error: RwSignal<Option<String>>,
    /// Whether the run is in slow motion.
    pub(crate) slow: RwSignal<bool>,
    /// Whether the user has ended the run.
    pub(crate) stopped: RwSignal<bool>,
}

/// The model of a run in the list of models.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SavedModel {
    /// Its name.
    pub(crate) name: String,
    /// Its test on the held-out images, once the run has ended.
    pub(crate) test: Option<CardTest>,
}

/// The images that a loss was measured on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LossSource {
    /// The held-out images.
    HeldOut,
    /// The training batches since the previous report.
    Training,
    /// One training batch.
    SingleBatch,
}

impl LossSource {
    /// In words, after a number of nats.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::HeldOut => "held out",
            Self::Training => "on training batches",
            Self::SingleBatch => "on one training batch",
        }
    }
}

impl TrainingView {
    /// The state before any run.
    pub(crate) fn new() -> Self {
        Self {
            status: RwSignal::new(RunStatus::Idle),
            waiting_for: RwSignal::new(None),
            info: RwSignal::new(None),
            progress: RwSignal::new(None),
            held_out: RwSignal::new(None),
            training: RwSignal::new(None),
            history: RwSignal::new(LossHistory::default()),
            snapshot: RwSignal::new(None),
            images: RwSignal::new_local(TrainingImages::default()),
            saved: RwSignal::new(None),
            checkpoint: RwSignal::new(None),
            interrupted: RwSignal::new(false),
            divergence: RwSignal::new(None),
            error: RwSignal::new(None),
            slow: RwSignal::new(false),
            stopped: RwSignal::new(false),
        }
    }

    /// Resets the state for a new run on these images.
    pub(crate) fn start(&self, images: TrainingImages) {
        self.info.set(None);
        self.progress.set(None);
        self.held_out.set(None);
        self.training.set(None);
        self.history.set(LossHistory::default());
        self.snapshot.set(None);
        self.images.set(images);
        self.saved.set(None);
        self.checkpoint.set(None);
        self.interrupted.set(false);
        self.divergence.set(None);
        self.error.set(None);
        self.stopped.set(false);
    }

    /// Sets the state of a run of an earlier visit at its latest checkpoint.
    pub(crate) fn restore(
        &self,
        info: RunInfo,
        history: LossHistory,
        images: TrainingImages,
        checkpoint: Checkpoint,
        ended: bool,
    ) {
        self.start(images);
        self.info.set(Some(info));
        self.history.set(history);
        self.checkpoint.set(Some(Arc::new(checkpoint)));
        self.interrupted.set(!ended);
    }

    /// Marks the restored run as running again.
    pub(crate) fn resume(&self) {
        self.interrupted.set(false);
        self.divergence.set(None);
        self.error.set(None);
        self.stopped.set(false);
    }

    /// The name of the model of a run that is in progress, once its worker has started it.
    pub(crate) fn live_name(&self) -> Option<String> {
        let live = self.status.get().is_live();
        let name = self
            .info
            .with(|info| info.as_ref().map(|info| info.name.clone()));
        name.filter(|_| live)
    }

    /// Whether a run that is in progress may report a model of this name.
    pub(crate) fn is_live_for(&self, name: &str) -> bool {
        // Until its worker has started the run, its name is not known.
        self.status.get().is_live() && self.live_name().is_none_or(|live| live == name)
    }

    /// The run's model has another name.
    pub(crate) fn rename_model(&self, from: &str, to: &str) {
        let has_name = |name: &String| name == from;
        if self
            .info
            .with_untracked(|info| info.as_ref().is_some_and(|info| has_name(&info.name)))
        {
            self.info.update(|info| {
                if let Some(info) = info {
                    to.clone_into(&mut info.name);
                }
            });
        }
        let checkpoint = self.checkpoint.get_untracked();
        if let Some(checkpoint) = checkpoint.filter(|checkpoint| has_name(&checkpoint.spec.name)) {
            let mut renamed = Checkpoint::clone(&checkpoint);
            to.clone_into(&mut renamed.spec.name);
            self.checkpoint.set(Some(Arc::new(renamed)));
        }
        if self
            .saved
            .with_untracked(|saved| saved.as_ref().is_some_and(|saved| has_name(&saved.name)))
        {
            self.saved.update(|saved| {
                if let Some(saved) = saved {
                    to.clone_into(&mut saved.name);
                }
            });
        }
    }

    /// Records a report of the run.
    pub(crate) fn record(&self, progress: TrainingProgress) {
        // 0 where a run that was restored from a checkpoint repeats steps.
        let batches = progress.step.saturating_sub(untrack(|| self.step()));
        self.history.update(|history| {
            history.record(
                progress.step,
                batches,
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

    /// Removes the restored run.
    pub(crate) fn discard(&self) {
        self.start(TrainingImages::default());
    }

    /// Number of finished steps, from the latest report or from the restored checkpoint.
    pub(crate) fn step(&self) -> u64 {
        let reported = self
            .progress
            .with(|progress| progress.as_ref().map(|progress| progress.step));
        let restored = || {
            self.checkpoint
                .with(|checkpoint| checkpoint.as_ref().map(|checkpoint| checkpoint.step))
        };
        reported.or_else(restored).unwrap_or(0)
    }

    /// The latest −ELBO in nats, and what it was measured on: held-out images if there are any.
    pub(crate) fn latest_neg_elbo(&self) -> Option<(f64, LossSource)> {
        self.history.with(|LossHistory { held_out, training }| {
            let held_out = held_out.last().map(|point| (point, LossSource::HeldOut));
            let training = || {
                training.last().map(|point| match point.batches {
                    1 => (point, LossSource::SingleBatch),
                    _ => (point, LossSource::Training),
                })
            };
            held_out
                .or_else(training)
                .map(|(point, source)| (point.neg_elbo, source))
        })
    }

    /// Fraction of the run that was made, from 0 to 1; 0 if the run has no limit.
    pub(crate) fn fraction(&self) -> f64 {
        self.progress
            .with(|progress| progress.as_ref().map_or(0.0, |progress| progress.fraction))
    }

    /// How the run ended, if it has.
    pub(crate) fn end(&self) -> Option<RunEnd> {
        RunEnd::new(self.status.get(), self.fraction(), self.stopped.get())
    }

    /// The state of the run in one word.
    pub(crate) fn status_word(&self) -> &'static str {
        run_end::status_word(self.status.get(), self.end())
    }

    /// How much of the run was made, in words; empty if that is not known.
    pub(crate) fn progress_text(&self) -> String {
        run_end::progress_text(self.status.get(), self.fraction(), self.end())
    }

    /// The latest losses, on held-out images if there are any, else on the training batches.
    pub(crate) fn latest_losses(&self) -> Option<Losses> {
        self.held_out.get().or_else(|| self.training.get())
    }
}
