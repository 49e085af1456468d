//! The monitor of a run: losses, KL by dimension, reconstructions, samples and the latent space.

pub(crate) mod chart_lines;
pub(crate) mod kl_bars;
pub(crate) mod latent_scatter;
pub(crate) mod loss_chart;
pub(crate) mod loss_table;

use crate::state::training::TrainingView;
use crate::ui::glossary;
use crate::ui::image_grid::ImageGrid;
use crate::ui::tooltip::Tooltip;
use kl_bars::KlBars;
use latent_scatter::LatentScatter;
use leptos::prelude::*;
use loss_chart::LossChart;
use protocol::TrainingSnapshot;

/// Number of originals and reconstructions that a run sends.
const RECONSTRUCTIONS: usize = 8;
/// Number of samples in a row.
const SAMPLE_COLUMNS: usize = 8;

/// Images of the latest snapshot.
fn images_of(view: TrainingView, select: fn(&TrainingSnapshot) -> &[u8]) -> impl Fn() -> Vec<u8> {
    move || {
        view.snapshot
            .with(|snapshot| snapshot.as_ref().map(|snapshot| select(snapshot).to_vec()))
            .unwrap_or_default()
    }
}

/// All views; before the first report, what will be here.
#[component]
pub(crate) fn Monitor() -> impl IntoView {
    let view = expect_context::<TrainingView>();
    let started = Memo::new(move |_| {
        !view.history.with(|history| history.is_empty()) || view.snapshot.with(Option::is_some)
    });
    let two_d = Memo::new(move |_| {
        view.info
            .with(|info| info.as_ref().is_some_and(|info| info.latent_size == 2))
    });
    let has_images = Memo::new(move |_| view.snapshot.with(Option::is_some));
    let shape = Memo::new(move |_| view.images.with(|images| images.shape));
    // A run of an earlier visit has its chart, but no KL by dimension.
    let has_losses = Memo::new(move |_| view.latest_losses().is_some());
    move || {
        if !started.get() {
            return view! {
                <div class="monitor monitor-empty">
                    <p>
                        "Once training starts, the loss, reconstructions and samples appear here, and the image \
                         above is decoded with the latest weights."
                    </p>
                </div>
            }
            .into_any();
        }
        view! {
            <div class="monitor" class:two-d=move || two_d.get()>
                <LossChart />
                <Show when=move || has_losses.get()>
                    <KlBars />
                </Show>
                <Show when=move || has_images.get()>
                    <section class="view-box reconstruction-box" aria-label="Reconstructions">
                        <h4>"Images and their " <Tooltip text=glossary::RECONSTRUCTION>"reconstructions"</Tooltip></h4>
                        <p class="row-label">"originals"</p>
                        <ImageGrid
                            images=images_of(view, |snapshot| &snapshot.originals)
                            shape
                            columns=RECONSTRUCTIONS
                            label="Eight of your images"
                            test_id="train-originals"
                        />
                        <p class="row-label">
                            "reconstructed at " <i>"z"</i> " = "
                            <Tooltip text=glossary::POSTERIOR_MEAN>
                                <i>"μ"</i>
                            </Tooltip>
                        </p>
                        <ImageGrid
                            images=images_of(view, |snapshot| &snapshot.reconstructions)
                            shape
                            columns=RECONSTRUCTIONS
                            label="The same images, reconstructed by the model"
                            test_id="train-reconstructions"
                        />
                    </section>
                    <section class="view-box samples-box" aria-label="Samples">
                        <h4>
                            "Samples from the prior "
                            <Tooltip text=glossary::PRIOR>
                                <i>"p"</i>
                                "("
                                <i>"z"</i>
                                ")"
                            </Tooltip>
                        </h4>
                        <ImageGrid
                            images=images_of(view, |snapshot| &snapshot.samples)
                            shape
                            columns=SAMPLE_COLUMNS
                            label="Images decoded from samples of the prior, the same z throughout the run"
                            test_id="train-samples"
                        />
                    </section>
                </Show>
                <Show when=move || two_d.get() && has_images.get()>
                    <LatentScatter />
                </Show>
            </div>
        }
        .into_any()
    }
}
