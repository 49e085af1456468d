//! The basic settings: name, initial weights and latent size.

use crate::features::train::actions::TrainActions;
use crate::features::train::form::field::{CONV, Field, MLP, PRETRAINED, SCRATCH};
use crate::features::train::form::has_pretrained;
use crate::features::train::form::preset::pretrained_sizes;
use crate::features::train::form_select::FormSelect;
use crate::features::train::form_text_field::FormTextField;
use crate::features::train::latent_size::LatentSize;
use crate::ui::glossary;
use crate::ui::segmented_control::{Segment, SegmentedControl};
use crate::ui::select;
use leptos::prelude::*;

const ARCHITECTURES: &[(&str, &str)] = &[(MLP, "fully connected (MLP)"), (CONV, "convolutional")];

/// The basic settings.
#[component]
pub(crate) fn BasicSettings() -> impl IntoView {
    let actions = expect_context::<TrainActions>();
    let pretrained = Memo::new(move |_| actions.is_pretrained());
    let origins = move || {
        let other_size = !has_pretrained(actions.data());
        let pretrained = Segment {
            disabled_because: other_size.then_some(
                "The pretrained models are of digits, 28×28 grey, and of emoji, 32×32 colour",
            ),
            ..Segment::new(PRETRAINED, "Pretrained")
        };
        vec![pretrained, Segment::new(SCRATCH, "Scratch")]
    };
    let choose_origin = move |origin: &'static str| {
        let latent = untrack(|| actions.text(Field::Latent));
        actions.set(Field::Origin, origin);
        // No pretrained model has another size.
        let sizes = pretrained_sizes(untrack(|| actions.data()).shape);
        if origin == PRETRAINED && !sizes.contains(&latent.trim()) {
            actions.form().update(|form| form.reset(Field::Latent));
        }
    };
    view! {
        <FormTextField field=Field::Name wide=true>
            "Model name"
        </FormTextField>
        <SegmentedControl
            name=Field::Origin.id()
            value=move || actions.text(Field::Origin)
            segments=origins
            on_change=choose_origin
        >
            "Start from"
        </SegmentedControl>
        <LatentSize />
        <Show when=move || !pretrained.get()>
            <FormSelect
                field=Field::Architecture
                options=select::options(ARCHITECTURES)
                help=glossary::ARCHITECTURE
            >
                "Network"
            </FormSelect>
        </Show>
        <p class="hint">
            {move || {
                if pretrained.get() && actions.data().are_digits() {
                    "A model trained on 60,000 digits is fine-tuned on yours: best if you have few."
                } else if pretrained.get() {
                    "A model trained on 4,318 emoji is fine-tuned on your images: best if you have few."
                } else {
                    "Random weights: the model learns only from your images."
                }
            }}
        </p>
    }
}
