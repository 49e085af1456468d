//! Small canvases of the decoded image, and of a sample of its pixels.

use crate::dom;
use crate::state::engine_view::EngineView;
use leptos::{html, prelude::*};
use protocol::Likelihood;

/// The decoder's output at the current z: the mean of p(x|z).
#[component]
pub(crate) fn MeanImage() -> impl IntoView {
    let view = expect_context::<EngineView>();
    let canvas = NodeRef::<html::Canvas>::new();
    Effect::new(move |_| {
        if let (Some(frame), Some(canvas)) = (view.frame.get(), canvas.get()) {
            dom::draw_image(&canvas, &frame.pixels, frame.shape);
        }
    });
    view! {
        <canvas
            node_ref=canvas
            class="small-image"
            width="28"
            height="28"
            role="img"
            aria-label="Decoded image: the mean of p(x|z)"
        ></canvas>
    }
}

/// A sample from p(x|z), drawn anew with z and with each change of `round`. Nothing for likelihoods of other pixels
/// than black and white ones.
#[component]
pub(crate) fn SampleImage(
    /// Changes to draw again.
    round: RwSignal<u64>,
) -> impl IntoView {
    let view = expect_context::<EngineView>();
    let canvas = NodeRef::<html::Canvas>::new();
    let is_bernoulli = Memo::new(move |_| {
        view.model.with(|model| {
            model
                .as_ref()
                .is_some_and(|model| model.likelihood == Likelihood::Bernoulli)
        })
    });
    Effect::new(move |_| {
        round.track();
        if let (Some(frame), Some(canvas)) = (view.frame.get(), canvas.get()) {
            let pixels: Vec<u8> = frame
                .pixels
                .iter()
                .map(|grey| {
                    let on = js_sys::Math::random() * 255.0 < f64::from(*grey);
                    if on { 255 } else { 0 }
                })
                .collect();
            dom::draw_image(&canvas, &pixels, frame.shape);
        }
    });
    move || {
        if is_bernoulli.get() {
            view! {
                <canvas
                    node_ref=canvas
                    class="small-image"
                    width="28"
                    height="28"
                    role="img"
                    aria-label="Sample of the pixels from p(x|z)"
                ></canvas>
            }
            .into_any()
        } else {
            view! { <span class="flow-note">"a sample needs a Bernoulli likelihood"</span> }
                .into_any()
        }
    }
}
