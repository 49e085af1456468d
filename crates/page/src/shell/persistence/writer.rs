//! Writes what changes, once the store is open and what it holds has been brought back.

use crate::shell::persistence::store::Store;
use crate::shell::persistence::store::StoreError;
use crate::state::notices::Notices;
use leptos::prelude::*;
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::Duration,
};

/// The page's storage; clones are the same one.
#[derive(Clone)]
pub(crate) struct PersistenceWriter(Rc<Inner>);

struct Inner {
    notices: Notices,
    state: RefCell<State>,
    /// Whether it was said that nothing can be kept.
    told: Cell<bool>,
}

/// Whether things can be written.
#[derive(Debug, Clone)]
enum State {
    /// What is there has not been read yet.
    Opening,
    Open(Store),
    /// There is no storage, and why.
    Denied(StoreError),
    /// Everything was forgotten; nothing is written any more.
    Closed,
}

/// What is written, and under which name; no bytes remove what is there.
pub(crate) type Entry = (String, Option<Vec<u8>>);

impl PersistenceWriter {
    /// A keeper that says in `notices` when it can't keep something.
    pub(crate) fn new(notices: Notices) -> Self {
        Self(Rc::new(Inner {
            notices,
            state: RefCell::new(State::Opening),
            told: Cell::new(false),
        }))
    }

    /// Opens the store and brings back what is in it. Writes begin after that.
    pub(crate) fn open(
        &self,
        bring_back: impl AsyncFnOnce(Store) -> Result<(), StoreError> + 'static,
    ) {
        let me = self.clone();
        wasm_bindgen_futures::spawn_local(async move {
            let state = match Store::open().await {
                Ok(store) => {
                    if let Err(error) = bring_back(store.clone()).await {
                        me.tell(&error);
                    }
                    State::Open(store)
                }
                // Said when there is something that would be lost.
                Err(error) => State::Denied(error),
            };
            me.0.state.replace(state);
        });
    }

    /// Writes what `entries` gives, `pause` after `track`'s signals have changed: changes that follow
    /// one another are written together.
    pub(crate) fn follow(
        &self,
        pause: Duration,
        track: impl Fn() + 'static,
        entries: impl Fn() -> Vec<Entry> + 'static,
    ) {
        let (me, entries) = (self.clone(), Rc::new(entries));
        let waiting = Rc::new(Cell::new(false));
        Effect::watch(
            track,
            move |(), _, _| {
                if !waiting.replace(true) {
                    me.clone()
                        .write_later(pause, waiting.clone(), entries.clone());
                }
            },
            false,
        );
    }

    fn write_later(
        self,
        pause: Duration,
        waiting: Rc<Cell<bool>>,
        entries: Rc<dyn Fn() -> Vec<Entry>>,
    ) {
        let write = move || {
            let state = self.0.state.borrow().clone();
            match state {
                State::Opening => self.write_later(pause, waiting, entries),
                State::Open(store) => {
                    waiting.set(false);
                    let entries = entries();
                    wasm_bindgen_futures::spawn_local(async move {
                        if let Err(error) = write(&store, entries).await {
                            self.tell(&error);
                        }
                    });
                }
                State::Denied(error) => {
                    waiting.set(false);
                    if entries().iter().any(|(_, bytes)| bytes.is_some()) {
                        self.tell(&error);
                    }
                }
                State::Closed => {}
            }
        };
        set_timeout(write, pause);
    }

    /// Forgets everything, for good: from now on nothing is written.
    ///
    /// # Errors
    ///
    /// When the browser does not let go of it.
    pub(crate) async fn forget_everything(&self) -> Result<(), StoreError> {
        let before = self.0.state.replace(State::Closed);
        let store = match before {
            State::Open(store) => store,
            State::Opening => Store::open().await?,
            State::Denied(_) | State::Closed => return Ok(()),
        };
        store.clear().await
    }

    /// Once: after that it is known.
    fn tell(&self, error: &StoreError) {
        if !self.0.told.replace(true) {
            self.0
                .notices
                .show(format!("Your work can’t be kept: {error}"));
        }
    }
}

async fn write(store: &Store, entries: Vec<Entry>) -> Result<(), StoreError> {
    for (name, bytes) in entries {
        match bytes {
            Some(bytes) => store.put(&name, &bytes).await?,
            None => store.remove(&name).await?,
        }
    }
    Ok(())
}
