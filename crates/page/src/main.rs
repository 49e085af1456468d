//! ELBO Room's page: the stage, its controls and the panels. The model runs in workers; see
//! [`engine`] and [`training`].
//!
//! # Invariants
//!
//! - Components read signals and ask ([`crate::shell::actions::Asks`], [`train::asks::TrainAsks`]); only [`engine`]
//!   and [`training`] know workers.
//! - What can be wrong without a browser (the backend ladder, the course of a training run, the
//!   address, typed settings, which z is next) has no web types and is tested natively.
//! - burn is not here.

#![expect(
    unreachable_pub,
    reason = "leptos' `component` macro writes `pub` whatever the function's own visibility is"
)]
mod client;
mod dom;
mod features;
mod latent;
mod shell;
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
            mount(crate::shell::persistence::models::find().await)
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
