//! What outlives the tab: digits, settings, models and the run, each a file of its own here, kept in
//! the browser's storage as they change and brought back by the next visit.

pub(crate) mod dataset;
pub(crate) mod delete_stored_data;
pub(crate) mod models;
pub(crate) mod packed;
pub(crate) mod store;
pub(crate) mod training_form;
pub(crate) mod training_run;
pub(crate) mod writer;

use writer::PersistenceWriter;

use crate::features::dataset::image_set::ImageSet;
use crate::features::train::form::Draft;
use crate::features::train::state::TrainingView;
use crate::state::actions::Actions;
use leptos::prelude::RwSignal;

/// Brings back what earlier visits left, and keeps from now on what changes.
pub(crate) fn start_persistence(
    keeper: &PersistenceWriter,
    actions: Actions,
    digits: ImageSet,
    draft: RwSignal<Draft>,
    training: TrainingView,
) {
    dataset::follow(keeper, digits);
    training_form::follow(keeper, draft);
    models::follow(keeper, actions.own_models());
    training_run::follow(keeper, training);
    keeper.open(async move |store| {
        training_form::bring_back(&store, draft).await?;
        dataset::bring_back(&store, digits).await?;
        training_run::bring_back(&store, training).await?;
        models::bring_back(&store, actions).await
    });
}
