//! Samples from the prior: no encoder is needed.

use crate::dom;
use crate::features::dataset::image_list::PIXELS;
use crate::latent::gaussian;
use crate::state::actions::Actions;
use crate::state::engine_view::EngineView;
use crate::ui::card::Card;
use leptos::{html, prelude::*};
use protocol::Likelihood;
use std::sync::Arc;

/// Samples in a row.
const COUNT: usize = 10;

/// z from the prior, as the decoder's means and as draws from p(x|z).
#[component]
pub(crate) fn PriorSamples() -> impl IntoView {
    let actions = expect_context::<Actions>();
    let view = expect_context::<EngineView>();
    let round = RwSignal::new(0_u64);
    let pictures = RwSignal::new(Arc::new(Vec::<u8>::new()));
    Effect::new(move |_| {
        view.generation.track();
        round.track();
        let size = view.model.with(|model| {
            let model = model.as_ref()?;
            (model.image == [28; 2]).then_some(model.latent_size)
        });
        if let Some(size) = size {
            actions.decode_batch(gaussian::sample_prior(COUNT * size), move |pixels| {
                if let Some(pixels) = pixels {
                    pictures.try_set(Arc::new(pixels));
                }
            });
        }
    });
    let bernoulli = Memo::new(move |_| {
        view.model.with(|model| {
            model
                .as_ref()
                .is_some_and(|model| model.likelihood == Likelihood::Bernoulli)
        })
    });
    let means = Memo::new(move |_| pictures.get());
    let draws = Memo::new(move |_| Arc::new(drawn(&pictures.get())));
    view! {
        <Card title="No encoder needed" source="Notes, section 8" equation=equations::GENERATIVE_MODEL>
            <Row name="means of p(x|z)" test_id="prior-means" pictures=means />
            <Show when=move || bernoulli.get()>
                <Row name="draws from p(x|z)" test_id="prior-draws" pictures=draws />
            </Show>
            <p class="card-note">
                "A mean is what pictures show, and no picture that the model would make: each pixel of a draw is ink \
                 or none, for itself, with the mean as its probability. What looks like noise is all that the model \
                 has not put into z."
            </p>
            <div class="card-buttons">
                <button
                    type="button"
                    data-testid="prior-again"
                    on:click=move |_| round.update(|round| *round += 1)
                >
                    "Ten others"
                </button>
            </div>
        </Card>
    }
}

/// Each pixel ink with its mean as the probability.
fn drawn(means: &[u8]) -> Vec<u8> {
    means
        .iter()
        .map(|&mean| {
            let chance = js_sys::Math::random();
            if chance * 255.0 < f64::from(mean) {
                255
            } else {
                0
            }
        })
        .collect()
}

/// Pictures side by side.
#[component]
fn Row(name: &'static str, test_id: &'static str, pictures: Memo<Arc<Vec<u8>>>) -> impl IntoView {
    let canvas = NodeRef::<html::Canvas>::new();
    Effect::new(move |_| {
        let (pictures, canvas) = (pictures.get(), canvas.get());
        if let Some(canvas) = canvas.filter(|_| pictures.len() == COUNT * PIXELS) {
            dom::draw_grey(&canvas, &side_by_side(&pictures), [28, 28 * COUNT]);
        }
    });
    view! {
        <figure class="prior-row">
            <figcaption>{name}</figcaption>
            <canvas node_ref=canvas data-testid=test_id role="img" aria-label=name></canvas>
        </figure>
    }
}

/// `[n × 28 × 28]` as `[28 × 28n]`.
fn side_by_side(pictures: &[u8]) -> Vec<u8> {
    (0..28)
        .flat_map(|row| {
            pictures
                .chunks_exact(PIXELS)
                .flat_map(move |picture| &picture[row * 28..(row + 1) * 28])
        })
        .copied()
        .collect()
}
