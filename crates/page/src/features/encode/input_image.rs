//! The image as the encoder sees it.

use crate::dom;
use crate::latent::nearest_class::nearest_class;
use crate::state::engine_view::EngineView;
use leptos::{html, prelude::*};

/// The image, beside what stands on the stage.
#[component]
pub(crate) fn Original() -> impl IntoView {
    let view = expect_context::<EngineView>();
    let canvas = NodeRef::<html::Canvas>::new();
    Effect::new(move |_| {
        if let (Some(encoded), Some(canvas)) = (view.encoded.get(), canvas.get()) {
            dom::draw_grey(&canvas, &encoded.image.pixels, encoded.size);
        }
    });
    // Of what was cleared it stays, unseen where the panel keeps its place.
    let guess = Memo::new(
        move |before: Option<&Option<usize>>| match view.encoded.get() {
            Some(encoded) => nearest_class(&encoded.mu, &view.class_means()),
            None => before.copied().flatten(),
        },
    );
    let looks = move || {
        guess
            .get()
            .map(|class| format!(" Nearest lies the mean of the {class}s: a guess of what it is."))
    };
    view! {
        <div class="original">
            <canvas
                node_ref=canvas
                data-testid="encoded-image"
                role="img"
                aria-label="Your digit as the encoder sees it"
            ></canvas>
            <p>
                <b>
                    <i>"x"</i>
                </b>
                ", cut and centred as MNIST does it. The picture above is its reconstruction while "
                <i>"ε"</i> " = 0." <span data-testid="guess">{looks}</span>
            </p>
        </div>
    }
}
