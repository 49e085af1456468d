//! The page's own address, read once and rewritten as the state changes.

use crate::{
    catalog::Catalog,
    url_state::{self, UrlState},
};
use wasm_bindgen::JsValue;

/// Reads the state from the address; the second value says what could not be used.
pub(crate) fn read(catalog: &Catalog) -> (UrlState, Vec<String>) {
    let query = web_sys::window()
        .and_then(|window| window.location().search().ok())
        .unwrap_or_default();
    url_state::parse(&query, catalog)
}

/// Puts the state into the address, without a new entry in the history.
pub(crate) fn write(state: &UrlState) {
    let Some(window) = web_sys::window() else {
        return;
    };
    let location = window.location();
    let path = location.pathname().unwrap_or_default();
    let hash = location.hash().unwrap_or_default();
    let url = format!("{path}{}{hash}", url_state::format(state));
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
