//! Named bytes in an IndexedDB database.

use crate::shell::persistence::store::StoreError;
use idb::{Database, DatabaseEvent as _, Error, Factory, ObjectStoreParams, TransactionMode};
use js_sys::Uint8Array;
use std::rc::Rc;
use wasm_bindgen::{JsCast as _, JsValue};

const DATABASE: &str = "elbo-room";
const VERSION: u32 = 1;
/// The one object store: names to bytes.
const BLOBS: &str = "blobs";

/// An open database; clones are the same one.
#[derive(Debug, Clone)]
pub(crate) struct Store(Rc<Database>);

impl Store {
    /// Opens the database, making it when it is not there.
    ///
    /// # Errors
    ///
    /// [`StoreError::Denied`] when the browser gives none.
    pub(crate) async fn open() -> Result<Self, StoreError> {
        let denied = |error: Error| StoreError::Denied(error.to_string());
        let mut request = Factory::new()
            .and_then(|factory| factory.open(DATABASE, Some(VERSION)))
            .map_err(denied)?;
        request.on_upgrade_needed(|event| {
            // A failure here fails the request, which is reported.
            if let Ok(database) = event.database() {
                let _ = database.create_object_store(BLOBS, ObjectStoreParams::new());
            }
        });
        let database = request.await.map_err(denied)?;
        Ok(Self(Rc::new(database)))
    }

    /// Keeps bytes under a name, in place of those that were there.
    ///
    /// # Errors
    ///
    /// [`StoreError::Full`] and [`StoreError::Failed`]; what was there before is still there.
    pub(crate) async fn put(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let transaction = self.transaction(TransactionMode::ReadWrite)?;
        let value = Uint8Array::from(bytes);
        transaction
            .object_store(BLOBS)
            .and_then(|store| store.put(&value, Some(&name.into())))
            .map_err(failure)?
            .await
            .map_err(failure)?;
        finish(transaction).await
    }

    /// The bytes under a name.
    ///
    /// # Errors
    ///
    /// [`StoreError::Failed`].
    pub(crate) async fn get(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let transaction = self.transaction(TransactionMode::ReadOnly)?;
        let value = transaction
            .object_store(BLOBS)
            .and_then(|store| store.get(JsValue::from(name)))
            .map_err(failure)?
            .await
            .map_err(failure)?;
        Ok(value
            .and_then(|value| value.dyn_into::<Uint8Array>().ok())
            .map(|bytes| bytes.to_vec()))
    }

    /// All names under which something is kept, in order.
    ///
    /// # Errors
    ///
    /// [`StoreError::Failed`].
    pub(crate) async fn names(&self) -> Result<Vec<String>, StoreError> {
        let transaction = self.transaction(TransactionMode::ReadOnly)?;
        let names = transaction
            .object_store(BLOBS)
            .and_then(|store| store.get_all_keys(None, None))
            .map_err(failure)?
            .await
            .map_err(failure)?;
        Ok(names.iter().filter_map(JsValue::as_string).collect())
    }

    /// Forgets what is kept under a name, if anything is.
    ///
    /// # Errors
    ///
    /// [`StoreError::Failed`].
    pub(crate) async fn remove(&self, name: &str) -> Result<(), StoreError> {
        let transaction = self.transaction(TransactionMode::ReadWrite)?;
        transaction
            .object_store(BLOBS)
            .and_then(|store| store.delete(JsValue::from(name)))
            .map_err(failure)?
            .await
            .map_err(failure)?;
        finish(transaction).await
    }

    /// Forgets everything.
    ///
    /// # Errors
    ///
    /// [`StoreError::Failed`]; then everything is still there.
    pub(crate) async fn clear(&self) -> Result<(), StoreError> {
        let transaction = self.transaction(TransactionMode::ReadWrite)?;
        transaction
            .object_store(BLOBS)
            .and_then(|store| store.clear())
            .map_err(failure)?
            .await
            .map_err(failure)?;
        finish(transaction).await
    }

    fn transaction(&self, mode: TransactionMode) -> Result<idb::Transaction, StoreError> {
        self.0.transaction(&[BLOBS], mode).map_err(failure)
    }
}

/// A quota is often found exceeded only when the transaction ends.
async fn finish(transaction: idb::Transaction) -> Result<(), StoreError> {
    transaction
        .commit()
        .map_err(failure)?
        .await
        .map(|_| ())
        .map_err(failure)
}

fn failure(error: Error) -> StoreError {
    let message = error.to_string();
    if message.contains("QuotaExceeded") || message.to_lowercase().contains("quota") {
        StoreError::Full
    } else {
        StoreError::Failed(message)
    }
}
