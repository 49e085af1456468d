//! Images generated from samples of the prior.

use crate::dom;
use crate::features::dataset::image_list::PIXELS;
use crate::features::evidence::sections::Section;
use crate::latent::gaussian;
use crate::state::actions::Actions;
use crate::state::engine_view::EngineView;
use crate::ui::button::Button;
use crate::ui::card::Card;
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
    let images = RwSignal::new(Arc::new(Vec::<u8>::new()));
    Effect::new(move |_| {
        view.generation.track();
        round.track();
        let size = view.model.with(|model| {
            let model = model.as_ref()?;
            (model.image == protocol::ImageShape::MNIST).then_some(model.latent_size)
        });
        if let Some(size) = size {
            let batch = actions.decode_batch(gaussian::sample_prior(COUNT * size));
            spawn_local(async move {
                if let Ok((pixels, _)) = batch.await {
                    images.try_set(Arc::new(pixels));
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
    let samples = Memo::new(move |_| Arc::new(sample_bernoulli(&images.get())));
    view! {
        <Card id=Section::SAMPLES.id title="Samples from the prior" source="Notes, section 8" equation=equations::GENERATIVE_MODEL>
            <Row name="means of p(x|z)" test_id="prior-means" images=means />
            <Show when=move || is_bernoulli.get()>
                <Row name="samples from p(x|z)" test_id="prior-draws" images=samples />
            </Show>
            <p class="card-note">
                "Generating needs only the decoder. Decoded images are means of p(x|z); in a real sample each pixel \
                 is independently on or off, with the mean as its probability. What looks like noise is the variation \
                 that z does not describe."
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
fn Row(name: &'static str, test_id: &'static str, images: Memo<Arc<Vec<u8>>>) -> impl IntoView {
    let canvas = NodeRef::<html::Canvas>::new();
    Effect::new(move |_| {
        let (images, canvas) = (images.get(), canvas.get());
        if let Some(canvas) = canvas.filter(|_| images.len() == COUNT * PIXELS) {
            dom::draw_grey(&canvas, &side_by_side(&images), [28, 28 * COUNT]);
        }
    });
    view! {
        <figure class="prior-row">
            <figcaption>{name}</figcaption>
            <canvas node_ref=canvas data-testid=test_id role="img" aria-label=name></canvas>
        </figure>
    }
}

/// Joins images, `[n × 28 × 28]`, horizontally to `[28 × 28·n]`.
fn side_by_side(images: &[u8]) -> Vec<u8> {
    (0..28)
        .flat_map(|row| {
            images
                .chunks_exact(PIXELS)
                .flat_map(move |image| &image[row * 28..(row + 1) * 28])
        })
        .copied()
        .collect()
}
