//! Caption of the decoded image.

use crate::latent::image_description;
use crate::latent::nearest_class::nearest_class;
use crate::number::format;
use crate::state::engine_view::EngineView;
use crate::state::latent_vector::LatentVector;
use crate::ui::glossary;
use crate::ui::tooltip::Tooltip;
use leptos::prelude::*;
use std::time::Duration;

/// Screen readers announce z when it has not changed for this long.
const SETTLE_TIME: Duration = Duration::from_millis(700);

/// The caption below the image.
#[component]
pub(crate) fn Caption() -> impl IntoView {
    let latent = expect_context::<LatentVector>();
    let view = expect_context::<EngineView>();
    let waiting = move || {
        let failed = view.error.with(Option::is_some);
        (view.frame.with(Option::is_none) && !failed)
            .then(|| view! { <span class="progress">"Loading the decoder…"</span> })
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
            </Tooltip> " at " <span class="caption-z" translate="no">
                <i>"z"</i>
                " = "
                {move || format::vector(&latent.z())}
            </span> {waiting}
        </p>
    }
}

/// Caption for screen readers: announced when z has settled, never during playback.
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
            let announce = move || {
                let said = untrack(|| {
                    let guess = nearest_class(&point.z, &view.class_means());
                    let guess = guess.map(|class| view.class_names().name(class));
                    let (kind, shape) = (view.image_kind(), view.shape());
                    image_description::describe(&point.z, kind, shape, guess.as_deref())
                });
                text.set(said);
            };
            waiting.set_value(set_timeout_with_handle(announce, SETTLE_TIME).ok());
        }
    });
    view! {
        <p class="visually-hidden" aria-live="polite" data-testid="spoken">
            {move || text.get()}
        </p>
    }
}
