//! A training run inside a chapter: the same run as on the Train panel.

use crate::features::dataset::image_set::ImageSet;
use crate::features::dataset::sample_set::SampleSet;
use crate::features::dataset::samples::SampleLoader;
use crate::features::train::actions::TrainActions;
use crate::features::train::monitor::loss_chart::LossChart;
use crate::features::train::progress::RunStatusLine;
use crate::features::train::run_buttons::{RunButtons, TrainingError};
use crate::state::training::TrainingView;
use crate::ui::button::{Button, ButtonKind};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

/// Data, buttons, progress and chart.
#[component]
pub(crate) fn TrainRun() -> impl IntoView {
    let images = expect_context::<ImageSet>();
    let samples = expect_context::<SampleLoader>();
    let actions = expect_context::<TrainActions>();
    let view = expect_context::<TrainingView>();
    let loading = RwSignal::new(false);
    let problem = RwSignal::new(None::<String>);
    let has_images = Memo::new(move |_| images.count() > 0);
    let has_history = Memo::new(move |_| !view.history.with(|history| history.is_empty()));
    let live = Memo::new(move |_| view.status.get().is_live());
    Effect::new(move |_| {
        if !live.get() {
            actions.propose_next_name();
        }
    });
    actions.prepare_worker();
    on_cleanup(move || actions.release_worker());
    let add = move |_| {
        loading.set(true);
        spawn_local(async move {
            let loaded = samples.load(SampleSet::Digits).await;
            loading.try_set(false);
            let added = loaded.and_then(|loaded| images.add(&loaded.pixels, &loaded.labels));
            problem.try_set(added.err());
        });
    };
    view! {
        <div class="train-here">
            <Show when=move || !has_images.get()>
                <p>"Your data set is empty."</p>
                <Button
                    kind=ButtonKind::Primary
                    test_id="learn-add-digits"
                    disabled=loading
                    on_click=add
                >
                    {move || if loading.get() { "Loading…" } else { "Add 10,000 MNIST digits to it" }}
                </Button>
            </Show>
            <p role="status">{move || problem.get()}</p>
            <Show when=move || has_images.get()>
                <RunButtons on_start=Callback::new(|()| ()) />
                <RunStatusLine />
                <TrainingError />
                <Show when=move || has_history.get()>
                    <LossChart />
                </Show>
            </Show>
        </div>
    }
}
