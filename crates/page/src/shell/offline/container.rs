//! The browser's interface to service workers.

use crate::dom;
use crate::platform::build_id::BUILD_ID;
use js_sys::{Object, Reflect};
use protocol::Backend;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    RegistrationOptions, ServiceWorkerContainer, ServiceWorkerRegistration,
    ServiceWorkerUpdateViaCache,
};

/// The address of the service worker, if the build has one.
pub(super) fn script() -> Option<String> {
    document_element("meta[name='service-worker']")?.get_attribute("content")
}

fn document_element(selector: &str) -> Option<web_sys::Element> {
    let document = web_sys::window()?.document()?;
    document.query_selector(selector).ok().flatten()
}

/// The container. `None` where the page is not in a secure context or in a frame without storage, in which even reading
/// the property throws.
pub(super) fn container() -> Option<ServiceWorkerContainer> {
    let navigator = web_sys::window()?.navigator();
    let found = Reflect::get(&navigator, &"serviceWorker".into()).ok()?;
    found.is_object().then(|| found.unchecked_into())
}

/// Registers the service worker, and waits until one is active.
///
/// # Errors
///
/// The browser's reason.
pub(super) async fn register(script: &str) -> Result<ServiceWorkerRegistration, JsValue> {
    let container = container().ok_or(JsValue::UNDEFINED)?;
    let options = RegistrationOptions::new();
    options.set_update_via_cache(ServiceWorkerUpdateViaCache::None);
    JsFuture::from(container.register_with_options(script, &options)).await?;
    Ok(JsFuture::from(container.ready()?).await?.unchecked_into())
}

/// Asks the active service worker to store the files of a backend, and all others unless the visitor saves data.
pub(super) async fn store(registration: &ServiceWorkerRegistration, backend: Backend) {
    let Some(worker) = registration.active() else {
        return;
    };
    let message = Object::new();
    let entries: [(&str, JsValue); 4] = [
        ("type", "store".into()),
        ("backend", backend.to_string().into()),
        ("query", format!("?v={BUILD_ID}").into()),
        ("all", (!dom::saves_data()).into()),
    ];
    for (key, value) in entries {
        // Fails only for frozen objects.
        let _ = Reflect::set(&message, &key.into(), &value);
    }
    // Fails only for messages that cannot be copied.
    let _ = worker.post_message(&message);
}
