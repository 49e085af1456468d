//! The basic settings: initial weights, latent size and name.

use crate::features::train::actions::TrainActions;
use crate::features::train::form::field::{Field, PRETRAINED, SCRATCH};
use crate::features::train::form_text_field::{FormError, FormTextField};
use crate::ui::glossary;
use crate::ui::segmented_control::{Segment, SegmentedControl};
use leptos::prelude::*;

/// The basic settings.
#[component]
pub(crate) fn BasicSettings() -> impl IntoView {
    let actions = expect_context::<TrainActions>();
    let pretrained = Memo::new(move |_| actions.is_pretrained());
    let origins = vec![
        Segment::new(PRETRAINED, "Pretrained"),
        Segment::new(SCRATCH, "Scratch"),
    ];
    let sizes = move || {
        let eight = Segment {
            disabled_because: pretrained
                .get()
                .then_some("Pretrained models have 2 or 16 dimensions"),
            ..Segment::new("8", "8")
        };
        vec![Segment::new("2", "2"), eight, Segment::new("16", "16")]
    };
    let choose_origin = move |origin: &'static str| {
        let latent = untrack(|| actions.text(Field::Latent));
        actions.set(Field::Origin, origin);
        // No pretrained model has another size.
        if origin == PRETRAINED && !["2", "16"].contains(&latent.trim()) {
            actions.form().update(|form| form.reset(Field::Latent));
        }
    };
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
                    "A model trained on 60,000 digits is fine-tuned on yours: best if you have few."
                } else {
                    "Random weights: the model learns only from your digits."
                }
            }}
        </p>
        <SegmentedControl
            name=Field::Latent.id()
            value=move || actions.text(Field::Latent)
            segments=sizes
            on_change=move |size| actions.set(Field::Latent, size)
            help=glossary::LATENT_SIZE
        >
            "Latent size"
        </SegmentedControl>
        // Without a pretrained model, the error is beside the field in the advanced settings.
        <Show when=move || pretrained.get()>
            <FormError field=Field::Latent />
        </Show>
        <FormTextField field=Field::Name wide=true>
            "Model name"
        </FormTextField>
    }
}
