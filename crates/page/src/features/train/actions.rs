//! What the Train panel can ask for. The only way from it to the training client.

use crate::client::training::{SLOW_MOTION, Trainer};
use crate::features::dataset::image_set::ImageSet;
use crate::features::train::form;
use crate::features::train::form::Draft;
use crate::features::train::form::field::Field;
use crate::features::train::form::validate::{Digits, Problems, Recipe};
use crate::features::train::state::TrainingView;
use crate::state::actions::Actions;
use crate::state::engine_view::EngineView;
use leptos::{prelude::*, reactive::owner::LocalStorage};
use protocol::{Backend, Control};

/// See the [module](self).
#[derive(Clone, Copy)]
pub(crate) struct TrainActions {
    trainer: StoredValue<Trainer, LocalStorage>,
    actions: Actions,
    engine: EngineView,
    view: TrainingView,
    digits: ImageSet,
    draft: RwSignal<Draft>,
}

impl TrainActions {
    /// Asks of this trainer.
    pub(crate) fn new(
        trainer: Trainer,
        actions: Actions,
        engine: EngineView,
        view: TrainingView,
        digits: ImageSet,
    ) -> Self {
        Self {
            trainer: StoredValue::new_local(trainer),
            actions,
            engine,
            view,
            digits,
            draft: RwSignal::new(Draft::default()),
        }
    }

    /// What is to be trained, as it stands in the controls.
    pub(crate) fn draft(&self) -> RwSignal<Draft> {
        self.draft
    }

    /// What a field says.
    pub(crate) fn text(&self, field: Field) -> String {
        let count = self.digits.count();
        self.draft.with(|draft| draft.text(field, count))
    }

    /// Somebody typed or chose this.
    pub(crate) fn set(&self, field: Field, text: impl Into<String>) {
        self.draft.update(|draft| draft.set(field, text));
    }

    /// Whether the run would fine-tune a model.
    pub(crate) fn is_pretrained(&self) -> bool {
        let count = self.digits.count();
        self.draft.with(|draft| draft.is_pretrained(count))
    }

    /// What could be trained now, or what is wrong with which field.
    pub(crate) fn recipe(&self) -> Result<Recipe, Problems> {
        let digits = self.known();
        self.draft
            .with(|draft| form::validate::read(draft, &digits))
    }

    fn known(&self) -> Digits {
        let catalog = self.actions.catalog();
        let entries = catalog.entries().iter();
        Digits {
            count: self.digits.count(),
            pretrained: entries
                .clone()
                // Training goes without labels.
                .filter(|entry| !entry.own && entry.classes == 0)
                .map(|entry| (entry.name.clone(), entry.latent_size))
                .collect(),
            taken: entries.map(|entry| entry.name.clone()).collect(),
        }
    }

    /// Begins a run. Says why not, if not.
    pub(crate) fn begin(&self) -> Result<(), String> {
        let count = untrack(|| self.digits.count());
        if let Some(lack) = form::validate::lack_of_digits(count) {
            return Err(lack);
        }
        match untrack(|| self.recipe()) {
            Ok(recipe) => {
                let (images, backend) = (self.digits.pixels(), self.backend());
                self.trainer
                    .with_value(|trainer| trainer.begin(recipe, images, backend));
                Ok(())
            }
            Err(problems) => {
                let list: Vec<_> = problems
                    .iter()
                    .map(|(field, problem)| format!("{}: {problem}", field.title()))
                    .collect();
                Err(format!(
                    "Training can’t start like this. {}.",
                    list.join("; ")
                ))
            }
        }
    }

    /// Goes on with the run of an earlier visit.
    pub(crate) fn go_on(&self) {
        let backend = self.backend();
        self.trainer.with_value(|trainer| trainer.go_on(backend));
    }

    /// The backend that draws trains, too.
    fn backend(&self) -> Backend {
        self.engine.active.get_untracked().unwrap_or(Backend::Flex)
    }

    /// A run may follow soon.
    pub(crate) fn warm(&self) {
        let backend = self.backend();
        self.trainer.with_value(|trainer| trainer.warm(backend));
    }

    /// The panel is left.
    pub(crate) fn cool(&self) {
        // Gone with the page, then.
        let _ = self.trainer.try_with_value(Trainer::cool);
    }

    /// Holds, resumes, steps or ends the run.
    pub(crate) fn control(&self, control: Control) {
        self.trainer.with_value(|trainer| trainer.control(control));
    }

    /// Slow motion on or off, for this run and those to come.
    pub(crate) fn set_slow(&self, slow: bool) {
        self.view.slow.set(slow);
        self.control(Control::Pace {
            steps_per_second: slow.then_some(SLOW_MOTION),
        });
    }

    /// Once its model is there, a name is taken: proposes the next one.
    pub(crate) fn propose_next_name(&self) {
        let taken = untrack(|| self.known()).taken;
        let name = untrack(|| self.text(Field::Name));
        let free = form::name::free_name(&name, &taken);
        if free != name {
            self.set(Field::Name, free);
        }
    }
}
