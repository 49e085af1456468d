//! What the Train panel can do. No other part of the page uses the training client.

use crate::features::dataset::image_set::ImageSet;
use crate::features::dataset::sample_set::SampleSet;
use crate::features::train::form;
use crate::features::train::form::TrainingForm;
use crate::features::train::form::data::Data;
use crate::features::train::form::field::Field;
use crate::features::train::form::validate::{FieldErrors, FormContext, NewRun};
use crate::features::train::speed_probe::SpeedProbe;
use crate::features::train::training_runner::{SLOW_MOTION, TrainingRunner};
use crate::features::user_model::name;
use crate::latent::class_names::ClassNames;
use crate::state::actions::Actions;
use crate::state::engine_view::EngineView;
use crate::state::training::TrainingView;
use leptos::{prelude::*, reactive::owner::LocalStorage};
use protocol::{Backend, TrainingControl};

/// See the [module](self).
#[derive(Clone, Copy)]
pub(crate) struct TrainActions {
    runner: StoredValue<TrainingRunner, LocalStorage>,
    actions: Actions,
    engine: EngineView,
    view: TrainingView,
    dataset: ImageSet,
    form: RwSignal<TrainingForm>,
    speed_probe: SpeedProbe,
}

impl TrainActions {
    /// Actions of this runner, with an empty form.
    pub(crate) fn new(
        runner: TrainingRunner,
        actions: Actions,
        engine: EngineView,
        view: TrainingView,
        dataset: ImageSet,
    ) -> Self {
        Self {
            runner: StoredValue::new_local(runner),
            actions,
            engine,
            view,
            dataset,
            form: RwSignal::new(TrainingForm::default()),
            speed_probe: SpeedProbe::new(),
        }
    }

    /// The training form.
    pub(crate) fn form(&self) -> RwSignal<TrainingForm> {
        self.form
    }

    /// Measures the speed of runs.
    pub(crate) fn speed_probe(&self) -> SpeedProbe {
        self.speed_probe
    }

    /// The text of a field.
    pub(crate) fn text(&self, field: Field) -> String {
        let data = self.data();
        self.form.with(|form| form.text(field, data))
    }

    /// Sets the text of a field.
    pub(crate) fn set(&self, field: Field, text: impl Into<String>) {
        self.form.update(|form| form.set(field, text));
    }

    /// What the held-out share means for this data set.
    pub(crate) fn held_out_note(&self) -> Option<String> {
        let data = self.data();
        self.form.with(|form| form.held_out_note(data))
    }

    /// Whether the run would fine-tune a pretrained model.
    pub(crate) fn is_pretrained(&self) -> bool {
        let data = self.data();
        self.form.with(|form| form.is_pretrained(data))
    }

    /// Whether the model of the run would be convolutional.
    pub(crate) fn is_convolutional(&self) -> bool {
        let data = self.data();
        self.form.with(|form| form.is_convolutional(data))
    }

    /// The data set.
    pub(crate) fn data(&self) -> Data {
        let shape = self.dataset.shape();
        Data {
            images: self.dataset.count(),
            shape,
            kind: ClassNames::new(self.dataset.class_names()).image_kind(shape),
        }
    }

    /// The run that the form describes.
    ///
    /// # Errors
    ///
    /// Returns the errors by field.
    pub(crate) fn validate(&self) -> Result<NewRun, FieldErrors> {
        let context = self.form_context();
        self.form
            .with(|form| form::validate::validate(form, &context))
    }

    /// As [`validate`](Self::validate), for settings without a run: a name that is taken is no error.
    ///
    /// # Errors
    ///
    /// Returns the errors by field.
    pub(crate) fn validate_settings(&self) -> Result<NewRun, FieldErrors> {
        let context = FormContext {
            taken_names: Vec::new(),
            ..self.form_context()
        };
        self.form
            .with(|form| form::validate::validate(form, &context))
    }

    fn form_context(&self) -> FormContext {
        let catalog = self.actions.catalog();
        let entries = catalog.entries().iter();
        FormContext {
            data: self.data(),
            pretrained: entries
                // Training does not use labels.
                .filter(|entry| {
                    let set = entry.data.as_deref().and_then(SampleSet::find);
                    let fits = set.is_some_and(|set| set.shape() == self.data().shape);
                    fits && !entry.is_user_model && entry.classes == 0
                })
                .map(|entry| (entry.name.clone(), entry.latent_size))
                .collect(),
            taken_names: catalog.names(),
        }
    }

    /// Starts a run.
    ///
    /// # Errors
    ///
    /// Returns why it cannot start.
    pub(crate) fn start(&self) -> Result<(), String> {
        let data = untrack(|| self.data());
        if let Some(error) = form::validate::dataset_error(data) {
            return Err(error);
        }
        match untrack(|| self.validate()) {
            Ok(run) => {
                self.speed_probe.cancel();
                let (images, backend) = (self.dataset.training_images(), self.backend());
                self.runner
                    .with_value(|runner| runner.start(run, images, backend));
                Ok(())
            }
            Err(errors) => {
                let list: Vec<_> = errors
                    .iter()
                    .map(|(field, error)| format!("{}: {error}", field.title()))
                    .collect();
                Err(format!(
                    "Training can’t start with these settings. {}.",
                    list.join("; ")
                ))
            }
        }
    }

    /// Resumes the run of an earlier visit, or one that was stopped.
    pub(crate) fn resume_interrupted(&self) {
        self.speed_probe.cancel();
        let backend = self.backend();
        self.runner
            .with_value(|runner| runner.resume_interrupted(backend));
    }

    /// Training uses the backend that decodes.
    fn backend(&self) -> Backend {
        self.engine.active.get_untracked().unwrap_or(Backend::Flex)
    }

    /// Starts the training worker in advance, because a run may follow.
    pub(crate) fn prepare_worker(&self) {
        let backend = self.backend();
        self.runner
            .with_value(|runner| runner.prepare_worker(backend));
    }

    /// Stops the training worker if it has no run.
    pub(crate) fn release_worker(&self) {
        // Fails only when the page is being closed.
        let _ = self.runner.try_with_value(TrainingRunner::release_worker);
    }

    /// Pauses, resumes, steps or stops the run.
    pub(crate) fn control(&self, control: TrainingControl) {
        self.runner.with_value(|runner| runner.control(control));
    }

    /// Switches slow motion on or off, for this run and later ones.
    pub(crate) fn set_slow(&self, slow: bool) {
        self.view.slow.set(slow);
        self.control(TrainingControl::LimitSpeed {
            steps_per_second: slow.then_some(SLOW_MOTION),
        });
    }

    /// Sets the name field to a free name if the current one is taken.
    pub(crate) fn propose_next_name(&self) {
        let taken = untrack(|| self.form_context()).taken_names;
        let name = untrack(|| self.text(Field::Name));
        let free = name::free_name(&name, &taken);
        if free != name {
            self.set(Field::Name, free);
        }
    }
}
