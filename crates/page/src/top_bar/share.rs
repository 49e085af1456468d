//! Copies a link to just what is shown.

use crate::{asks::Asks, state::Notices};
use js_sys::{Function, Promise, Reflect};
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// The share button.
#[component]
pub(crate) fn Share() -> impl IntoView {
    let asks = expect_context::<Asks>();
    let notices = expect_context::<Notices>();
    let share = move |_| {
        let link = asks.link();
        leptos::task::spawn_local(async move {
            if copy(&link).await.is_some() {
                notices.confirm("Link copied.");
            } else {
                notices.tell(format!("This is the link to copy: {link}"));
            }
        });
    };
    view! {
        <button
            type="button"
            class="tool"
            data-testid="share"
            title="Copy a link to this picture"
            on:click=share
        >
            <svg viewBox="0 0 20 20" aria-hidden="true">
                <path d="M8.3 11.7a3.3 3.3 0 0 0 4.7 0l3-3A3.3 3.3 0 0 0 11.3 4l-1 1M11.7 8.3a3.3 3.3 0 0 0-4.7 0l-3 3A3.3 3.3 0 0 0 8.7 16l1-1" />
            </svg>
            <span>"Share"</span>
        </button>
    }
}

/// Copies a text; none where the browser does not let the page.
async fn copy(text: &str) -> Option<()> {
    // Read by name, because `navigator.clipboard` is missing on pages that are not secure.
    let navigator = web_sys::window()?.navigator();
    let clipboard = Reflect::get(&navigator, &JsValue::from_str("clipboard")).ok()?;
    let write: Function = Reflect::get(&clipboard, &JsValue::from_str("writeText"))
        .ok()?
        .dyn_into()
        .ok()?;
    let promise: Promise = write
        .call1(&clipboard, &text.into())
        .ok()?
        .dyn_into()
        .ok()?;
    JsFuture::from(promise).await.ok()?;
    Some(())
}
