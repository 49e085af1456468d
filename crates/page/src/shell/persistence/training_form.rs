//! The settings for training, as they were typed.

use crate::features::train::form::Draft;
use crate::shell::persistence::store::Store;
use crate::shell::persistence::store::StoreError;
use crate::shell::persistence::writer::PersistenceWriter;
use leptos::prelude::*;
use std::time::Duration;

const NAME: &str = "draft";
const PAUSE: Duration = Duration::from_millis(400);

/// Keeps the settings as they change.
pub(crate) fn follow(keeper: &PersistenceWriter, draft: RwSignal<Draft>) {
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
pub(crate) async fn bring_back(store: &Store, draft: RwSignal<Draft>) -> Result<(), StoreError> {
    let kept = store.get(NAME).await?;
    if let Some(kept) = kept.and_then(|json| serde_json::from_slice(&json).ok())
        && draft.with_untracked(|draft| draft == &Draft::default())
    {
        draft.set(kept);
    }
    Ok(())
}
