//! The encoder's input x.

use crate::dom;
use crate::latent::nearest_class::{class_text, nearest_class};
use crate::state::engine_view::EngineView;
use leptos::{html, prelude::*};
use protocol::ImageShape;

/// x, with its label if that is known, and the nearest class mean.
#[component]
pub(crate) fn InputImage(
    /// The label of the image; `None` for an image without one.
    #[prop(optional, into)]
    label: Signal<Option<String>>,
) -> impl IntoView {
    let view = expect_context::<EngineView>();
    let canvas = NodeRef::<html::Canvas>::new();
    Effect::new(move |_| {
        if let (Some(encoded), Some(canvas)) = (view.encoded.get(), canvas.get()) {
            dom::draw_image(&canvas, &encoded.image.pixels, encoded.image.shape);
        }
    });
    // Kept when the input is cleared, so that a hidden panel keeps its size.
    let guess = Memo::new(
        move |before: Option<&Option<String>>| match view.encoded.get() {
            Some(encoded) => nearest_class(&encoded.mu, &view.class_means())
                .map(|class| view.class_names().name(class)),
            None => before.cloned().flatten(),
        },
    );
    let kind = Memo::new(move |_| view.image_kind());
    // As `EncoderInput` prepares it.
    let preparation = move || match view.shape() {
        ImageShape::MNIST => ", cropped and centred as in MNIST. ".to_owned(),
        shape => format!(", scaled to {shape}. "),
    };
    view! {
        <div class="input-image">
            <canvas
                node_ref=canvas
                data-testid="encoded-image"
                role="img"
                aria-label=move || format!("Your {} as the encoder’s input", kind.get().one())
            ></canvas>
            <p>
                <b>
                    <i>"x"</i>
                </b>
                {preparation} "The image above is its reconstruction if "
                <i>"ε"</i> " = 0. "
                <span data-testid="guess">{move || class_text(label.get().as_deref(), guess.get().as_deref())}</span>
            </p>
        </div>
    }
}
