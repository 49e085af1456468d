//! ELBO Room's page: the stage, its controls and the panels. The model runs in workers.
//!
//! # Layers
//!
//! A module imports only from its own line and the lines below it:
//!
//! | layer | what is in it |
//! | --- | --- |
//! | [`shell`] | the app, tabs, top bar, tour, address and persistence: composes the features |
//! | [`features`] | one folder for each feature: view, state and logic |
//! | [`state`] | signals that several features share, and the actions they call |
//! | [`client`] | the workers: backends, models, queries, training runs, files |
//! | [`ui`] | widgets that know no feature |
//! | [`latent`], [`number`], [`dom`] | latent vectors, numbers as text, the browser |
//!
//! # Invariants
//!
//! - Components read signals and call [`state::actions::Actions`] or [`features::train::actions::TrainActions`];
//!   only [`client`] knows workers.
//! - Logic that can fail without a browser (backend selection, training supervision, the address, typed
//!   settings, interpolation) has no web types and is tested natively.
//! - burn is not a dependency.

#![expect(
    unreachable_pub,
    reason = "leptos' `component` macro writes `pub` whatever the function's own visibility is"
)]
mod client;
mod dom;
mod features;
mod latent;
mod number;
mod shell;
mod state;
mod ui;

use crate::client::catalog::Catalog;
use crate::shell::app::App;
use leptos::{mount::mount_to, view};
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// The element of `index.html` that the page takes the place of.
const ROOT: &str = "app";
/// The element of `index.html` that says that nothing works.
const FAILURE: &str = "failure";

fn main() {
    std::panic::set_hook(Box::new(|info| {
        console_error_panic_hook::hook(info);
        fail(&format!(
            "The page has stopped because of an error in it: {info}"
        ));
    }));
    let catalog = match Catalog::built_in() {
        Ok(catalog) => catalog,
        Err(error) => return fail(&format!("The list of models is broken: {error}")),
    };
    let Some(root) = element(ROOT) else {
        return fail("The page is not whole: it has no place for the stage.");
    };
    let known = catalog.clone();
    let mount = move |own| {
        // The frame that was painted while this program was on its way.
        root.set_inner_html("");
        mount_to(root, move || view! { <App catalog own /> }).forget();
    };
    if crate::shell::url::names_another_model(&known) {
        wasm_bindgen_futures::spawn_local(async move {
            mount(crate::shell::persistence::models::stored().await)
        });
    } else {
        // Not a moment's wait for the storage: own models come when the first digit is drawn.
        mount(Vec::new());
    }
}

fn element(id: &str) -> Option<HtmlElement> {
    web_sys::window()?
        .document()?
        .get_element_by_id(id)?
        .dyn_into()
        .ok()
}

/// Shows a message that does without the rest of the page.
fn fail(message: &str) {
    let Some(failure) = element(FAILURE) else {
        return;
    };
    if let Ok(Some(text)) = failure.query_selector("[data-testid=error]") {
        text.set_text_content(Some(message));
    }
    let _ = failure.remove_attribute("hidden");
}
