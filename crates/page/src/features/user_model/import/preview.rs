//! What an imported model decodes at z = 0 and at samples of the prior.

use crate::latent::gaussian::sample_prior;
use crate::state::actions::Actions;
use crate::state::engine_view::EngineView;
use crate::ui::image_grid::ImageGrid;
use client::JobError;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

/// Images in the row: one at z = 0, the others from the prior.
const COUNT: usize = 10;

/// The images, once the model is current.
#[component]
pub(super) fn Preview(
    /// The model's name.
    name: String,
) -> impl IntoView {
    let actions = expect_context::<Actions>();
    let engine = expect_context::<EngineView>();
    let images = RwSignal::new(None);
    // Counts the requests; the results of earlier ones are dropped.
    let latest = StoredValue::new(0_u32);
    let samples = StoredValue::new(Vec::new());
    Effect::new(move |_| {
        engine.generation.track();
        let Some(model) = engine.model.get().filter(|model| model.name == name) else {
            return;
        };
        latest.update_value(|latest| *latest += 1);
        let number = latest.get_value();
        let size = model.latent_size;
        // The same z for each answer, so that the images can be compared.
        if samples.with_value(Vec::len) != (COUNT - 1) * size {
            samples.set_value(sample_prior((COUNT - 1) * size));
        }
        let mut z = vec![0.0; size];
        samples.with_value(|samples| z.extend(samples));
        spawn_local(async move {
            let decoded: Result<_, JobError> = actions.decode_batch(z).await;
            if let Ok(decoded) = decoded
                && latest.try_get_value() == Some(number)
            {
                images.try_set(Some((model.image, decoded.images)));
            }
        });
    });
    move || {
        images.get().map(|(shape, images)| {
            view! {
                <p class="row-label">
                    "decoded at " <i>"z"</i> " = 0, and at samples of the prior"
                </p>
                <ImageGrid
                    images=images
                    shape
                    columns=COUNT
                    label="Images that the imported model decodes at z = 0 and at samples of the prior"
                    test_id="import-samples"
                />
            }
        })
    }
}
