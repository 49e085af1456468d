//! The stage, always in view: the decoded picture, and the controls of z beside it.

mod actions;
mod caption;
mod decoded;
mod glide_button;
mod label_control;
mod number_entry;
mod plane;
mod slider_row;
mod sliders;
mod trouble;

use crate::{
    asks::Asks,
    state::{EngineView, Latent},
    term::{Term, explain},
};
use actions::Actions;
use caption::{Caption, SettledCaption};
use decoded::Decoded;
use glide_button::GlideButton;
use label_control::LabelControl;
use leptos::prelude::*;
pub(crate) use plane::{Plane, PlaneNote};
use sliders::Sliders;
use trouble::TroubleBox;

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
