//! Figures of the generative model: draw z, decode, draw the pixels.

use super::pixel_sample::{MeanImage, SampleImage};
use crate::features::learn::probe::Probe;
use crate::number::format;
use crate::ui::button::Button;
use leptos::prelude::*;

/// An arrow between two parts.
#[component]
fn Arrow(
    /// What happens on the way.
    label: &'static str,
) -> impl IntoView {
    view! {
        <span class="flow-arrow">
            <span>{label}</span>
            <svg viewBox="0 0 40 10" aria-hidden="true">
                <path d="M0 5H36M31 1l6 4-6 4" />
            </svg>
        </span>
    }
}

/// z as text.
fn z_text(probe: Probe) -> impl Fn() -> String + Copy + Send + Sync + 'static {
    move || format::vector(&probe.latent.z())
}

/// z, its decoded image, and a sample of pixels, with a button for each draw.
#[component]
pub(crate) fn Generate() -> impl IntoView {
    let probe = Probe::new();
    let round = RwSignal::new(0_u64);
    view! {
        <div class="flow">
            <span class="flow-part">
                <i>"z"</i>
                " = "
                {z_text(probe)}
            </span>
            <Arrow label="decoder" />
            <MeanImage />
            <Arrow label="draw pixels" />
            <SampleImage round />
        </div>
        <div class="card-buttons">
            <Button test_id="learn-draw-z" on_click=move |event: leptos::ev::MouseEvent| probe.latent.sample(event.time_stamp())>
                "Draw z"
            </Button>
            <Button test_id="learn-draw-x" on_click=move |_| round.update(|round| *round += 1)>"Draw pixels"</Button>
        </div>
    }
}

/// Figure 2: the graph z → x in a plate, with θ outside.
#[component]
pub(crate) fn GraphicalModel() -> impl IntoView {
    let probe = Probe::new();
    let round = RwSignal::new(0_u64);
    view! {
        <div class="plate-figure">
            <div class="plate">
                <button
                    type="button"
                    class="node"
                    aria-label="z: draw it from the prior"
                    on:click=move |event| probe.latent.sample(event.time_stamp())
                >
                    <i>"z"</i>
                </button>
                <Arrow label="p(x|z)" />
                <button
                    type="button"
                    class="node observed"
                    aria-label="x: draw the pixels"
                    on:click=move |_| round.update(|round| *round += 1)
                >
                    <i>"x"</i>
                </button>
                <SampleImage round />
                <span class="plate-count">
                    <i>"N"</i>
                </span>
            </div>
            <div class="theta">
                <svg viewBox="0 0 40 10" aria-hidden="true">
                    <path d="M40 5H4M9 1 3 5l6 4" />
                </svg>
                <span class="constant">
                    <i>"θ"</i>
                </span>
            </div>
        </div>
        <p class="flow-note"><i>"z"</i> " = " {z_text(probe)}</p>
    }
}

/// Figure 8: the model at test time, with the real sizes of the decoder's layers.
#[component]
pub(crate) fn Generator() -> impl IntoView {
    let probe = Probe::new();
    let sizes = Memo::new(move |_| {
        probe.view.generation.track();
        probe.view.model.track();
        decoder_sizes(probe).unwrap_or_default()
    });
    view! {
        <div class="flow">
            <span class="flow-part">
                <i>"z"</i>
                " ∼ N(0, I)"
                <small>{z_text(probe)}</small>
            </span>
            <Arrow label="decoder" />
            <span class="flow-part layers">
                {move || {
                    sizes.get().into_iter().map(|size| view! { <span class="layer">{size}</span> }).collect_view()
                }}
            </span>
            <Arrow label="f(z)" />
            <MeanImage />
        </div>
        <div class="card-buttons">
            <Button
                test_id="learn-generate"
                on_click=move |event: leptos::ev::MouseEvent| probe.latent.sample(event.time_stamp())
            >
                "Draw z from N(0, I)"
            </Button>
        </div>
    }
}

/// The sizes of the decoder's hidden layers and of its output, from the model's card.
fn decoder_sizes(probe: Probe) -> Option<Vec<usize>> {
    let files = probe.actions.files()?;
    let card: serde_json::Value = serde_json::from_str(&files.card).ok()?;
    let architecture = card.get("architecture")?;
    let mut sizes: Vec<usize> =
        serde_json::from_value(architecture.get("decoder_hidden")?.clone()).ok()?;
    sizes.push(serde_json::from_value(architecture.get("input_size")?.clone()).ok()?);
    Some(sizes)
}
