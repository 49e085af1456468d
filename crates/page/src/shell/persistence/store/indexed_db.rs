//! Bytes by name in an IndexedDB database.

use crate::shell::persistence::store::{Entry, StoreError, Stored};
use futures_channel::oneshot;
use idb::{
    Database, DatabaseEvent as _, Error, Factory, KeyRange, ObjectStore, ObjectStoreParams,
    Transaction, TransactionMode,
};
use js_sys::{Array, ArrayBuffer, Uint8Array};
use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    rc::Rc,
};
use wasm_bindgen::{JsCast as _, JsValue};
use worker::Bytes;

/// Longest value that a browser receives completely when it is stored. Chromium's storage process fetches values of
/// more than 64 KiB from the page later, which fails once the page is closed.
const MAX_INLINE_BYTES: usize = 60 << 10;

/// Size in bytes of the entries that are written in one transaction, unless a single entry is larger.
const MAX_TRANSACTION_BYTES: usize = 8 << 20;

const DATABASE: &str = "elbo-room";
const VERSION: u32 = 1;
/// The only object store. A value under a name is bytes, or the length of bytes that are stored in chunks, under
/// keys of the name and a number.
const BLOBS: &str = "blobs";

/// The database; clones share it. A connection that is lost is opened again.
///
/// Browsers end connections of pages in the background, and delete the data of pages when the disk is full.
#[derive(Debug, Clone)]
pub(crate) struct Store(Rc<Inner>);

#[derive(Debug)]
struct Inner {
    /// Replaced when it is lost.
    database: RefCell<Rc<Database>>,
    /// What the database is to have, as far as this page has read or written it: for a database that was deleted.
    wanted: RefCell<BTreeMap<String, Stored>>,
    /// The names of entries that could not be written.
    unsaved: RefCell<Vec<String>>,
}

/// Opens the database, and creates it if it does not exist; the second value is whether it was created.
async fn open_database() -> Result<(Rc<Database>, bool), Error> {
    let is_new = Rc::new(Cell::new(false));
    let mut request = Factory::new()?.open(DATABASE, Some(VERSION))?;
    let created = is_new.clone();
    request.on_upgrade_needed(move |event| {
        created.set(true);
        // A failure here fails the request, which is reported.
        if let Ok(database) = event.database() {
            let _ = database.create_object_store(BLOBS, ObjectStoreParams::new());
        }
    });
    let mut database = request.await?;
    // Whoever deletes the database does not wait for this page.
    database.on_version_change(|event| {
        if let Ok(database) = event.database() {
            database.close();
        }
    });
    Ok((Rc::new(database), is_new.get()))
}

impl Store {
    /// Opens the database, and creates it if it does not exist.
    ///
    /// # Errors
    ///
    /// [`StoreError::Denied`] when the browser offers none.
    pub(crate) async fn open() -> Result<Self, StoreError> {
        let denied = |error: Error| StoreError::Denied(error.to_string());
        let (database, _) = open_database().await.map_err(denied)?;
        Ok(Self(Rc::new(Inner {
            database: RefCell::new(database),
            wanted: RefCell::default(),
            unsaved: RefCell::default(),
        })))
    }

    /// Opens the database again. If the browser has deleted it meanwhile, all that this page knows is written to it.
    async fn reopen(&self) -> Result<(), StoreError> {
        let (database, is_new) = open_database().await.map_err(failure)?;
        self.0.database.replace(database);
        if is_new {
            let entries = self.wanted();
            for entries in transactions(&entries) {
                self.write_in_chunks(&entries, usize::MAX).await?;
            }
        }
        Ok(())
    }

    /// All that this page knows of the stored data.
    fn wanted(&self) -> Vec<Entry> {
        let wanted = self.0.wanted.borrow();
        wanted
            .iter()
            .map(|(name, bytes)| (name.clone(), Some(bytes.clone())))
            .collect()
    }

    /// Repeats what failed once, on a new connection.
    async fn again<T>(
        &self,
        first: Result<T, StoreError>,
        repeat: impl AsyncFnOnce() -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        match first {
            Err(StoreError::Failed(_)) => {
                self.reopen().await?;
                repeat().await
            }
            other => other,
        }
    }

    /// Entries that could not be written, in their newest version.
    pub(crate) fn unsaved(&self) -> Vec<Entry> {
        let wanted = self.0.wanted.borrow();
        let names = self.0.unsaved.borrow();
        names
            .iter()
            .map(|name| (name.clone(), wanted.get(name).cloned()))
            .collect()
    }

    fn begin(&self, entries: &[Entry]) {
        let mut wanted = self.0.wanted.borrow_mut();
        for (name, bytes) in entries {
            match bytes {
                Some(bytes) => wanted.insert(name.clone(), bytes.clone()),
                None => wanted.remove(name),
            };
        }
    }

    fn finish(&self, entries: &[Entry], is_saved: bool) {
        let mut unsaved = self.0.unsaved.borrow_mut();
        unsaved.retain(|name| entries.iter().all(|(entry, _)| entry != name));
        if !is_saved {
            unsaved.extend(entries.iter().map(|(name, _)| name.clone()));
        }
    }

    /// Writes entries in one transaction: all or none. Those of more than [`MAX_TRANSACTION_BYTES`] are written in
    /// several, in their order, one after another, because the browser keeps a copy of all that a transaction writes.
    /// The future returns the outcome; a single transaction continues if it is dropped.
    ///
    /// # Errors
    ///
    /// [`StoreError::Full`] and [`StoreError::Failed`]; what the failed transaction would have written stays as before.
    pub(crate) fn write(
        &self,
        entries: &[Entry],
    ) -> impl Future<Output = Result<(), StoreError>> + use<> {
        self.begin(entries);
        let mut all = transactions(entries).into_iter();
        let first = all.next().map(|entries| {
            let write = self.write_in_chunks(&entries, usize::MAX);
            (entries, write)
        });
        let store = self.clone();
        let entries = entries.to_vec();
        async move {
            let write = async || {
                if let Some((entries, write)) = first {
                    let first = write.await;
                    let repeat = async || store.write_in_chunks(&entries, usize::MAX).await;
                    store.again(first, repeat).await?;
                }
                for entries in all {
                    let first = store.write_in_chunks(&entries, usize::MAX).await;
                    let repeat = async || store.write_in_chunks(&entries, usize::MAX).await;
                    store.again(first, repeat).await?;
                }
                Ok(())
            };
            let result = write().await;
            store.finish(&entries, result.is_ok());
            result
        }
    }

    /// The same, for a page that may be closed at once: before this returns, the browser has all that it needs to
    /// complete the transaction without the page.
    pub(crate) fn write_before_close(
        &self,
        entries: &[Entry],
    ) -> impl Future<Output = Result<(), StoreError>> + use<> {
        self.begin(entries);
        let write = self.write_in_chunks(entries, MAX_INLINE_BYTES);
        let (store, entries) = (self.clone(), entries.to_vec());
        async move {
            let first = write.await;
            let repeat = async || store.write_in_chunks(&entries, MAX_INLINE_BYTES).await;
            let result = store.again(first, repeat).await;
            store.finish(&entries, result.is_ok());
            result
        }
    }

    fn write_in_chunks(
        &self,
        entries: &[Entry],
        chunk_bytes: usize,
    ) -> impl Future<Output = Result<(), StoreError>> + use<> {
        let commit = self.commit(|store| {
            for (name, bytes) in entries {
                put(store, name, bytes.as_ref(), chunk_bytes)?;
            }
            Ok(())
        });
        async move { commit?.done().await }
    }

    /// The bytes under a name, in the page's memory.
    ///
    /// # Errors
    ///
    /// [`StoreError::Failed`].
    pub(crate) async fn get(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let bytes = self.get_bytes(name).await?;
        Ok(bytes.map(|bytes| bytes.to_vec()))
    }

    /// The bytes under a name.
    ///
    /// # Errors
    ///
    /// [`StoreError::Failed`].
    pub(crate) async fn get_bytes(&self, name: &str) -> Result<Option<Bytes>, StoreError> {
        let first = self.read_bytes(name).await;
        let bytes = self
            .again(first, async || self.read_bytes(name).await)
            .await?;
        if let Some(bytes) = &bytes {
            let mut wanted = self.0.wanted.borrow_mut();
            wanted
                .entry(name.to_owned())
                .or_insert_with(|| Stored::from(bytes.clone()));
        }
        Ok(bytes)
    }

    async fn read_bytes(&self, name: &str) -> Result<Option<Bytes>, StoreError> {
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
            return Ok(bytes.map(Bytes::from_array));
        };
        let chunks = self
            .transaction(TransactionMode::ReadOnly)?
            .object_store(BLOBS)
            .and_then(|store| store.get_all(Some(chunk_keys(name)?.into()), None))
            .map_err(failure)?
            .await
            .map_err(failure)?;
        let chunks = chunks.into_iter().filter_map(|chunk| chunk.dyn_into().ok());
        let bytes = Bytes::concat(&chunks.map(Bytes::from_array).collect::<Vec<_>>());
        Ok((bytes.len() as f64 == length).then_some(bytes))
    }

    /// All names, in order.
    ///
    /// # Errors
    ///
    /// [`StoreError::Failed`].
    pub(crate) async fn names(&self) -> Result<Vec<String>, StoreError> {
        let first = self.read_names().await;
        self.again(first, async || self.read_names().await).await
    }

    async fn read_names(&self) -> Result<Vec<String>, StoreError> {
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
        self.0.wanted.take();
        self.0.unsaved.take();
        let clear = async || {
            let commit = self.commit(|store| store.clear().map(drop))?;
            commit.done().await
        };
        let first = clear().await;
        self.again(first, clear).await
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
        let database = self.0.database.borrow().clone();
        database.transaction(&[BLOBS], mode).map_err(failure)
    }
}

/// Entries grouped into transactions, in their order.
fn transactions(entries: &[Entry]) -> Vec<Vec<Entry>> {
    let size = |(_, bytes): &Entry| bytes.as_ref().map_or(0, Stored::len);
    let mut transactions: Vec<Vec<Entry>> = Vec::new();
    let mut room = 0;
    for entry in entries {
        match transactions.last_mut() {
            Some(last) if size(entry) <= room => last.push(entry.clone()),
            _ => {
                transactions.push(vec![entry.clone()]);
                room = MAX_TRANSACTION_BYTES;
            }
        }
        room = room.saturating_sub(size(entry));
    }
    transactions
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

/// Stores bytes under a name, in chunks where they are longer than one or have several parts, or deletes what is stored
/// there.
fn put(
    store: &ObjectStore,
    name: &str,
    bytes: Option<&Stored>,
    chunk_bytes: usize,
) -> Result<(), Error> {
    let key = JsValue::from(name);
    store.delete(chunk_keys(name)?)?;
    match bytes.map(|bytes| (bytes.parts(), bytes.len())) {
        None => store.delete(key).map(drop),
        Some(([bytes], length)) if length <= chunk_bytes => {
            store.put(&whole_buffer(bytes), Some(&key)).map(drop)
        }
        Some((parts, length)) => {
            store.put(&JsValue::from(length as f64), Some(&key))?;
            let mut index = 0.0;
            for part in parts {
                for start in (0..part.len()).step_by(chunk_bytes.min(part.len().max(1))) {
                    let chunk = part.slice(start..start.saturating_add(chunk_bytes));
                    let key = Array::of2(&key, &JsValue::from(index));
                    store.put(&whole_buffer(&chunk), Some(&key))?;
                    index += 1.0;
                }
            }
            Ok(())
        }
    }
}

/// Bytes that fill a buffer: of a part of a larger one, browsers would store all of the buffer.
fn whole_buffer(bytes: &Bytes) -> Uint8Array {
    let array = bytes.as_array();
    if array.buffer().unchecked_ref::<ArrayBuffer>().byte_length() == array.length() {
        array.clone()
    } else {
        array.slice(0, array.length())
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
