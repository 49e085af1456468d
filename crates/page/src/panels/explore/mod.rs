//! The Explore panel: put an image of one's own into the latent space, and see where it lies.

mod arithmetic;
mod follow;
mod input;
mod original;

use crate::{asks::Asks, state::EngineView};
use arithmetic::Arithmetic;
use input::Input;
use leptos::prelude::*;
use original::Original;

/// The panel.
#[component]
pub(crate) fn Explore() -> impl IntoView {
    let asks = expect_context::<Asks>();
    let view = expect_context::<EngineView>();
    follow::z_follows_mu();
    // What was drawn goes with its surface.
    on_cleanup(move || asks.encode(None));
    let there = Memo::new(move |_| view.encoded.with(Option::is_some));
    view! {
        <div class="explore">
            <Input />
            <section class="encoded" aria-label="The encoder’s answer">
                <Show
                    when=move || there.get()
                    fallback=|| {
                        view! {
                            <p class="explore-empty">
                                "Draw a digit. The encoder says where it lies, z goes there, and the picture above \
                                 is what the decoder makes of it."
                            </p>
                        }
                    }
                >
                    <Original />
                    <Arithmetic />
                </Show>
            </section>
        </div>
    }
}
