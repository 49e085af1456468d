//! The Train panel: gather digits, say how to train, train, and watch.

pub(crate) mod actions;
pub(crate) mod advanced_settings;
pub(crate) mod basic_settings;
pub(crate) mod divergence;
pub(crate) mod form;
pub(crate) mod form_select;
pub(crate) mod form_text_field;
pub(crate) mod interrupted_run;
pub(crate) mod loss_history;
pub(crate) mod model_files;
pub(crate) mod monitor;
pub(crate) mod progress;
pub(crate) mod remove_model;
pub(crate) mod run_buttons;
pub(crate) mod screen_reader_status;
pub(crate) mod state;
pub(crate) mod weight_files;

use crate::features::dataset::DatasetSection;
use crate::features::train::form::validate::Problems;
use crate::state::engine_view::EngineView;
use actions::TrainActions;
use advanced_settings::Details;
use basic_settings::FirstChoices;
use divergence::DivergenceBox;
use interrupted_run::InterruptedBox;
use leptos::prelude::*;
use model_files::WeightsIo;
use monitor::Live;
use progress::Figures;
use remove_model::RemoveModel;
use run_buttons::Buttons;
use screen_reader_status::Speaker;
use state::TrainingView;

/// What is wrong with which field, for the fields to show.
#[derive(Debug, Clone, Copy)]
struct FormProblems(Memo<Problems>);

/// The panel.
#[component]
pub(crate) fn Train(
    /// What else stands beside the weights' files.
    children: Children,
) -> impl IntoView {
    let actions = expect_context::<TrainActions>();
    let view = expect_context::<TrainingView>();
    let engine = expect_context::<EngineView>();
    let live = Memo::new(move |_| view.status.get().is_live());
    provide_context(FormProblems(Memo::new(move |_| {
        // A run that is under way is past correcting, and its own name is taken by now.
        if live.get() {
            Problems::new()
        } else {
            actions.recipe().err().unwrap_or_default()
        }
    })));
    // Once the first picture is there: until then the network is the stage's.
    let drawn = Memo::new(move |_| engine.frame.with(Option::is_some));
    Effect::new(move |_| {
        engine.active.track();
        if drawn.get() {
            actions.warm();
        }
    });
    on_cleanup(move || actions.cool());
    Effect::new(move |_| {
        if !live.get() {
            actions.propose_next_name();
        }
    });
    view! {
        <div class="train">
            <div class="train-controls">
                <DatasetSection />
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
                {children()}
            </div>
            <Speaker />
        </div>
    }
}
