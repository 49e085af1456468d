//! log p(x|z) of the encoded image at the current z.

use crate::features::evidence::state::EvidenceState;
use crate::state::actions::Actions;
use crate::state::engine_view::EngineView;
use leptos::prelude::*;
use protocol::evidence::{EvidenceQuery, EvidenceResult};
use wasm_bindgen_futures::spawn_local;

/// Keeps log p(x|z) up to date while the current owner lives, with one pending query at a time.
pub(crate) fn follow_log_likelihood_at_z() {
    let actions = expect_context();
    let view = expect_context();
    let evidence = expect_context();
    Effect::new(move |_| update(actions, view, evidence));
}

/// Sends a query, unless one is pending.
fn update(actions: Actions, view: EngineView, evidence: EvidenceState) {
    let frame = view.frame.get();
    let encoded = view.encoded.get();
    if evidence.at_z_pending.get_value() {
        return;
    }
    let (Some(frame), Some(encoded)) = (frame, encoded) else {
        return;
    };
    let z = frame.point.z.clone();
    if z.len() != encoded.mu.len() {
        return;
    }
    evidence.at_z_pending.set_value(true);
    let query = EvidenceQuery::LogLikelihood { z: z.clone() };
    let image = encoded.image.pixels.clone();
    let result = actions.query(image, query);
    spawn_local(async move {
        let result = result.await;
        // The panel was closed.
        if evidence.at_z_pending.try_set_value(false).is_some() {
            return;
        }
        let log_likelihood = match result {
            Ok(EvidenceResult::LogLikelihood(values)) => values.first().copied(),
            _ => None,
        };
        evidence.log_likelihood_at_z.try_set(log_likelihood);
        // z may have changed meanwhile.
        let newest = view.frame.try_get_untracked().flatten();
        if log_likelihood.is_some() && newest.is_some_and(|newest| newest.point.z != z) {
            update(actions, view, evidence);
        }
    });
}
