//! A word or symbol that explains itself on hover, focus and touch.

use leptos::{ev, prelude::*};
use std::sync::atomic::{AtomicU32, Ordering};
use wasm_bindgen::JsCast;

static LAST_ID: AtomicU32 = AtomicU32::new(0);

/// The words of the page, one sentence each.
pub(crate) mod explain {
    /// z.
    pub(crate) const Z: &str = "z is the latent vector: the few numbers from which the decoder \
        makes a whole picture.";
    /// p(z).
    pub(crate) const PRIOR: &str = "p(z) is the prior, the standard normal N(0, I): how z is \
        spread before any picture is seen, mostly within two σ of zero.";
    /// p(x|z).
    pub(crate) const LIKELIHOOD: &str = "p(x|z) is what the decoder says about a picture x once z \
        is known: a probability for every picture.";
    /// The decoder's mean.
    pub(crate) const MEAN: &str = "The decoder’s mean is the average of all pictures that \
        p(x|z) allows, with one grey value for each pixel.";
    /// σ.
    pub(crate) const SIGMA: &str = "σ is the standard deviation; the prior has σ = 1 in each \
        direction.";
}

/// A term with its explanation.
#[component]
pub(crate) fn Term(
    /// One sentence.
    tip: &'static str,
    /// The term.
    children: Children,
) -> impl IntoView {
    let id = format!("term-{}", LAST_ID.fetch_add(1, Ordering::Relaxed));
    // Escape takes the explanation away without moving the pointer or the focus.
    let dismissed = RwSignal::new(false);
    let show_again = move |_| dismissed.set(false);
    let on_keydown = move |event: ev::KeyboardEvent| {
        if event.key() == "Escape" {
            dismissed.set(true);
        }
    };
    // Safari gives no focus to a button that is tapped.
    let on_click = move |event: ev::MouseEvent| {
        dismissed.set(false);
        if let Some(button) = event
            .current_target()
            .and_then(|target| target.dyn_into::<web_sys::HtmlElement>().ok())
        {
            let _ = button.focus();
        }
    };
    view! {
        <span class="term-box" class:dismissed=move || dismissed.get()>
            <button
                type="button"
                class="term"
                aria-describedby=id.clone()
                on:keydown=on_keydown
                on:click=on_click
                on:focus=move |_| dismissed.set(false)
                on:pointerenter=show_again
            >
                {children()}
            </button>
            <span class="tip" role="tooltip" id=id>
                {tip}
            </span>
        </span>
    }
}
