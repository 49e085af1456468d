//! Bytes by name in an IndexedDB database.

use crate::shell::persistence::store::{Entry, StoreError};
use futures_channel::oneshot;
use idb::{
    Database, DatabaseEvent as _, Error, Factory, KeyRange, ObjectStore, ObjectStoreParams,
    Transaction, TransactionMode,
};
use js_sys::{Array, Uint8Array};
use std::{cell::Cell, rc::Rc};
use wasm_bindgen::{JsCast as _, JsValue};

/// Longest value that a browser receives completely when it is stored. Chromium's storage process fetches values of
/// more than 64 KiB from the page later, which fails once the page is closed.
const MAX_INLINE_BYTES: usize = 60 << 10;

const DATABASE: &str = "elbo-room";
const VERSION: u32 = 1;
/// The only object store. A value under a name is bytes, or the length of bytes that are stored in chunks, under
/// keys of the name and a number.
const BLOBS: &str = "blobs";

/// An open database; clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Store(Rc<Database>);

impl Store {
    /// Opens the database, and creates it if it does not exist.
    ///
    /// # Errors
    ///
    /// [`StoreError::Denied`] when the browser offers none.
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

    /// Writes entries in one transaction: all or none. The future returns the outcome; the write continues if it is
    /// dropped.
    ///
    /// # Errors
    ///
    /// [`StoreError::Full`] and [`StoreError::Failed`]; what was stored before stays.
    pub(crate) fn write(
        &self,
        entries: &[Entry],
    ) -> impl Future<Output = Result<(), StoreError>> + use<> {
        self.write_in_chunks(entries, usize::MAX)
    }

    /// The same, for a page that may be closed at once: before this returns, the browser has all that it needs to
    /// complete the transaction without the page.
    pub(crate) fn write_before_close(
        &self,
        entries: &[Entry],
    ) -> impl Future<Output = Result<(), StoreError>> + use<> {
        self.write_in_chunks(entries, MAX_INLINE_BYTES)
    }

    fn write_in_chunks(
        &self,
        entries: &[Entry],
        chunk_bytes: usize,
    ) -> impl Future<Output = Result<(), StoreError>> + use<> {
        let commit = self.commit(|store| {
            for (name, bytes) in entries {
                put(store, name, bytes.as_deref(), chunk_bytes)?;
            }
            Ok(())
        });
        async move { commit?.done().await }
    }

    /// The bytes under a name.
    ///
    /// # Errors
    ///
    /// [`StoreError::Failed`].
    pub(crate) async fn get(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let value = self
            .transaction(TransactionMode::ReadOnly)?
            .object_store(BLOBS)
            .and_then(|store| store.get(JsValue::from(name)))
            .map_err(failure)?
            .await
            .map_err(failure)?;
        let Some(value) = value else {
            return Ok(None);
        };
        let Some(length) = value.as_f64() else {
            let bytes = value.dyn_into::<Uint8Array>().ok();
            return Ok(bytes.map(|bytes| bytes.to_vec()));
        };
        let chunks = self
            .transaction(TransactionMode::ReadOnly)?
            .object_store(BLOBS)
            .and_then(|store| store.get_all(Some(chunk_keys(name)?.into()), None))
            .map_err(failure)?
            .await
            .map_err(failure)?;
        let mut bytes = Vec::with_capacity(length as usize);
        for chunk in chunks {
            if let Ok(chunk) = chunk.dyn_into::<Uint8Array>() {
                bytes.extend(chunk.to_vec());
            }
        }
        Ok((bytes.len() as f64 == length).then_some(bytes))
    }

    /// All names, in order.
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

    /// Deletes everything.
    ///
    /// # Errors
    ///
    /// [`StoreError::Failed`]; then nothing is deleted.
    pub(crate) async fn clear(&self) -> Result<(), StoreError> {
        let commit = self.commit(|store| store.clear().map(drop))?;
        commit.done().await
    }

    /// Commits a transaction with these requests.
    fn commit(
        &self,
        request: impl FnOnce(&ObjectStore) -> Result<(), Error>,
    ) -> Result<Commit, StoreError> {
        let transaction = self.transaction(TransactionMode::ReadWrite)?;
        let store = transaction.object_store(BLOBS).map_err(failure)?;
        if let Err(error) = request(&store) {
            // Otherwise the browser would commit the requests before the one that failed.
            let _ = transaction.abort();
            return Err(failure(error));
        }
        let mut transaction = transaction.commit().map_err(failure)?;
        let (sender, outcome) = oneshot::channel();
        let sender = Rc::new(Cell::new(Some(sender)));
        let send = move |result| {
            if let Some(sender) = sender.take() {
                let _ = sender.send(result);
            }
        };
        transaction.on_complete({
            let send = send.clone();
            move |_| send(Ok(()))
        });
        // A request that fails aborts its transaction, and so does a quota that is found exceeded only when the
        // transaction commits.
        transaction.on_abort(move |event| {
            let error = event
                .target()
                .and_then(|target| Transaction::try_from(target).ok()?.error());
            send(Err(failure(
                error.map_or(Error::DomExceptionNotFound, Error::DomException),
            )));
        });
        Ok(Commit {
            _transaction: transaction,
            outcome,
        })
    }

    fn transaction(&self, mode: TransactionMode) -> Result<Transaction, StoreError> {
        self.0.transaction(&[BLOBS], mode).map_err(failure)
    }
}

/// A committed transaction that has not completed yet.
struct Commit {
    /// Owns the event handlers.
    _transaction: Transaction,
    outcome: oneshot::Receiver<Result<(), StoreError>>,
}

impl Commit {
    async fn done(self) -> Result<(), StoreError> {
        let lost = |_| StoreError::Failed("the transaction has no outcome".to_owned());
        self.outcome.await.map_err(lost)?
    }
}

/// Stores bytes under a name, in chunks where they are longer than one, or deletes what is stored there.
fn put(
    store: &ObjectStore,
    name: &str,
    bytes: Option<&[u8]>,
    chunk_bytes: usize,
) -> Result<(), Error> {
    let key = JsValue::from(name);
    store.delete(chunk_keys(name)?)?;
    match bytes {
        None => store.delete(key).map(drop),
        Some(bytes) if bytes.len() <= chunk_bytes => {
            store.put(&Uint8Array::from(bytes), Some(&key)).map(drop)
        }
        Some(bytes) => {
            store.put(&JsValue::from(bytes.len() as f64), Some(&key))?;
            for (index, chunk) in bytes.chunks(chunk_bytes).enumerate() {
                let key = Array::of2(&key, &JsValue::from(index as f64));
                store.put(&Uint8Array::from(chunk), Some(&key))?;
            }
            Ok(())
        }
    }
}

/// The keys of all chunks of a name.
fn chunk_keys(name: &str) -> Result<KeyRange, Error> {
    let name = JsValue::from(name);
    // An array is after all numbers.
    let last = Array::of2(&name, &Array::new());
    KeyRange::bound(&Array::of1(&name), &last, None, None)
}

fn failure(error: Error) -> StoreError {
    let message = error.to_string();
    if message.to_ascii_lowercase().contains("quota") {
        StoreError::Full
    } else {
        StoreError::Failed(message)
    }
}
