//! The address of the page, read once and rewritten when the state changes.

pub(crate) mod format;
pub(crate) mod parse;
pub(crate) mod state;

use crate::dom::query::{self, current_query};
use crate::features::user_model::import::address::location::is_address;
use crate::state::catalog::Catalog;
use state::UrlState;
use wasm_bindgen::JsValue;

/// The state in the address; the second value is a message about each invalid value.
pub(crate) fn read(catalog: &Catalog) -> (UrlState, Vec<String>) {
    parse::parse(&current_query(), catalog)
}

/// Whether the address names a model that is not in the catalog: it may be a user model.
pub(crate) fn names_another_model(catalog: &Catalog) -> bool {
    query::model(&current_query())
        .is_some_and(|name| catalog.find(&name).is_none() && !is_address(&name))
}

/// Whether the address has no query.
pub(crate) fn is_bare() -> bool {
    current_query().len() <= 1
}

/// Writes the state to the address, without a new history entry.
pub(crate) fn write(state: &UrlState) {
    let Some(window) = web_sys::window() else {
        return;
    };
    let location = window.location();
    let path = location.pathname().unwrap_or_default();
    let hash = location.hash().unwrap_or_default();
    let url = format!("{path}{}{hash}", format::format(state));
    // Rejected for `file:` and when called too often; the address then keeps the previous state.
    let _ = window
        .history()
        .and_then(|history| history.replace_state_with_url(&JsValue::NULL, "", Some(&url)));
}

/// The current address.
pub(crate) fn href() -> String {
    web_sys::window()
        .and_then(|window| window.location().href().ok())
        .unwrap_or_default()
}
