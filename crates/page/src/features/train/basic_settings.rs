//! The choices that come first: what to start from, how many dimensions, what to call it.

use crate::features::train::actions::TrainActions;
use crate::features::train::form::field::{Field, PRETRAINED, SCRATCH};
use crate::features::train::form_text_field::{FormError, FormTextField};
use crate::ui::glossary;
use crate::ui::segmented_control::{Segment, SegmentedControl};
use crate::ui::tooltip::Tooltip;
use leptos::prelude::*;

/// The three choices.
#[component]
pub(crate) fn FirstChoices() -> impl IntoView {
    let actions = expect_context::<TrainActions>();
    let pretrained = Memo::new(move |_| actions.is_pretrained());
    let origins = Signal::stored(vec![
        Segment::new(PRETRAINED, "Pretrained"),
        Segment::new(SCRATCH, "Scratch"),
    ]);
    let sizes = Signal::derive(move || {
        let eight = Segment {
            disabled_because: pretrained
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
        <SegmentedControl
            name=Field::Origin.id()
            value=move || actions.text(Field::Origin)
            segments=origins
            on_change=choose_origin
        >
            "Start from"
        </SegmentedControl>
        <p class="hint">
            {move || {
                if pretrained.get() {
                    "A model that has seen 60,000 digits learns yours in addition: best for few."
                } else {
                    "Random weights: all that the model knows, it learns from your digits."
                }
            }}
        </p>
        <SegmentedControl
            name=Field::Latent.id()
            value=move || actions.text(Field::Latent)
            segments=sizes
            on_change=choose_size
        >
            <Tooltip text=glossary::LATENT_SIZE>"Latent size"</Tooltip>
        </SegmentedControl>
        // Otherwise it stands beside the field under “More”.
        <Show when=move || pretrained.get()>
            <FormError field=Field::Latent />
        </Show>
        <FormTextField field=Field::Name wide=true>
            "Name of the model"
        </FormTextField>
    }
}
