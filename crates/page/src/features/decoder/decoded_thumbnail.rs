//! A small decoded image.

use crate::dom;
use crate::state::actions::Actions;
use crate::state::engine_view::EngineView;
use crate::ui::getter::Getter;
use leptos::{html, prelude::*};
use std::time::Duration;
use wasm_bindgen_futures::spawn_local;

/// A z that changes is decoded once it has stayed the same for this long, so that a drag is not slowed down.
const PAUSE: Duration = Duration::from_millis(80);

/// The decoder's mean at z, decoded again when z, the model, its weights or the label change. One decode is in flight
/// at a time, and the next one is for the newest z. The image is removed at a change of model, and while there is no z
/// of the model's size.
#[component]
pub(crate) fn DecodedThumbnail(
    /// The latent vector.
    #[prop(into)]
    z: Getter<Option<Vec<f32>>>,
) -> impl IntoView {
    let view = expect_context::<EngineView>();
    let thumbnail = Thumbnail {
        actions: expect_context(),
        view,
        canvas: NodeRef::new(),
        wanted: StoredValue::new(None),
        decoding: StoredValue::new(false),
        timeout: StoredValue::new(None),
    };
    // What z is computed from changes more often than z.
    let z = Memo::new(move |_| z.get());
    Effect::new(move |before: Option<(u64, Option<(String, usize)>)>| {
        let generation = view.generation.get();
        let model = view.model_key();
        let is_first = before.is_none();
        let (old_generation, old_model) = before.unwrap_or_default();
        let size = model.as_ref().map(|(_, size)| *size);
        let z = z.get().filter(|z| Some(z.len()) == size);
        if z.is_none() || old_model != model {
            thumbnail.clear();
        }
        thumbnail.wanted.set_value(z.map(|z| (generation, z)));
        if is_first || old_generation != generation || old_model != model {
            thumbnail.decode();
        } else {
            thumbnail.decode_after_pause();
        }
        (generation, model)
    });
    view! { <canvas node_ref=thumbnail.canvas width="28" height="28" aria-hidden="true"></canvas> }
}

/// A generation of the model, and z.
type Version = (u64, Vec<f32>);

#[derive(Clone, Copy)]
struct Thumbnail {
    actions: Actions,
    view: EngineView,
    canvas: NodeRef<html::Canvas>,
    /// What the canvas should show.
    wanted: StoredValue<Option<Version>>,
    decoding: StoredValue<bool>,
    timeout: StoredValue<Option<TimeoutHandle>>,
}

impl Thumbnail {
    fn decode_after_pause(self) {
        let decode = move || {
            // The component may be unmounted by now.
            if self.timeout.try_set_value(None).is_none() {
                self.decode();
            }
        };
        let next = set_timeout_with_handle(decode, PAUSE).ok();
        let before = self
            .timeout
            .try_update_value(|timeout| std::mem::replace(timeout, next));
        if let Some(handle) = before.flatten() {
            handle.clear();
        }
    }

    fn clear(self) {
        if let Some(canvas) = self.canvas.get_untracked() {
            dom::clear(&canvas);
        }
    }

    fn decode(self) {
        let Some(wanted) = self.wanted.get_value() else {
            return;
        };
        if self.decoding.get_value() {
            return;
        }
        self.decoding.set_value(true);
        let batch = self.actions.decode_batch(wanted.1.clone());
        spawn_local(async move {
            let decoded = batch.await;
            // The component was unmounted.
            if self.decoding.try_set_value(false).is_some() {
                return;
            }
            let is_current = self.view.generation.get_untracked() == wanted.0
                && self.wanted.with_value(Option::is_some);
            if let (Some(canvas), Ok(decoded)) = (self.canvas.get_untracked(), decoded)
                && is_current
                // While the model changes, the engine may take a z of the former size for several of the new one.
                && decoded.images.len() == decoded.shape.values()
            {
                dom::draw_image(&canvas, &decoded.images, decoded.shape);
            }
            if self.wanted.with_value(|now| now.as_ref() != Some(&wanted)) {
                self.decode();
            }
        });
    }
}
