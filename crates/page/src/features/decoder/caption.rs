//! What the picture is, in words.

use crate::latent::image_description;
use crate::latent::nearest_class::nearest_class;
use crate::number::format;
use crate::state::engine_view::EngineView;
use crate::state::latent_vector::LatentVector;
use crate::ui::glossary;
use crate::ui::tooltip::Tooltip;
use leptos::prelude::*;
use std::time::Duration;

/// How long z must rest before it is read out.
const REST: Duration = Duration::from_millis(700);

/// The caption under the picture.
#[component]
pub(crate) fn Caption() -> impl IntoView {
    let latent = expect_context::<LatentVector>();
    let view = expect_context::<EngineView>();
    let waiting = move || {
        let trouble = view.error.with(Option::is_some);
        (view.frame.with(Option::is_none) && !trouble)
            .then(|| view! { <span class="progress">"Fetching the decoder…"</span> })
    };
    view! {
        <p class="caption">
            "the " <Tooltip text=glossary::DECODER_MEAN>"decoder’s mean"</Tooltip> " of "
            <Tooltip text=glossary::LIKELIHOOD>
                <i>"p"</i>
                "("
                <i>"x"</i>
                "|"
                <i>"z"</i>
                ")"
            </Tooltip> " at " <span class="caption-z">
                <i>"z"</i>
                " = "
                {move || format::vector(&latent.z())}
            </span> {waiting}
        </p>
    }
}

/// The same for screen readers: said once z has come to rest, and never while it glides.
#[component]
pub(crate) fn SettledCaption() -> impl IntoView {
    let latent = expect_context::<LatentVector>();
    let view = expect_context::<EngineView>();
    let text = RwSignal::new(String::new());
    let waiting = StoredValue::new(None::<TimeoutHandle>);
    Effect::new(move |_| {
        let (point, playing) = (latent.point(), latent.playing());
        if let Some(handle) = waiting.try_update_value(Option::take).flatten() {
            handle.clear();
        }
        if point.by_user && !playing {
            let say = move || {
                let guess = nearest_class(&point.z, &untrack(|| view.class_means()));
                text.set(image_description::sentence(&point.z, guess));
            };
            waiting.set_value(set_timeout_with_handle(say, REST).ok());
        }
    });
    view! {
        <p class="visually-hidden" aria-live="polite" data-testid="spoken">
            {move || text.get()}
        </p>
    }
}
