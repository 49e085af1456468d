//! Images generated from samples of the prior.

use crate::dom;
use crate::dom::raster::grid;
use crate::features::evidence::sections::Section;
use crate::latent::gaussian;
use crate::state::actions::Actions;
use crate::state::engine_view::EngineView;
use crate::ui::button::Button;
use crate::ui::card::Card;
use client::change::DecodedBatch;
use leptos::{html, prelude::*};
use protocol::Likelihood;
use std::sync::Arc;
use wasm_bindgen_futures::spawn_local;

/// Number of samples.
const COUNT: usize = 10;

/// Decoder means at z ∼ p(z), and samples from p(x|z) if the likelihood is Bernoulli.
#[component]
pub(crate) fn PriorSamples() -> impl IntoView {
    let actions = expect_context::<Actions>();
    let view = expect_context::<EngineView>();
    let round = RwSignal::new(0_u64);
    let images = RwSignal::new(None::<Arc<DecodedBatch>>);
    Effect::new(move |_| {
        view.generation.track();
        round.track();
        let size = view
            .model
            .with(|model| model.as_ref().map(|model| model.latent_size));
        if let Some(size) = size {
            let batch = actions.decode_batch(gaussian::sample_prior(COUNT * size));
            spawn_local(async move {
                if let Ok(decoded) = batch.await {
                    images.try_set(Some(Arc::new(decoded)));
                }
            });
        }
    });
    let is_bernoulli = Memo::new(move |_| {
        view.model.with(|model| {
            model
                .as_ref()
                .is_some_and(|model| model.likelihood == Likelihood::Bernoulli)
        })
    });
    let means = Memo::new(move |_| images.get());
    let samples = Memo::new(move |_| {
        let means = images.get()?;
        Some(Arc::new(DecodedBatch {
            images: sample_bernoulli(&means.images),
            ..DecodedBatch::clone(&means)
        }))
    });
    view! {
        <Card id=Section::SAMPLES.id title="Samples from the prior" source="Notes, section 8" equation=equations::GENERATIVE_MODEL>
            <Row name="means of p(x|z)" test_id="prior-means" images=means />
            <Show when=move || is_bernoulli.get()>
                <Row name="samples from p(x|z)" test_id="prior-draws" images=samples />
            </Show>
            <p class="card-note">
                "Generating needs only the decoder. Decoded images are means of p(x|z); " {move || {
                    if is_bernoulli.get() {
                        "in a real sample each pixel is independently on or off, with the mean as its probability"
                    } else {
                        "in a real sample each value deviates from its mean, independently of the others"
                    }
                }} ". What looks like noise is the variation that z does not describe."
            </p>
            <div class="card-buttons">
                <Button test_id="prior-again" on_click=move |_| round.update(|round| *round += 1)>
                    "Ten more"
                </Button>
            </div>
        </Card>
    }
}

/// Samples each pixel from a Bernoulli distribution with its mean.
fn sample_bernoulli(means: &[u8]) -> Vec<u8> {
    means
        .iter()
        .map(|&mean| {
            let uniform = js_sys::Math::random();
            if uniform * 255.0 < f64::from(mean) {
                255
            } else {
                0
            }
        })
        .collect()
}

/// A row of images.
#[component]
fn Row(
    name: &'static str,
    test_id: &'static str,
    images: Memo<Option<Arc<DecodedBatch>>>,
) -> impl IntoView {
    let canvas = NodeRef::<html::Canvas>::new();
    Effect::new(move |_| {
        if let (Some(images), Some(canvas)) = (images.get(), canvas.get()) {
            dom::draw_picture(&canvas, &grid(&images.images, images.shape, COUNT, 0));
        }
    });
    view! {
        <figure class="prior-row">
            <figcaption>{name}</figcaption>
            <canvas node_ref=canvas data-testid=test_id role="img" aria-label=name></canvas>
        </figure>
    }
}
