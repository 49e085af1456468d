//! The number of latent dimensions: common ones to choose from and, for random weights, any other.

use crate::features::train::actions::TrainActions;
use crate::features::train::form::field::Field;
use crate::features::train::form_text_field::{FormError, FormTextField};
use crate::ui::glossary;
use crate::ui::segmented_control::{Segment, SegmentedControl};
use leptos::prelude::*;

/// The choice.
#[component]
pub(crate) fn LatentSize() -> impl IntoView {
    let actions = expect_context::<TrainActions>();
    let pretrained = Memo::new(move |_| actions.is_pretrained());
    let sizes = move || {
        let eight = Segment {
            disabled_because: pretrained
                .get()
                .then_some("Pretrained models have 2 or 16 dimensions"),
            ..Segment::new("8", "8")
        };
        vec![Segment::new("2", "2"), eight, Segment::new("16", "16")]
    };
    view! {
        <div class="latent-size">
            <SegmentedControl
                name=Field::Latent.id()
                value=move || actions.text(Field::Latent)
                segments=sizes
                on_change=move |size| actions.set(Field::Latent, size)
                help=glossary::LATENT_SIZE
            >
                "Latent size"
            </SegmentedControl>
            <Show
                when=move || pretrained.get()
                fallback=|| {
                    view! { <FormTextField field=Field::Latent>"or any other"</FormTextField> }
                }
            >
                <FormError field=Field::Latent />
            </Show>
        </div>
    }
}
