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
pub(crate) mod model_import_export;
pub(crate) mod monitor;
pub(crate) mod progress;
pub(crate) mod remove_model;
pub(crate) mod run_buttons;
pub(crate) mod screen_reader_status;
pub(crate) mod training_runner;
pub(crate) mod uploaded_weights;

use crate::features::dataset::DatasetSection;
use crate::features::train::form::validate::FieldErrors;
use crate::state::engine_view::EngineView;
use crate::state::training::TrainingView;
use actions::TrainActions;
use advanced_settings::AdvancedSettings;
use basic_settings::BasicSettings;
use divergence::DivergenceBox;
use interrupted_run::InterruptedRun;
use leptos::prelude::*;
use model_import_export::ModelImportExport;
use monitor::Monitor;
use progress::RunProgress;
use remove_model::RemoveModel;
use run_buttons::RunButtons;
use screen_reader_status::ScreenReaderStatus;

/// The errors of the form, shown beside the fields.
#[derive(Debug, Clone, Copy)]
struct FormErrors(Memo<FieldErrors>);

/// The panel.
#[component]
pub(crate) fn Train(
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
    view! {
        <div class="train">
            <div class="train-controls">
                <DatasetSection />
                <fieldset class="train-settings" disabled=move || live.get()>
                    <legend class="visually-hidden">"Training settings"</legend>
                    <BasicSettings />
                    <AdvancedSettings />
                </fieldset>
            </div>
            <div class="train-run">
                <RunButtons />
                <InterruptedRun />
                <DivergenceBox />
                <RunProgress />
                <Monitor />
            </div>
            <div class="train-files">
                <ModelImportExport />
                <RemoveModel />
                {children()}
            </div>
            <ScreenReaderStatus />
        </div>
    }
}
