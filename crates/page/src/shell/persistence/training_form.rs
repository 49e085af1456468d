//! Saves and restores the training settings as they were typed.

use crate::features::train::form::TrainingForm;
use crate::shell::persistence::store::{Store, StoreError};
use crate::shell::persistence::writer::PersistenceWriter;
use leptos::prelude::*;
use std::time::Duration;

/// The name is older than the type.
const NAME: &str = "draft";
const DELAY: Duration = Duration::from_millis(400);

/// Saves the settings when they change.
pub(crate) fn watch(writer: &PersistenceWriter, form: RwSignal<TrainingForm>) {
    writer.watch(
        DELAY,
        move || form.track(),
        move || {
            let json = form.with_untracked(|form| {
                (form != &TrainingForm::default()).then(|| serde_json::to_vec(form).ok())
            });
            vec![(NAME.to_owned(), json.flatten().map(Into::into))]
        },
    );
}

/// Restores the settings of an earlier visit, unless some were changed in the meantime.
pub(crate) async fn restore(store: &Store, form: RwSignal<TrainingForm>) -> Result<(), StoreError> {
    let stored = store.get(NAME).await?;
    if let Some(stored) = stored.and_then(|json| serde_json::from_slice(&json).ok())
        && form.with_untracked(|form| form == &TrainingForm::default())
    {
        form.set(stored);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn training_form_of_the_previous_version_deserializes() {
        let stored: &[u8] = include_bytes!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../tests/fixtures/previous-version/draft.json"
        ));
        let form: TrainingForm = serde_json::from_slice(stored).expect("its format is still read");
        let texts = serde_json::to_value(&form).expect("a map of texts");
        assert_eq!(NAME, "draft");
        assert_eq!(texts.as_object().map(serde_json::Map::len), Some(18));
        assert_eq!(serde_json::to_vec(&form).ok().as_deref(), Some(stored));
    }
}
