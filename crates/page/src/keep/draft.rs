//! The settings for training, as they were typed.

use super::keeper::Keeper;
use crate::{
    storage::{Store, StoreError},
    training::draft::Draft,
};
use leptos::prelude::*;
use std::time::Duration;

const NAME: &str = "draft";
const PAUSE: Duration = Duration::from_millis(400);

/// Keeps the settings as they change.
pub(super) fn follow(keeper: &Keeper, draft: RwSignal<Draft>) {
    keeper.follow(
        PAUSE,
        move || draft.track(),
        move || {
            let json = draft.with_untracked(|draft| {
                (draft != &Draft::default()).then(|| serde_json::to_vec(draft).ok())
            });
            vec![(NAME.to_owned(), json.flatten())]
        },
    );
}

/// Brings back the settings of an earlier visit, unless some were made already.
pub(super) async fn bring_back(store: &Store, draft: RwSignal<Draft>) -> Result<(), StoreError> {
    let kept = store.get(NAME).await?;
    if let Some(kept) = kept.and_then(|json| serde_json::from_slice(&json).ok())
        && draft.with_untracked(|draft| draft == &Draft::default())
    {
        draft.set(kept);
    }
    Ok(())
}
