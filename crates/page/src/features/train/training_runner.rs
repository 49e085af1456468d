//! Starts and controls training runs, and writes their state to signals.

use crate::platform::browser::Browser;
use crate::state::model_card;
use crate::state::notices::Notices;
use crate::state::training::{Divergence, SavedModel, TrainingView};
use client::training_client::{NewRun, RunChange, TrainingClient, TrainingImages, WaitingFor};
use leptos::prelude::{GetUntracked as _, Set as _};
use protocol::{Backend, TrainedModel, TrainingControl};
use std::{rc::Rc, sync::Arc};

/// The steps per second of slow motion.
pub(crate) const SLOW_MOTION: f64 = 2.0;

/// Handle to the training client; clones are the same client.
#[derive(Clone)]
pub(crate) struct TrainingRunner {
    client: TrainingClient,
    view: TrainingView,
}

impl TrainingRunner {
    /// A runner that writes to `view` and starts nothing yet. `on_model` receives each model of a run, and whether it
    /// is the run's first.
    pub(crate) fn new(
        view: TrainingView,
        notices: Notices,
        on_model: impl Fn(TrainedModel, bool) + 'static,
    ) -> Self {
        let listener = move |change| match change {
            RunChange::Status(status) => view.status.set(status),
            RunChange::WaitingFor(waiting_for) => view.waiting_for.set(waiting_for.map(describe)),
            RunChange::Info(info) => view.info.set(Some(info)),
            RunChange::Progress(progress) => view.record(progress),
            RunChange::Snapshot(snapshot) => view.snapshot.set(Some(Arc::new(snapshot))),
            RunChange::Model {
                model,
                is_first,
                is_final,
            } => {
                if is_first || is_final {
                    view.saved.set(Some(SavedModel {
                        name: model.info.name.clone(),
                        test: model_card::test(&model.card),
                    }));
                }
                on_model(model, is_first);
            }
            RunChange::Checkpoint(checkpoint) => view.checkpoint.set(Some(checkpoint)),
            RunChange::Diverged(message, learning_rate) => view.divergence.set(Some(Divergence {
                message,
                learning_rate,
            })),
            RunChange::Failed(reason) => {
                view.divergence.set(None);
                view.error.set(Some(reason));
            }
            RunChange::Notice(text) => notices.show(text),
        };
        Self {
            client: TrainingClient::new(Rc::new(Browser::default()), listener),
            view,
        }
    }

    /// Starts a worker in advance, because a run may follow soon.
    pub(crate) fn prepare_worker(&self, backend: Backend) {
        self.client.prepare_worker(backend);
    }

    /// Stops the worker, unless it has a run.
    pub(crate) fn release_worker(&self) {
        self.client.release_worker();
    }

    /// Starts a run on these images in place of one that is in progress.
    pub(crate) fn start(&self, run: NewRun, images: TrainingImages, backend: Backend) {
        self.view.start(images.clone());
        self.client.start(run, images, backend, self.speed_limit());
    }

    /// Resumes the run of an earlier visit, or one that was stopped, from its newest checkpoint.
    pub(crate) fn resume_interrupted(&self, backend: Backend) {
        let Some(checkpoint) = self.view.checkpoint.get_untracked() else {
            return;
        };
        self.view.resume();
        let images = self.view.images.get_untracked();
        self.client
            .resume(checkpoint, images, backend, self.speed_limit());
    }

    /// Pauses, resumes, steps, slows or ends the run.
    pub(crate) fn control(&self, control: TrainingControl) {
        if matches!(
            control,
            TrainingControl::Resume | TrainingControl::Stop | TrainingControl::StepOnce
        ) {
            self.view.divergence.set(None);
        }
        if control == TrainingControl::Stop {
            self.view.stopped.set(true);
        }
        self.client.control(control);
    }

    fn speed_limit(&self) -> Option<f64> {
        self.view.slow.get_untracked().then_some(SLOW_MOTION)
    }
}

fn describe(waiting_for: WaitingFor) -> String {
    match waiting_for {
        WaitingFor::Model => "Fetching the model…".to_owned(),
        WaitingFor::Worker(backend) => format!("Starting a worker on {backend}…"),
    }
}
