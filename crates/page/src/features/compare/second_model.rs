//! The second model of a comparison, in an engine of its own.

use crate::platform::browser::Browser;
use crate::state::actions::Actions;
use crate::state::engine_view::EngineView;
use crate::state::label::Label;
use crate::state::notices::Notices;
use crate::state::signals;
use client::EngineClient;
use client::backend_choice::BackendChoice;
use leptos::prelude::*;
use protocol::Backend;
use std::rc::Rc;

/// The second model; clones are the same. Its worker is started when a model is chosen, and ends with the owner of this.
#[derive(Clone, Copy)]
pub(super) struct SecondModel {
    first: Actions,
    /// The engine of the second model.
    pub(super) actions: Actions,
    /// What that engine says.
    pub(super) view: EngineView,
    /// The name of the second model; `None` before one is chosen.
    pub(super) name: RwSignal<Option<String>>,
    is_started: StoredValue<bool>,
}

impl SecondModel {
    /// No model yet.
    pub(super) fn new() -> Self {
        let first = expect_context::<Actions>();
        let label = expect_context::<Label>();
        let notices = expect_context::<Notices>();
        let view = EngineView::new();
        let engine = EngineClient::new(
            Rc::new(Browser::default()),
            move |classes| label.weights_untracked(classes),
            signals::publish(view, notices),
        );
        // One worker computes for both figures and images; the CPU is enough, and leaves the GPU to the stage.
        let backend = BackendChoice::Forced(Backend::Flex);
        let actions = Actions::new(engine, untrack(|| first.catalog()), view, backend, None);
        Self {
            first,
            actions,
            view,
            name: RwSignal::new(None),
            is_started: StoredValue::new(false),
        }
    }

    /// Loads this model.
    pub(super) fn choose(self, name: Option<String>) {
        if let Some(name) = &name {
            if let Some(model) = self.first.user_model(name) {
                self.actions.show_model(model);
            }
            self.actions.select_model(name);
            if !self.is_started.get_value() {
                self.is_started.set_value(true);
                self.actions
                    .select_backend(self.actions.selected_backend_untracked());
            }
        }
        self.name.set(name);
    }

    /// Whether the chosen model is loaded.
    pub(super) fn is_ready(self) -> bool {
        let name = self.name.get();
        self.view.model.with(|model| {
            let loaded = model.as_ref().map(|model| model.name.as_str());
            name.is_some() && loaded == name.as_deref()
        })
    }
}
