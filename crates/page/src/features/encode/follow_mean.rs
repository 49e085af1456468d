//! z goes where the encoder says.

use crate::dom;
use crate::latent::{held, to_step};
use crate::state::engine_view::{Encoded, EngineView};
use crate::state::latent_vector::LatentVector;
use leptos::prelude::*;
use std::sync::Arc;

/// Moves z to μ when another image is encoded, or by another model; and when newer weights of the same
/// model encode the same one, unless somebody has moved z away since.
pub(crate) fn z_follows_mu() {
    let view = expect_context::<EngineView>();
    let latent = expect_context::<LatentVector>();
    let before = StoredValue::new(None::<Arc<Encoded>>);
    Effect::new(move |_| {
        let encoded = view.encoded.get();
        let last = before.get_value();
        before.set_value(encoded.clone());
        let Some(encoded) = encoded else { return };
        let another = last
            .as_ref()
            .is_none_or(|last| !Arc::ptr_eq(&last.image, &encoded.image));
        let follows = another
            || last.is_none_or(|last| {
                last.model != encoded.model || latent.z_untracked() == place(&last.mu)
            });
        if follows {
            latent.choose(place(&encoded.mu), dom::now());
        }
        if another {
            dom::measure("drawing-to-posterior", encoded.image.at, dom::now());
        }
    });
}

/// μ as a z that the sliders can say.
pub(crate) fn place(mu: &[f32]) -> Vec<f32> {
    mu.iter().map(|mu| to_step(held(*mu))).collect()
}
