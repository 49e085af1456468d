//! A newer build that waits until no tab runs the former one.

use super::container::container;
use crate::dom::listener::Listener;
use js_sys::{Object, Reflect};
use leptos::prelude::*;
use leptos::reactive::owner::LocalStorage;
use wasm_bindgen::JsCast;
use web_sys::{MessageEvent, ServiceWorkerRegistration, ServiceWorkerState};

/// What is known about a newer build.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum UpdateState {
    /// None is known, or the visitor has dismissed it.
    None,
    /// It is stored and can be used.
    Ready,
    /// It cannot be used while this number of other tabs show the page.
    OtherTabs(usize),
}

/// See the [module](self).
#[derive(Clone, Copy)]
pub(crate) struct Update {
    pub(super) state: RwSignal<UpdateState>,
    registration: StoredValue<Option<ServiceWorkerRegistration>, LocalStorage>,
    listeners: StoredValue<Vec<Listener>, LocalStorage>,
    wanted: StoredValue<bool>,
}

impl Update {
    /// Nothing is known.
    pub(super) fn new() -> Self {
        Self {
            state: RwSignal::new(UpdateState::None),
            registration: StoredValue::new_local(None),
            listeners: StoredValue::new_local(Vec::new()),
            wanted: StoredValue::new(false),
        }
    }

    /// Shows when a newer build is ready.
    pub(super) fn watch(self, registration: &ServiceWorkerRegistration) {
        if self.registration.with_value(Option::is_some) {
            return;
        }
        self.registration.set_value(Some(registration.clone()));
        self.look();
        let found = Listener::new(registration, "updatefound", move |_| self.follow());
        self.listeners.update_value(|list| list.push(found));
        self.follow();
        let Some(container) = container() else {
            return;
        };
        let taken_over = Listener::new(&container, "controllerchange", move |_| {
            if self.wanted.get_value()
                && let Some(window) = web_sys::window()
            {
                // Fails only while the page is being closed.
                let _ = window.location().reload();
            }
        });
        let answered = Listener::new(&container, "message", move |event| {
            if let Some(count) = other_tabs(&event) {
                self.state.set(UpdateState::OtherTabs(count));
            }
        });
        self.listeners
            .update_value(|list| list.extend([taken_over, answered]));
    }

    /// Looks again when the service worker that is being installed changes its state.
    fn follow(self) {
        let installing = self
            .registration
            .with_value(|registration| registration.as_ref()?.installing());
        if let Some(worker) = installing {
            let listener = Listener::new(&worker, "statechange", move |_| self.look());
            self.listeners.update_value(|list| list.push(listener));
        }
    }

    fn look(self) {
        let waiting = self
            .registration
            .with_value(|registration| registration.as_ref()?.waiting());
        if waiting.is_some_and(|worker| worker.state() == ServiceWorkerState::Installed) {
            self.state.set(UpdateState::Ready);
        }
    }

    /// Switches to the newer build and reloads the page, unless other tabs show it.
    pub(super) fn replace(self) {
        let waiting = self
            .registration
            .with_value(|registration| registration.as_ref()?.waiting());
        let Some(worker) = waiting else { return };
        self.wanted.set_value(true);
        let message = Object::new();
        // Fail only for frozen objects, and for messages that cannot be copied.
        let _ = Reflect::set(&message, &"type".into(), &"replace".into());
        let _ = worker.post_message(&message);
    }
}

/// The number of other tabs, if the service worker says that they prevent the update.
fn other_tabs(event: &web_sys::Event) -> Option<usize> {
    let data = event.dyn_ref::<MessageEvent>()?.data();
    let kind = Reflect::get(&data, &"type".into()).ok()?;
    if kind.as_string()? != "other-tabs" {
        return None;
    }
    let count = Reflect::get(&data, &"count".into()).ok()?.as_f64()?;
    Some(count as usize)
}
