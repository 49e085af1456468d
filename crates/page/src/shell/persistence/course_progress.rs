//! Saves and restores the reader's progress through the course.

use crate::features::learn::progress::Progress;
use crate::shell::persistence::store::{Store, StoreError};
use crate::shell::persistence::writer::PersistenceWriter;
use leptos::prelude::*;
use std::time::Duration;

const NAME: &str = "learn";
const DELAY: Duration = Duration::from_millis(400);

/// Saves the progress when it changes.
pub(crate) fn watch(writer: &PersistenceWriter, progress: RwSignal<Progress>) {
    writer.watch(
        DELAY,
        move || progress.track(),
        move || {
            let json = progress.with_untracked(|progress| {
                (progress != &Progress::default())
                    .then(|| serde_json::to_vec(progress).ok())
                    .flatten()
            });
            vec![(NAME.to_owned(), json.map(Into::into))]
        },
    );
}

/// Adds the progress of earlier visits.
pub(crate) async fn restore(store: &Store, progress: RwSignal<Progress>) -> Result<(), StoreError> {
    let stored = store.get(NAME).await?;
    if let Some(stored) = stored.and_then(|json| serde_json::from_slice(&json).ok()) {
        progress.update(|progress| progress.merge(stored));
    }
    Ok(())
}
