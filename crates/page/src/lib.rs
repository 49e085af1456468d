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
//! | [`platform`] | the browser for the crate `client`: starts workers, fetches models |
//! | [`ui`] | widgets that depend on no feature |
//! | [`latent`], [`number`], [`dom`] | latent vectors, numbers as text, the browser |
//!
//! # Invariants
//!
//! - Components read signals and call [`state::actions::Actions`] or [`features::train::actions::TrainActions`];
//!   only they, the training runner and the file importer use the clients of the workers.
//! - Logic that can fail without a browser (backend selection, training supervision, the address, typed
//!   settings, interpolation) has no web types and is tested natively.
//! - burn is not a dependency.
//!
//! The program is [`start`]; the library exists so that tests of other crates reach [`untrusted`].

#![expect(
    unreachable_pub,
    reason = "leptos' `component` macro writes `pub` whatever the function's own visibility is"
)]
mod dom;
mod features;
mod latent;
mod number;
mod platform;
mod shell;
mod state;
mod ui;

pub use crate::shell::untrusted;

use crate::platform::first_digit::FirstDigit;
use crate::shell::app::App;
use crate::state::catalog::Catalog;
use leptos::{mount::mount_to, view};
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// The element of `index.html` that the page replaces.
const ROOT: &str = "app";
/// The element of `index.html` that is shown when the page cannot work.
const FAILURE: &str = "failure";
/// The message in it.
const FAILURE_MESSAGE: &str = "failure-message";

/// Starts the page: replaces the static frame of `index.html`.
pub fn start() {
    std::panic::set_hook(Box::new(|info| {
        console_error_panic_hook::hook(info);
        fail(&format!(
            "The page has stopped because of an internal error: {info}"
        ));
    }));
    let catalog = match Catalog::built_in() {
        Ok(catalog) => catalog,
        Err(error) => return fail(&format!("The list of models cannot be read: {error}")),
    };
    let Some(root) = element(ROOT) else {
        return fail("The page is incomplete: its root element is missing.");
    };
    let included = catalog.clone();
    let mount = move |user_models, first_digit: FirstDigit| {
        let focus = first_digit.focus.clone();
        // The static frame, and the controls of z that were shown while this module was loading.
        root.set_inner_html("");
        mount_to(
            root.clone(),
            move || view! { <App catalog user_models first_digit /> },
        )
        .forget();
        let control = focus.and_then(|id| {
            let selector = format!("[data-testid='{id}']");
            root.query_selector(&selector).ok().flatten()
        });
        if let Some(control) = control {
            dom::focus::focus(&control);
        }
    };
    wasm_bindgen_futures::spawn_local(async move {
        let user_models = if crate::shell::url::names_another_model(&included) {
            crate::shell::persistence::models::stored().await
        } else {
            // Without waiting for the storage: user models are read after the first digit is drawn.
            Vec::new()
        };
        mount(user_models, platform::first_digit::take().await);
    });
}

fn element(id: &str) -> Option<HtmlElement> {
    web_sys::window()?
        .document()?
        .get_element_by_id(id)?
        .dyn_into()
        .ok()
}

/// Shows a message that does not need the rest of the page.
fn fail(message: &str) {
    if let (Some(failure), Some(text)) = (element(FAILURE), element(FAILURE_MESSAGE)) {
        text.set_text_content(Some(message));
        let _ = failure.remove_attribute("hidden");
    }
}
