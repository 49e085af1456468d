//! Models of people's own: trained here, or imported.

use crate::shell::persistence::packed::{pack, unpack};
use crate::shell::persistence::store::Store;
use crate::shell::persistence::store::StoreError;
use crate::shell::persistence::writer::PersistenceWriter;
use crate::state::actions::{Actions, OwnModel};
use leptos::prelude::*;
use protocol::{ModelInfo, TrainedModel};
use std::{cell::RefCell, collections::BTreeMap, rc::Rc, time::Duration};

/// Before a model's name in the store.
const PREFIX: &str = "model/";
/// A run has a newer one twice a second.
const PAUSE: Duration = Duration::from_secs(3);

/// Keeps each model that is adopted, until it is removed.
pub(crate) fn follow(keeper: &PersistenceWriter, newest: RwSignal<Option<OwnModel>>) {
    let changes = Rc::new(RefCell::new(BTreeMap::new()));
    let gathered = changes.clone();
    keeper.follow(
        PAUSE,
        move || {
            let (name, model) = match newest.get() {
                Some(OwnModel::Adopted(model)) => (model.info.name.clone(), Some(model)),
                Some(OwnModel::Removed(name)) => (name, None),
                None => return,
            };
            changes.borrow_mut().insert(name, model);
        },
        move || {
            let gathered = gathered.take().into_iter();
            gathered
                .map(|(name, model)| {
                    let bytes = model.as_deref().and_then(pack_model);
                    (format!("{PREFIX}{name}"), bytes)
                })
                .collect()
        },
    );
}

/// Brings back the models of earlier visits.
pub(crate) async fn bring_back(store: &Store, actions: Actions) -> Result<(), StoreError> {
    for model in read(store).await? {
        actions.readopt(model);
    }
    Ok(())
}

/// The models of earlier visits; none where nothing is kept.
pub(crate) async fn find() -> Vec<TrainedModel> {
    match Store::open().await {
        Ok(store) => read(&store).await.unwrap_or_default(),
        Err(_) => Vec::new(),
    }
}

async fn read(store: &Store) -> Result<Vec<TrainedModel>, StoreError> {
    let mut models = Vec::new();
    for name in store.names().await? {
        if name.starts_with(PREFIX) {
            models.extend(store.get(&name).await?.as_deref().and_then(unpack_model));
        }
    }
    Ok(models)
}

fn pack_model(model: &TrainedModel) -> Option<Vec<u8>> {
    pack(&(&model.info, &model.card), &model.weights)
}

fn unpack_model(bytes: &[u8]) -> Option<TrainedModel> {
    let ((info, card), weights): ((ModelInfo, String), _) = unpack(bytes)?;
    Some(TrainedModel {
        info,
        card,
        weights: weights.to_vec(),
    })
}
