//! The Train panel: data set, settings, run and monitor.

pub(crate) mod actions;
pub(crate) mod advanced_settings;
pub(crate) mod basic_settings;
pub(crate) mod divergence;
pub(crate) mod form;
pub(crate) mod form_checkbox;
pub(crate) mod form_select;
pub(crate) mod form_text_field;
pub(crate) mod interrupted_run;
pub(crate) mod latent_size;
pub(crate) mod model_files_section;
pub(crate) mod model_summary;
pub(crate) mod monitor;
pub(crate) mod progress;
pub(crate) mod project;
pub(crate) mod result_card;
pub(crate) mod run_buttons;
pub(crate) mod screen_reader_status;
pub(crate) mod speed_probe;
pub(crate) mod step;
pub(crate) mod train_bar;
pub(crate) mod training_runner;

use crate::dom;
use crate::features::dataset::DatasetSection;
use crate::features::train::form::validate::FieldErrors;
use crate::state::engine_view::EngineView;
use crate::state::training::TrainingView;
use actions::TrainActions;
use advanced_settings::AdvancedSettings;
use basic_settings::BasicSettings;
use divergence::DivergenceBox;
use interrupted_run::InterruptedRun;
use leptos::{html, prelude::*};
use model_files_section::ModelFilesSection;
use model_summary::ModelSummary;
use monitor::Monitor;
use progress::RunDetails;
use result_card::ResultCard;
use run_buttons::{SlowMotion, TrainingError};
use screen_reader_status::ScreenReaderStatus;
use step::TrainStep;
use train_bar::TrainBar;

/// The errors of the form, shown beside the fields.
#[derive(Debug, Clone, Copy)]
struct FormErrors(Memo<FieldErrors>);

/// The panel.
#[component]
pub(crate) fn Train(
    /// Opens the panel that explores the current model.
    on_explore: Callback<()>,
    /// Opens the panel about log p(x) under the current model.
    on_evidence: Callback<()>,
    /// Further controls below the model files.
    children: Children,
) -> impl IntoView {
    let actions = expect_context::<TrainActions>();
    let view = expect_context::<TrainingView>();
    let engine = expect_context::<EngineView>();
    let live = Memo::new(move |_| view.status.get().is_live());
    provide_context(FormErrors(Memo::new(move |_| {
        // While a run is live the settings are disabled, and its own name is taken.
        if live.get() {
            FieldErrors::new()
        } else {
            actions.validate().err().unwrap_or_default()
        }
    })));
    // After the first image: until then the network is needed to decode it.
    let drawn = Memo::new(move |_| engine.frame.with(Option::is_some));
    Effect::new(move |_| {
        engine.active.track();
        if drawn.get() {
            actions.prepare_worker();
        }
    });
    on_cleanup(move || actions.release_worker());
    Effect::new(move |_| {
        if !live.get() {
            actions.propose_next_name();
        }
    });
    let run = NodeRef::<html::Section>::new();
    // The settings may fill the window; the run is below them.
    let show_run = Callback::new(move |()| {
        if let Some(run) = run.get_untracked() {
            dom::scroll_to(&run);
        }
    });
    view! {
        <div class="train">
            <TrainStep number=1 title="Images" class="train-images">
                <DatasetSection />
            </TrainStep>
            <TrainStep number=2 title="Model" class="train-model">
                <fieldset class="train-settings" disabled=move || live.get()>
                    <legend class="visually-hidden">"Training settings"</legend>
                    <BasicSettings />
                    <AdvancedSettings />
                </fieldset>
                <ModelSummary />
            </TrainStep>
            <TrainStep number=3 title="Train" class="train-run" node_ref=run>
                <InterruptedRun />
                <DivergenceBox />
                <TrainingError />
                <ResultCard on_explore on_evidence scroll_here=show_run />
                <div class="figures">
                    <RunDetails />
                    <SlowMotion />
                </div>
                <Monitor />
            </TrainStep>
            <div class="train-files">
                <ModelFilesSection />
                {children()}
            </div>
            // The last child: a sticky element cannot leave its parent or move below its own position.
            <TrainBar on_start=show_run />
            <ScreenReaderStatus />
        </div>
    }
}
