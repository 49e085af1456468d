//! The stage, always in view: the decoded image, and the controls of z beside it.

use crate::features::dataset::sample_set::SampleSet;
use crate::features::decoder::caption::{Caption, SettledCaption};
use crate::features::decoder::decoded_image::DecodedImage;
use crate::features::decoder::error_box::EngineErrorBox;
use crate::features::decoder::label_control::LabelControl;
use crate::features::decoder::latent_buttons::LatentButtons;
use crate::features::decoder::play_button::PlayButton;
use crate::features::decoder::sliders::Sliders;
use crate::features::latent_map::plane::{Plane, PlaneNote};
use crate::state::actions::Actions;
use crate::state::engine_view::EngineView;
use crate::state::latent_vector::LatentVector;
use crate::ui::glossary;
use crate::ui::tooltip::Tooltip;
use leptos::prelude::*;

/// The stage.
#[component]
pub(crate) fn Stage() -> impl IntoView {
    let view = expect_context::<EngineView>();
    let latent = expect_context::<LatentVector>();
    let actions = expect_context::<Actions>();
    let size = Memo::new(move |_| latent.size());
    let classes = Memo::new(move |_| actions.classes());
    // The first model's before it has arrived.
    let names = Memo::new(move |_| {
        if view.model.with(Option::is_some) {
            return view.class_names();
        }
        let data = actions.data_set_untracked(&actions.first_model());
        let set = data.and_then(|data| SampleSet::find(&data));
        set.map(SampleSet::class_names).unwrap_or_default()
    });
    let busy = move || view.frame.with(Option::is_none) || view.loading.with(Option::is_some);
    view! {
        <div class="stage" class:two-d=move || size.get() == 2>
            <section class="image-frame" aria-label="Decoded image" aria-busy=move || busy().to_string()>
                <DecodedImage />
                <div class="image-text">
                    <Caption />
                    <PlayButton />
                </div>
                <EngineErrorBox />
            </section>
            <section class="controls" aria-label="Latent vector">
                <div class="controls-head">
                    <h2>
                        "Latent vector "
                        <Tooltip text=glossary::LATENT_VECTOR>
                            <i>"z"</i>
                        </Tooltip>
                    </h2>
                    {move || (size.get() == 2).then(|| view! { <PlaneNote /> })}
                </div>
                {move || (size.get() == 2).then(|| view! { <Plane /> })}
                {move || {
                    (classes.get() > 0)
                        .then(|| view! { <LabelControl classes=classes.get() names=names.get() /> })
                }}
                {move || view! { <Sliders size=size.get() /> }}
                <LatentButtons />
            </section>
            <SettledCaption />
        </div>
    }
}
