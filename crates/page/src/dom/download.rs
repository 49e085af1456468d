//! Downloads: files that the browser saves.

use js_sys::{Array, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, HtmlAnchorElement, Url};

/// Downloads bytes as a file of this name.
///
/// # Errors
///
/// If the browser does not create the download.
pub(crate) fn download(name: &str, bytes: &[u8]) -> Result<(), JsValue> {
    let parts = Array::of1(&Uint8Array::from(bytes));
    let blob = Blob::new_with_u8_array_sequence(&parts)?;
    let url = Url::create_object_url_with_blob(&blob)?;
    download_url(name, &url)?;
    // The download that has started keeps its own reference.
    Url::revoke_object_url(&url)
}

/// Downloads a same-origin, blob or data URL as a file of this name.
///
/// # Errors
///
/// If the browser does not create the download.
pub(crate) fn download_url(name: &str, url: &str) -> Result<(), JsValue> {
    let anchor: HtmlAnchorElement = web_sys::window()
        .and_then(|window| window.document())
        .ok_or("there is no document")?
        .create_element("a")?
        .dyn_into()?;
    anchor.set_href(url);
    anchor.set_download(name);
    anchor.click();
    Ok(())
}
