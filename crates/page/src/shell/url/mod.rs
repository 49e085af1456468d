//! The page's own address, read once and rewritten as the state changes.
pub(crate) mod state;

use crate::client::catalog::Catalog;
use state::UrlState;
use wasm_bindgen::JsValue;

/// Reads the state from the address; the second value says what could not be used.
pub(crate) fn read(catalog: &Catalog) -> (UrlState, Vec<String>) {
    state::parse(&query(), catalog)
}

/// Whether the address names a model that is not in the catalog: it may be one of somebody's own.
pub(crate) fn names_another_model(catalog: &Catalog) -> bool {
    state::model(&query()).is_some_and(|name| catalog.find(&name).is_none())
}

/// Whether the address says just this of a key that is no part of the state.
pub(crate) fn says(key: &str, value: &str) -> bool {
    state::says(&query(), key, value)
}

/// Whether the address says nothing at all.
pub(crate) fn is_bare() -> bool {
    query().len() <= 1
}

fn query() -> String {
    web_sys::window()
        .and_then(|window| window.location().search().ok())
        .unwrap_or_default()
}

/// Puts the state into the address, without a new entry in the history.
pub(crate) fn write(state: &UrlState) {
    let Some(window) = web_sys::window() else {
        return;
    };
    let location = window.location();
    let path = location.pathname().unwrap_or_default();
    let hash = location.hash().unwrap_or_default();
    let url = format!("{path}{}{hash}", state::format(state));
    // Refused for `file:` and when it is called far too often; the state is then just not in the
    // address.
    let _ = window
        .history()
        .and_then(|history| history.replace_state_with_url(&JsValue::NULL, "", Some(&url)));
}

/// The whole address as it stands.
pub(crate) fn href() -> String {
    web_sys::window()
        .and_then(|window| window.location().href().ok())
        .unwrap_or_default()
}
