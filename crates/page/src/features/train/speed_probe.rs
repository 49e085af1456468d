//! Measures how many training steps a model makes per second, with a short run whose result is discarded.

use crate::platform::browser::Browser;
use client::run_supervisor::RunStatus;
use client::training_client::{NewRun, RunChange, TrainingClient, TrainingImages};
use leptos::{prelude::*, reactive::owner::LocalStorage};
use protocol::{Backend, TrainingControl, TrainingSpec};
use std::{collections::BTreeMap, rc::Rc, time::Duration};

/// Seconds of training after which the speed is known: a browser optimizes what has run for a while.
const SECONDS: f64 = 1.5;
/// Images to train on: more would only take longer to send.
const IMAGES: usize = 512;

/// What is known of the speed of models.
#[derive(Clone, Copy)]
pub(crate) struct SpeedProbe {
    client: StoredValue<TrainingClient, LocalStorage>,
    /// Steps per second, by what was measured.
    speeds: RwSignal<BTreeMap<String, f64>>,
    /// What is being measured.
    running: RwSignal<Option<String>>,
}

impl SpeedProbe {
    /// A probe that starts nothing yet.
    pub(crate) fn new() -> Self {
        let speeds = RwSignal::new(BTreeMap::new());
        let running = RwSignal::new(None::<String>);
        let latest = StoredValue::new(0.0);
        let handle = StoredValue::new_local(None::<TrainingClient>);
        let listener = move |change| match change {
            RunChange::Progress(progress) => latest.set_value(progress.steps_per_second),
            RunChange::Status(RunStatus::Done | RunStatus::Failed) => {
                let speed = latest.get_value();
                if let Some(key) = running.get_untracked()
                    && speed > 0.0
                {
                    speeds.update(|speeds| {
                        speeds.insert(key, speed);
                    });
                }
                running.set(None);
                latest.set_value(0.0);
                // Later, because a listener must not call its client.
                set_timeout(
                    move || {
                        handle.with_value(|client| {
                            client.iter().for_each(TrainingClient::release_worker)
                        })
                    },
                    Duration::ZERO,
                );
            }
            _ => {}
        };
        let client = TrainingClient::new(Rc::new(Browser::default()), listener);
        handle.set_value(Some(client.clone()));
        Self {
            client: StoredValue::new_local(client),
            speeds,
            running,
        }
    }

    /// What determines the speed of a run.
    pub(crate) fn key(run: &NewRun, backend: Backend) -> String {
        let NewRun {
            spec,
            initial_weights,
        } = run;
        format!("{backend} {} {initial_weights:?}", spec.batch)
    }

    /// The steps per second of a run, once they were measured.
    pub(crate) fn speed(&self, key: &str) -> Option<f64> {
        self.speeds.with(|speeds| speeds.get(key).copied())
    }

    /// Whether something is being measured.
    pub(crate) fn is_running(&self) -> bool {
        self.running.with(Option::is_some)
    }

    /// Notes the speed of a run that was not started by this probe.
    pub(crate) fn note(&self, key: String, speed: f64) {
        self.speeds.update(|speeds| {
            speeds.insert(key, speed);
        });
    }

    /// Measures a run on these images, unless it was measured before or another one is being measured.
    pub(crate) fn measure(&self, run: &NewRun, images: &TrainingImages, backend: Backend) {
        let key = Self::key(run, backend);
        let is_known = self
            .speeds
            .with_untracked(|speeds| speeds.contains_key(&key));
        if is_known || self.running.with_untracked(Option::is_some) {
            return;
        }
        self.running.set(Some(key));
        let run = NewRun {
            spec: TrainingSpec {
                name: "speed".to_owned(),
                max_seconds: Some(SECONDS),
                max_steps: None,
                patience: None,
                held_out_share: 0.0,
                ..run.spec.clone()
            },
            initial_weights: run.initial_weights.clone(),
        };
        self.client
            .with_value(|client| client.start(run, images.first(IMAGES), backend, None));
    }

    /// Ends the measurement, because the processor is needed.
    pub(crate) fn cancel(&self) {
        if self.running.with_untracked(Option::is_some) {
            self.running.set(None);
            self.client
                .with_value(|client| client.control(TrainingControl::Stop));
        }
    }
}
