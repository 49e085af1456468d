//! What a run looks like while it is made: its losses, its dimensions, its pictures.

pub(crate) mod chart_lines;
pub(crate) mod image_grid;
pub(crate) mod kl_bars;
pub(crate) mod latent_scatter;
pub(crate) mod loss_chart;
pub(crate) mod loss_table;

use crate::features::train::state::TrainingView;
use crate::ui::glossary;
use crate::ui::tooltip::Tooltip;
use image_grid::TileSheet;
use kl_bars::KlBars;
use latent_scatter::PlaneView;
use leptos::prelude::*;
use loss_chart::LossChart;

/// Digits in a row of originals and their reconstructions; as many as a run sends.
const SHOWN: usize = 8;
/// Samples in a row.
const SAMPLES_IN_A_ROW: usize = 8;

/// All live views.
#[component]
pub(crate) fn Live() -> impl IntoView {
    let view = expect_context::<TrainingView>();
    let begun = Memo::new(move |_| {
        !view.history.with(|history| history.is_empty()) || view.pictures.with(Option::is_some)
    });
    let two_d = Memo::new(move |_| {
        view.facts
            .with(|facts| facts.as_ref().is_some_and(|facts| facts.latent_size == 2))
    });
    let pictured = Memo::new(move |_| view.pictures.with(Option::is_some));
    move || {
        if !begun.get() {
            return view! {
                <div class="live live-empty">
                    <p>
                        "Once training starts, its loss, its reconstructions and samples appear here, and \
                         the picture above is decoded from the newest weights."
                    </p>
                </div>
            }
            .into_any();
        }
        view! {
            <div class="live" class:two-d=move || two_d.get()>
                <LossChart />
                <KlBars />
                <Show when=move || pictured.get()>
                    <section class="view-box reconstruction-box" aria-label="Reconstructions">
                        <h3>"Digits and their " <Tooltip text=glossary::RECONSTRUCTION>"reconstructions"</Tooltip></h3>
                        <p class="row-label">"originals"</p>
                        <TileSheet
                            pick=|pictures| &pictures.originals
                            columns=SHOWN
                            label="Eight digits of yours"
                            test_id="train-originals"
                        />
                        <p class="row-label">
                            "reconstructed at " <i>"z"</i> " = "
                            <Tooltip text=glossary::POSTERIOR_MEAN>
                                <i>"μ"</i>
                            </Tooltip>
                        </p>
                        <TileSheet
                            pick=|pictures| &pictures.reconstructions
                            columns=SHOWN
                            label="The same digits, reconstructed by the model"
                            test_id="train-reconstructions"
                        />
                    </section>
                    <section class="view-box samples-box" aria-label="Samples">
                        <h3>
                            "Samples from the prior "
                            <Tooltip text=glossary::PRIOR>
                                <i>"p"</i>
                                "("
                                <i>"z"</i>
                                ")"
                            </Tooltip>
                        </h3>
                        <TileSheet
                            pick=|pictures| &pictures.samples
                            columns=SAMPLES_IN_A_ROW
                            label="Digits decoded from random z, the same z throughout the run"
                            test_id="train-samples"
                        />
                    </section>
                </Show>
                <Show when=move || two_d.get() && pictured.get()>
                    <PlaneView />
                </Show>
            </div>
        }
        .into_any()
    }
}
