//! The Train panel: gather digits, say how to train, train, and watch.

pub(crate) mod asks;
mod buttons;
mod details;
mod digits_in;
mod divergence;
mod entry;
mod figures;
mod first_choices;
mod foreign;
mod forget;
mod interrupted;
mod live;
mod remove_model;
mod segments;
mod select;
mod speaker;
mod weights_io;

use crate::{
    state::{EngineView, TrainingView},
    training::draft::Problems,
};
use asks::TrainAsks;
use buttons::Buttons;
use details::Details;
use digits_in::DigitsIn;
use divergence::DivergenceBox;
use figures::Figures;
use first_choices::FirstChoices;
use forget::Forget;
use interrupted::InterruptedBox;
pub(crate) use interrupted::tell_of_interruption;
use leptos::prelude::*;
use live::Live;
use remove_model::RemoveModel;
use speaker::Speaker;
use weights_io::WeightsIo;

/// What is wrong with which field, for the fields to show.
#[derive(Debug, Clone, Copy)]
struct FormProblems(Memo<Problems>);

/// The panel.
#[component]
pub(crate) fn Train() -> impl IntoView {
    let asks = expect_context::<TrainAsks>();
    let view = expect_context::<TrainingView>();
    let engine = expect_context::<EngineView>();
    let live = Memo::new(move |_| view.status.get().is_live());
    provide_context(FormProblems(Memo::new(move |_| {
        // A run that is under way is past correcting, and its own name is taken by now.
        if live.get() {
            Problems::new()
        } else {
            asks.recipe().err().unwrap_or_default()
        }
    })));
    // Once the first picture is there: until then the network is the stage's.
    let drawn = Memo::new(move |_| engine.frame.with(Option::is_some));
    Effect::new(move |_| {
        engine.active.track();
        if drawn.get() {
            asks.warm();
        }
    });
    on_cleanup(move || asks.cool());
    Effect::new(move |_| {
        if !live.get() {
            asks.propose_next_name();
        }
    });
    view! {
        <div class="train">
            <div class="train-controls">
                <DigitsIn />
                <fieldset class="train-settings" disabled=move || live.get()>
                    <legend class="visually-hidden">"What to train"</legend>
                    <FirstChoices />
                    <Details />
                </fieldset>
            </div>
            <div class="train-run">
                <Buttons />
                <InterruptedBox />
                <DivergenceBox />
                <Figures />
                <Live />
            </div>
            <div class="train-files">
                <WeightsIo />
                <RemoveModel />
                <Forget />
            </div>
            <Speaker />
        </div>
    }
}
