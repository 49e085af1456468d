//! Sets z to the encoder's mean μ.

use crate::dom;
use crate::latent::clamp_latent;
use crate::state::engine_view::{Encoded, EngineView};
use crate::state::latent_vector::LatentVector;
use leptos::prelude::*;
use leptos::reactive::effect::ImmediateEffect;
use std::sync::Arc;

/// Sets z to μ whenever another image is encoded, or another model is used. When newer weights of the same model
/// encode the same image, z follows only if it is still at the previous μ.
pub(crate) fn follow_mean() {
    let view = expect_context::<EngineView>();
    let latent = expect_context::<LatentVector>();
    let previous = StoredValue::new(None::<Arc<Encoded>>);
    // At once, before the other views of q(z|x) are updated: the decoder can start.
    ImmediateEffect::new_scoped(move || {
        let encoded = view.encoded.get();
        let last = previous.get_value();
        previous.set_value(encoded.clone());
        let Some(encoded) = encoded else { return };
        let is_other_image = last
            .as_ref()
            .is_none_or(|last| !Arc::ptr_eq(&last.image, &encoded.image));
        let follows = is_other_image
            || last.is_none_or(|last| {
                last.model != encoded.model || latent.z_untracked() == z_at_mean(&last.mu)
            });
        if follows {
            latent.set(z_at_mean(&encoded.mu), dom::now());
        }
        if is_other_image {
            dom::measure("drawing-to-posterior", encoded.image.at, dom::now());
        }
    });
}

/// z at μ, clamped to valid values. It is not rounded to the sliders' step: σ may be as small as that.
pub(crate) fn z_at_mean(mu: &[f32]) -> Vec<f32> {
    mu.iter().map(|mu| clamp_latent(*mu)).collect()
}
