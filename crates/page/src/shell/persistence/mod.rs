//! Saves images, settings, models, the training run and the progress through the course in the browser's storage when they change, and
//! restores them at the next visit. Each has a module here; [`writer`] decides when to write, [`store`] is the
//! storage.

pub(crate) mod course_progress;
pub(crate) mod dataset;
pub(crate) mod delete_stored_data;
pub(crate) mod models;
pub(crate) mod other_tab_notice;
pub(crate) mod record;
pub(crate) mod store;
pub(crate) mod training_form;
pub(crate) mod training_run;
pub(crate) mod writer;

use writer::PersistenceWriter;

use crate::features::dataset::image_set::ImageSet;
use crate::features::learn::progress::Progress;
use crate::features::train::actions::TrainActions;
use crate::state::actions::Actions;
use crate::state::training::TrainingView;
use leptos::prelude::RwSignal;

/// Restores the data of earlier visits, and saves changes from now on.
pub(crate) fn start_persistence(
    writer: &PersistenceWriter,
    actions: Actions,
    images: ImageSet,
    train: TrainActions,
    training: TrainingView,
    progress: RwSignal<Progress>,
) {
    let form = train.form();
    let stored_blocks = dataset::watch(writer, images);
    training_form::watch(writer, form);
    course_progress::watch(writer, progress);
    models::watch(writer, actions.user_model_changes());
    training_run::watch(writer, training);
    writer.open(async move |store| {
        training_form::restore(&store, form).await?;
        course_progress::restore(&store, progress).await?;
        dataset::restore(&store, images, stored_blocks).await?;
        training_run::restore(&store, training).await?;
        models::restore(&store, actions).await?;
        // The stored name is that of the last run, whose model has it now.
        train.propose_next_name();
        Ok(())
    });
}
