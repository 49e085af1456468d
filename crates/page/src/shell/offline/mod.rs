//! The page without a network: a service worker stores the build's files, and a new build is offered.
//!
//! Only builds made by `cargo xtask build` have a service worker; `index.html` names it in a meta element. It is
//! registered some time after the first image, so that the first visit is not slower for it.

mod container;
mod update;
mod update_notice;

use crate::state::engine_view::EngineView;
use leptos::prelude::*;
use std::time::Duration;
use update::Update;

pub(crate) use update_notice::UpdateNotice;

/// The time from the first image until files are stored.
const QUIET: Duration = Duration::from_secs(4);

/// Provides [`Update`]. If `stores` is set, registers the service worker once the first image is drawn, and stores the files
/// of each backend that is used.
pub(crate) fn start(view: EngineView, stores: bool) {
    let update = Update::new();
    provide_context(update);
    let Some(script) = container::script().filter(|_| stores) else {
        return;
    };
    let drawn = Memo::new(move |_| view.frame.with(Option::is_some));
    Effect::new(move |_| {
        if !drawn.get() {
            return;
        }
        let Some(backend) = view.active.get() else {
            return;
        };
        let script = script.clone();
        set_timeout(
            move || {
                wasm_bindgen_futures::spawn_local(async move {
                    // Without a service worker, the page needs a network.
                    if let Ok(registration) = container::register(&script).await {
                        container::store(&registration, backend).await;
                        update.watch(&registration);
                    }
                });
            },
            QUIET,
        );
    });
}
