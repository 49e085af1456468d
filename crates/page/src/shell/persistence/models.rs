//! Saves and restores user models: those that were trained or imported here.

use crate::shell::persistence::record;
use crate::shell::persistence::store::{Store, StoreError};
use crate::shell::persistence::writer::PersistenceWriter;
use crate::state::actions::{Actions, UserModelChange};
use leptos::prelude::*;
use protocol::{ModelInfo, TrainedModel};
use std::{cell::RefCell, collections::BTreeMap, rc::Rc, sync::Arc, time::Duration};

/// Precedes the model's name.
const PREFIX: &str = "model/";
/// A training run has a newer model twice a second.
const DELAY: Duration = Duration::from_secs(3);

/// Saves each model that is added, and deletes it when it is removed. `newest` is the newest such change.
pub(crate) fn watch(writer: &PersistenceWriter, newest: RwSignal<Option<UserModelChange>>) {
    let changes = Rc::new(RefCell::new(BTreeMap::new()));
    let unsaved = changes.clone();
    writer.watch(
        DELAY,
        move || {
            if let Some(change) = newest.get() {
                changes.borrow_mut().extend(entries_of(change));
            }
        },
        move || {
            let unsaved = unsaved.take().into_iter();
            unsaved
                .map(|(name, model)| {
                    let bytes = model.as_deref().and_then(encode);
                    (format!("{PREFIX}{name}"), bytes.map(Into::into))
                })
                .collect()
        },
    );
}

/// The models that a change writes and deletes, by name.
fn entries_of(change: UserModelChange) -> Vec<(String, Option<Arc<TrainedModel>>)> {
    match change {
        UserModelChange::Added(model) => vec![(model.info.name.clone(), Some(model))],
        UserModelChange::Renamed { from, model } => {
            vec![(from, None), (model.info.name.clone(), Some(model))]
        }
        UserModelChange::Removed(name) => vec![(name, None)],
    }
}

/// Restores the models of earlier visits.
pub(crate) async fn restore(store: &Store, actions: Actions) -> Result<(), StoreError> {
    for model in read(store).await? {
        actions.restore_model(model);
    }
    Ok(())
}

/// The models of earlier visits; `None` if the browser offers no storage.
pub(crate) async fn stored() -> Vec<TrainedModel> {
    match Store::open().await {
        Ok(store) => read(&store).await.unwrap_or_default(),
        Err(_) => Vec::new(),
    }
}

async fn read(store: &Store) -> Result<Vec<TrainedModel>, StoreError> {
    let mut models = Vec::new();
    for name in store.names().await? {
        if name.starts_with(PREFIX) {
            models.extend(store.get(&name).await?.as_deref().and_then(decode));
        }
    }
    Ok(models)
}

fn encode(model: &TrainedModel) -> Option<Vec<u8>> {
    record::encode(&(&model.info, &model.card), &model.weights)
}

/// A stored model; `None` for any other bytes, and for sizes that no model has.
pub(crate) fn decode(bytes: &[u8]) -> Option<TrainedModel> {
    let ((info, card), weights): ((ModelInfo, String), _) = record::decode(bytes)?;
    info.has_valid_sizes().then(|| TrainedModel {
        info,
        card,
        weights: weights.to_vec(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_of_a_renamed_model_delete_the_old_name() {
        let stored: &[u8] = include_bytes!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../tests/fixtures/previous-version/model-bars"
        ));
        let model = Arc::new(decode(stored).expect("its format is still read"));
        let entries = entries_of(UserModelChange::Renamed {
            from: "stripes".to_owned(),
            model: model.clone(),
        });
        let expected = [
            ("stripes".to_owned(), None),
            ("bars".to_owned(), Some(model)),
        ];
        assert_eq!(entries, expected);
    }

    #[test]
    fn model_of_the_previous_version_decodes() {
        let stored: &[u8] = include_bytes!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../tests/fixtures/previous-version/model-bars"
        ));
        let model = decode(stored).expect("its format is still read");
        assert_eq!(PREFIX, "model/");
        assert_eq!(
            (model.info.name.as_str(), model.info.latent_size),
            ("bars", 2)
        );
        assert!(model.card.contains("\"name\": \"bars\""));
        assert_eq!(model.weights.len(), 29_184);
    }
}
