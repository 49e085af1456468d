//! Writes changes to the browser's storage: a moment after they occur, and at once when the page is
//! hidden or closed. One tab of the page writes: two would overwrite each other's data.

use crate::dom;
use crate::dom::listener::Listener;
use crate::dom::locks::{self, Lock};
use crate::shell::persistence::store::{Entry, Store, StoreError};
use crate::state::notices::Notices;
use crate::state::save_status::SaveStatus;
use leptos::prelude::*;
use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    rc::Rc,
    time::Duration,
};

/// The lock of the tab that writes.
const LOCK: &str = "elbo-room-storage";
/// How long a page waits for the lock: a page that is being closed releases it within this time.
const LOCK_WAIT: Duration = Duration::from_secs(2);
/// The time after a failure until what is not saved is written again.
const RETRY: Duration = Duration::from_secs(10);
/// Entries whose loss costs no work: the settings as they were typed, and the progress through the course.
const MINOR: [&str; 2] = ["draft", "learn"];

/// Writes changes to the browser's storage; clones share it.
#[derive(Clone)]
pub(crate) struct PersistenceWriter(Rc<Inner>);

struct Inner {
    notices: Notices,
    status: SaveStatus,
    state: RefCell<State>,
    sources: RefCell<Vec<Rc<Source>>>,
    /// Whether a failure to save was reported.
    failure_reported: Cell<bool>,
    /// Whether a repetition of what failed waits for its time.
    waits_to_retry: Cell<bool>,
    /// Whether the browser was asked to keep the data.
    asked_to_persist: Cell<bool>,
    /// The lock, while this tab writes.
    lock: RefCell<Option<Lock>>,
    /// Listeners for the events that the page is hidden, closed, or shown again.
    listeners: RefCell<Vec<Listener>>,
}

/// Receives the entries of a write that has ended, and whether they are stored.
type OnWritten = Box<dyn Fn(&[Entry], bool)>;

/// State of the page that is saved when it changes.
struct Source {
    entries: Box<dyn Fn() -> Vec<Entry>>,
    /// Called when a write has ended, with its entries and whether they are stored.
    on_written: OnWritten,
    /// Whether it has changed since it was last written.
    changed: Cell<bool>,
    /// Writes the change when it fires.
    timer: Cell<Option<TimeoutHandle>>,
    /// Entries of writes that have not finished, oldest first.
    unfinished: RefCell<Vec<Rc<Vec<Entry>>>>,
}

impl Source {
    /// Whether it has changed since it was last written; from now on it has not.
    fn take_change(&self) -> bool {
        if let Some(timer) = self.timer.take() {
            timer.clear();
        }
        self.changed.replace(false)
    }
}

#[derive(Debug, Clone)]
enum State {
    /// The stored data has not been restored yet, so it must not be overwritten.
    Opening,
    Open(Store),
    /// There is no storage, and why.
    Denied(StoreError),
    /// The stored data was deleted; nothing is written any more.
    Closed,
}

impl PersistenceWriter {
    /// A writer that reports its first failure in `notices`, and whether all changes are saved in `status`.
    /// Writes nothing before [`open`](Self::open).
    pub(crate) fn new(notices: Notices, status: SaveStatus) -> Self {
        let writer = Self(Rc::new(Inner {
            notices,
            status,
            state: RefCell::new(State::Opening),
            sources: RefCell::default(),
            failure_reported: Cell::new(false),
            waits_to_retry: Cell::new(false),
            asked_to_persist: Cell::new(false),
            lock: RefCell::default(),
            listeners: RefCell::default(),
        }));
        writer.write_when_hidden();
        writer
    }

    /// Opens the store and restores the data of earlier visits, then writes what has changed in the
    /// meantime.
    pub(crate) fn open(
        &self,
        restore: impl AsyncFnOnce(Store) -> Result<(), StoreError> + 'static,
    ) {
        let writer = self.clone();
        wasm_bindgen_futures::spawn_local(async move {
            let state = match Store::open().await {
                Ok(store) => {
                    writer.request_lock(locks::Request::Wait(LOCK_WAIT)).await;
                    if let Err(error) = restore(store.clone()).await {
                        writer.report(&error);
                    }
                    State::Open(store)
                }
                // Reported once there is something that would be lost.
                Err(error) => State::Denied(error),
            };
            if matches!(*writer.0.state.borrow(), State::Closed) {
                return;
            }
            writer.0.state.replace(state);
            writer.write_all();
        });
    }

    /// Requests the lock. Without it, another tab writes.
    async fn request_lock(&self, request: locks::Request) {
        let writer = self.clone();
        let on_lost = move || {
            writer.0.lock.take();
            writer.0.status.set_other_tab(true);
        };
        let lock = locks::request(LOCK, request, on_lost).await;
        self.0.status.set_other_tab(lock.is_none());
        self.0.lock.replace(lock);
    }

    /// Writes in this tab from now on, beginning with what has changed in it; the other tab stops.
    pub(crate) fn take_over(&self) {
        let writer = self.clone();
        wasm_bindgen_futures::spawn_local(async move {
            writer.request_lock(locks::Request::Steal).await;
            writer.write_all();
        });
    }

    /// Writes what `entries` returns, `delay` after the first change of the signals that `track` reads. Changes
    /// within this time are written together.
    pub(crate) fn watch(
        &self,
        delay: Duration,
        track: impl Fn() + 'static,
        entries: impl Fn() -> Vec<Entry> + 'static,
    ) {
        self.watch_written(delay, track, entries, |_, _| {});
    }

    /// The same; `on_written` is called when a write has ended, with its entries, perhaps among others, and whether they
    /// are stored.
    pub(crate) fn watch_written(
        &self,
        delay: Duration,
        track: impl Fn() + 'static,
        entries: impl Fn() -> Vec<Entry> + 'static,
        on_written: impl Fn(&[Entry], bool) + 'static,
    ) {
        let source = Rc::new(Source {
            entries: Box::new(entries),
            on_written: Box::new(on_written),
            changed: Cell::new(false),
            timer: Cell::new(None),
            unfinished: RefCell::default(),
        });
        self.0.sources.borrow_mut().push(source.clone());
        let writer = self.clone();
        Effect::watch(
            track,
            move |(), _, _| {
                if !source.changed.replace(true) {
                    writer.0.status.begin();
                    let (writer, source) = (writer.clone(), source.clone());
                    let timer = {
                        let source = source.clone();
                        set_timeout_with_handle(move || writer.write(&source), delay)
                    };
                    source.timer.set(timer.ok());
                }
            },
            false,
        );
    }

    /// Writes all changes that wait for their delay.
    fn write_all(&self) {
        for source in self.0.sources.borrow().iter() {
            self.write(source);
        }
    }

    /// Writes a source if it has changed.
    fn write(&self, source: &Rc<Source>) {
        if !self.may_write() || !source.take_change() {
            // `open` or `take_over` writes what changes until then.
            return;
        }
        let entries = Rc::new((source.entries)());
        let Some(store) = self.store_for(&entries) else {
            return;
        };
        let write = store.write(&entries);
        let (writer, source) = (self.clone(), source.clone());
        source.unfinished.borrow_mut().push(entries.clone());
        wasm_bindgen_futures::spawn_local(async move {
            let result = write.await;
            source
                .unfinished
                .borrow_mut()
                .retain(|write| !Rc::ptr_eq(write, &entries));
            (source.on_written)(&entries, result.is_ok());
            writer.finish(&entries, result);
        });
    }

    /// Writes all changes at once, because the page may be closed as soon as this returns. All are in one transaction:
    /// the browser completes one that has started, but may drop one that waits for another. Writes that have not
    /// finished are repeated, since they may be lost.
    fn write_before_close(&self) {
        if !self.may_write() {
            return;
        }
        let mut entries = BTreeMap::new();
        let mut changes = 0;
        for source in self.0.sources.borrow().iter() {
            let unfinished = source.unfinished.take();
            entries.extend(unfinished.iter().flat_map(|write| write.iter().cloned()));
            if source.take_change() {
                changes += 1;
                entries.extend((source.entries)());
            }
        }
        if entries.is_empty() && changes == 0 {
            return;
        }
        // From here on it is a single write.
        if changes == 0 {
            self.0.status.begin();
        }
        for _ in 1..changes {
            self.0.status.finish(Vec::new(), Ok(()));
        }
        let entries: Rc<Vec<Entry>> = Rc::new(entries.into_iter().collect());
        let Some(store) = self.store_for(&entries) else {
            return;
        };
        let write = store.write_before_close(&entries);
        self.finish_after(entries, write);
    }

    /// Whether the stored data is restored, and no other tab writes.
    fn may_write(&self) -> bool {
        match *self.0.state.borrow() {
            State::Opening => false,
            State::Open(_) => self.0.lock.borrow().is_some(),
            State::Denied(_) | State::Closed => true,
        }
    }

    /// The store to write these entries to; where there is none, the write is finished.
    fn store_for(&self, entries: &[Entry]) -> Option<Store> {
        let state = self.0.state.borrow().clone();
        match state {
            State::Open(store) => return Some(store),
            State::Denied(error) if entries.iter().any(|(_, bytes)| bytes.is_some()) => {
                self.finish(entries, Err(error));
            }
            State::Opening | State::Denied(_) | State::Closed => self.finish(entries, Ok(())),
        }
        None
    }

    fn finish(&self, entries: &[Entry], result: Result<(), StoreError>) {
        match &result {
            Err(error) => {
                self.report(error);
                self.retry_later();
            }
            Ok(()) => self.persist(entries),
        }
        let names = entries.iter().map(|(name, _)| name.clone()).collect();
        let result = result.map_err(|error| error.summary().to_owned());
        self.0.status.finish(names, result);
    }

    /// Asks the browser to keep the data, once there is something to lose.
    fn persist(&self, entries: &[Entry]) {
        let is_work = |(name, bytes): &Entry| bytes.is_some() && !MINOR.contains(&name.as_str());
        if entries.iter().any(is_work) && !self.0.asked_to_persist.replace(true) {
            dom::persist_storage();
        }
    }

    /// Writes again what could not be written, after some time.
    fn retry_later(&self) {
        let is_open = matches!(*self.0.state.borrow(), State::Open(_));
        if is_open && !self.0.waits_to_retry.replace(true) {
            let writer = self.clone();
            set_timeout(
                move || {
                    writer.0.waits_to_retry.set(false);
                    writer.retry();
                },
                RETRY,
            );
        }
    }

    /// Finishes a write once it has ended.
    fn finish_after(
        &self,
        entries: Rc<Vec<Entry>>,
        write: impl Future<Output = Result<(), StoreError>> + 'static,
    ) {
        let writer = self.clone();
        wasm_bindgen_futures::spawn_local(async move {
            let result = write.await;
            for source in writer.0.sources.borrow().iter() {
                (source.on_written)(&entries, result.is_ok());
            }
            writer.finish(&entries, result);
        });
    }

    fn retry(&self) {
        let entries = match &*self.0.state.borrow() {
            State::Open(store) if self.0.lock.borrow().is_some() => store.unsaved(),
            _ => return,
        };
        if entries.is_empty() {
            return;
        }
        self.0.status.begin();
        let Some(store) = self.store_for(&entries) else {
            return;
        };
        let write = store.write(&entries);
        self.finish_after(Rc::new(entries), write);
    }

    /// A page that is hidden may be discarded without another event, and one that is closed runs no timer.
    fn write_when_hidden(&self) {
        let Some(window) = web_sys::window() else {
            return;
        };
        let mut listeners = self.0.listeners.borrow_mut();
        if let Some(document) = window.document() {
            let (writer, target) = (self.clone(), document.clone());
            listeners.push(Listener::new(&target, "visibilitychange", move |_| {
                if document.hidden() {
                    writer.write_before_close();
                }
            }));
        }
        let writer = self.clone();
        listeners.push(Listener::new(&window, "pagehide", move |_| {
            writer.write_before_close();
            // The next page of this site needs it, and browsers keep no page with a lock for the way back.
            if let Some(lock) = writer.0.lock.take() {
                lock.release();
            }
        }));
        let writer = self.clone();
        listeners.push(Listener::new(&window, "pageshow", move |_| {
            let was_open = matches!(*writer.0.state.borrow(), State::Open(_));
            if was_open && writer.0.lock.borrow().is_none() {
                let writer = writer.clone();
                wasm_bindgen_futures::spawn_local(async move {
                    writer.request_lock(locks::Request::Wait(LOCK_WAIT)).await;
                    writer.write_all();
                });
            }
        }));
    }

    /// Deletes all stored data. Nothing is written from now on.
    ///
    /// # Errors
    ///
    /// When the browser can't delete it.
    pub(crate) async fn delete_all(&self) -> Result<(), StoreError> {
        let before = self.0.state.replace(State::Closed);
        let store = match before {
            State::Open(store) => store,
            State::Opening => Store::open().await?,
            State::Denied(_) | State::Closed => return Ok(()),
        };
        store.clear().await
    }

    /// Shows the first failure; later ones would repeat it.
    fn report(&self, error: &StoreError) {
        if !self.0.failure_reported.replace(true) {
            self.0
                .notices
                .show(format!("Your work can’t be saved: {error}"));
        }
    }
}
