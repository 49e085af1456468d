//! The choices that come first: what to start from, how many dimensions, what to call it.

use crate::features::train::actions::TrainActions;
use crate::features::train::form::field::{Field, PRETRAINED, SCRATCH};
use crate::features::train::segmented_control::{Segment, Segments};
use crate::features::train::text_field::{Entry, Problem};
use crate::ui::tooltip::{Term, explain};
use leptos::prelude::*;

/// The three choices.
#[component]
pub(crate) fn FirstChoices() -> impl IntoView {
    let actions = expect_context::<TrainActions>();
    let pretrained = Memo::new(move |_| actions.is_pretrained());
    let origins = vec![
        Segment::new(PRETRAINED, "Pretrained"),
        Segment::new(SCRATCH, "Scratch"),
    ];
    let sizes = Signal::derive(move || {
        let eight = Segment {
            barred: pretrained
                .get()
                .then_some("Pretrained models have 2 or 16 dimensions"),
            ..Segment::new("8", "8")
        };
        vec![Segment::new("2", "2"), eight, Segment::new("16", "16")]
    });
    let choose_origin = move |origin: &'static str| {
        let latent = untrack(|| actions.text(Field::Latent));
        actions.set(Field::Origin, origin);
        // A size that is not shipped would only be refused.
        if origin == PRETRAINED && !["2", "16"].contains(&latent.trim()) {
            actions.draft().update(|draft| draft.clear(Field::Latent));
        }
    };
    let choose_size = move |size: &'static str| actions.set(Field::Latent, size);
    view! {
        <Segments field=Field::Origin segments=origins on_choose=choose_origin>
            "Start from"
        </Segments>
        <p class="hint">
            {move || {
                if pretrained.get() {
                    "A model that has seen 60,000 digits learns yours in addition: best for few."
                } else {
                    "Random weights: all that the model knows, it learns from your digits."
                }
            }}
        </p>
        <Segments field=Field::Latent segments=sizes on_choose=choose_size>
            <Term tip=explain::LATENT_SIZE>"Latent size"</Term>
        </Segments>
        // Otherwise it stands beside the field under “More”.
        <Show when=move || pretrained.get()>
            <Problem field=Field::Latent />
        </Show>
        <Entry field=Field::Name wide=true>
            "Name of the model"
        </Entry>
    }
}
