//! The number of latent dimensions: common ones to choose from and, for random weights, any other.

use crate::features::train::actions::TrainActions;
use crate::features::train::form::field::Field;
use crate::features::train::form::preset::pretrained_sizes;
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
        let possible = pretrained_sizes(actions.data().shape);
        let own = ["2", "8", "16"];
        let extra = possible.iter().filter(|size| !own.contains(*size));
        let segment = |&size: &&'static str| Segment {
            disabled_because: (pretrained.get() && !possible.contains(&size))
                .then_some("There is no pretrained model of this size for these images"),
            ..Segment::new(size, size)
        };
        own.iter().chain(extra).map(segment).collect::<Vec<_>>()
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
