//! The stage, always in view: the decoded picture, and the controls of z beside it.

pub(crate) mod caption;
pub(crate) mod decoded_image;
pub(crate) mod decoded_thumbnail;
pub(crate) mod error_box;
pub(crate) mod label;
pub(crate) mod label_control;
pub(crate) mod latent;
pub(crate) mod latent_buttons;
pub(crate) mod play_button;
pub(crate) mod playback;
pub(crate) mod slider_row;
pub(crate) mod sliders;

use crate::features::latent_map::plane::{Plane, PlaneNote};
use crate::shell::actions::Asks;
use crate::shell::engine_view::EngineView;
use crate::ui::tooltip::{Term, explain};
use caption::{Caption, SettledCaption};
use decoded_image::Decoded;
use error_box::TroubleBox;
use label_control::LabelControl;
use latent::Latent;
use latent_buttons::Actions;
use leptos::prelude::*;
use play_button::GlideButton;
use sliders::Sliders;

/// The stage.
#[component]
pub(crate) fn Stage() -> impl IntoView {
    let view = expect_context::<EngineView>();
    let latent = expect_context::<Latent>();
    let asks = expect_context::<Asks>();
    let size = Memo::new(move |_| latent.size());
    let classes = Memo::new(move |_| asks.classes());
    let busy = move || view.frame.with(Option::is_none) || view.loading.with(Option::is_some);
    view! {
        <div class="stage" class:two-d=move || size.get() == 2>
            <section class="picture" aria-label="Decoded picture" aria-busy=move || busy().to_string()>
                <Decoded />
                <div class="picture-words">
                    <Caption />
                    <GlideButton />
                </div>
                <TroubleBox />
            </section>
            <section class="controls" aria-label="Latent vector">
                <div class="controls-head">
                    <h2>
                        "Latent vector "
                        <Term tip=explain::Z>
                            <i>"z"</i>
                        </Term>
                    </h2>
                    {move || (size.get() == 2).then(|| view! { <PlaneNote /> })}
                </div>
                {move || (size.get() == 2).then(|| view! { <Plane /> })}
                {move || (classes.get() > 0).then(|| view! { <LabelControl classes=classes.get() /> })}
                {move || view! { <Sliders size=size.get() /> }}
                <Actions />
            </section>
            <SettledCaption />
        </div>
    }
}
