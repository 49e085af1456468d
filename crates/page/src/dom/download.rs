//! Hands bytes to the browser to be saved.

use js_sys::{Array, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, HtmlAnchorElement, Url};

/// Saves bytes as a file of this name, where the browser saves files.
///
/// # Errors
///
/// When the browser refuses.
pub(crate) fn download(name: &str, bytes: &[u8]) -> Result<(), JsValue> {
    let parts = Array::of1(&Uint8Array::from(bytes));
    let blob = Blob::new_with_u8_array_sequence(&parts)?;
    let url = Url::create_object_url_with_blob(&blob)?;
    save(name, &url)?;
    // The browser holds on to what it saves.
    Url::revoke_object_url(&url)
}

/// Saves what lies at an address of this page's own, or in a data URL, as a file of this name.
///
/// # Errors
///
/// When the browser refuses.
pub(crate) fn save(name: &str, url: &str) -> Result<(), JsValue> {
    let anchor: HtmlAnchorElement = web_sys::window()
        .and_then(|window| window.document())
        .ok_or("there is no page")?
        .create_element("a")?
        .dyn_into()?;
    anchor.set_href(url);
    anchor.set_download(name);
    anchor.click();
    Ok(())
}
