//! Saves and restores the training settings as they were typed.

use crate::features::train::form::Draft;
use crate::shell::persistence::store::{Store, StoreError};
use crate::shell::persistence::writer::PersistenceWriter;
use leptos::prelude::*;
use std::time::Duration;

/// The name is older than the type.
const NAME: &str = "draft";
const DELAY: Duration = Duration::from_millis(400);

/// Saves the settings when they change.
pub(crate) fn watch(writer: &PersistenceWriter, draft: RwSignal<Draft>) {
    writer.watch(
        DELAY,
        move || draft.track(),
        move || {
            let json = draft.with_untracked(|draft| {
                (draft != &Draft::default()).then(|| serde_json::to_vec(draft).ok())
            });
            vec![(NAME.to_owned(), json.flatten())]
        },
    );
}

/// Restores the settings of an earlier visit, unless some were changed in the meantime.
pub(crate) async fn restore(store: &Store, draft: RwSignal<Draft>) -> Result<(), StoreError> {
    let stored = store.get(NAME).await?;
    if let Some(stored) = stored.and_then(|json| serde_json::from_slice(&json).ok())
        && draft.with_untracked(|draft| draft == &Draft::default())
    {
        draft.set(stored);
    }
    Ok(())
}
