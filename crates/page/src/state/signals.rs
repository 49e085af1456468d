//! Publishes the client's changes as signals.

use crate::state::engine_view::EngineView;
use crate::state::notices::Notices;
use client::change::{Change, EngineError};
use leptos::prelude::*;

/// A listener that writes to these signals.
pub(crate) fn publish(view: EngineView, notices: Notices) -> impl Fn(Change) + 'static {
    move |change| match change {
        Change::Backend(backend) => view.active.set(backend),
        Change::Attempt(attempt) => view.attempts.update(|attempts| attempts.push(attempt)),
        Change::Card(card) => view.card_changed(&card),
        Change::Model(model) => view.model.set(Some(model)),
        Change::Loading(name) => view.loading.set(name),
        Change::Generation => view.generation.update(|generation| *generation += 1),
        Change::Frame(frame) => view.frame.set(Some(frame)),
        Change::Encoded(encoded) => view.encoded.set(encoded),
        Change::Error(error) => {
            if matches!(error, Some(EngineError::NoBackend { .. })) {
                notices.clear();
            }
            view.error.set(error);
        }
        Change::Notice(text) => notices.show(text),
    }
}
