//! What outlives the tab: digits, settings, models and the run, each a file of its own here, kept in
//! the browser's storage as they change and brought back by the next visit.

mod digits;
mod draft;
mod keeper;
mod models;
mod packed;
mod run;

pub(crate) use keeper::Keeper;
pub(crate) use models::find as find_models;

use crate::{
    asks::Asks,
    state::{DigitSet, TrainingView},
    training::draft::Draft,
};
use leptos::prelude::RwSignal;

/// Brings back what earlier visits left, and keeps from now on what changes.
pub(crate) fn keep_everything(
    keeper: &Keeper,
    asks: Asks,
    digits: DigitSet,
    draft: RwSignal<Draft>,
    training: TrainingView,
) {
    digits::follow(keeper, digits);
    draft::follow(keeper, draft);
    models::follow(keeper, asks.own_models());
    run::follow(keeper, training);
    keeper.open(async move |store| {
        draft::bring_back(&store, draft).await?;
        digits::bring_back(&store, digits).await?;
        run::bring_back(&store, training).await?;
        models::bring_back(&store, asks).await
    });
}
