//! Pins, and walks between them.

use crate::features::explore::gif_recording::Record;
use crate::features::explore::latent_arithmetic::PinArithmetic;
use crate::features::explore::pin_card::PinCard;
use crate::features::explore::pins::{MAX_PINS, Pins};
use crate::features::explore::shear_button::Slant;
use crate::latent::gaussian;
use crate::latent::interpolation::{Walk, onto_shell};
use crate::state::engine_view::EngineView;
use crate::state::latent_vector::LatentVector;
use leptos::{ev, prelude::*};

/// Stops of a random walk before it comes round.
const RANDOM_STOPS: usize = 8;

/// The pins and what can be done with them.
#[component]
pub(crate) fn Walks() -> impl IntoView {
    let latent = expect_context::<LatentVector>();
    let pins = expect_context::<Pins>();
    let view = expect_context::<EngineView>();
    let spherical = RwSignal::new(true);
    let looped = RwSignal::new(true);
    let leg = RwSignal::new(2.0_f64);
    let walking = Memo::new(move |_| latent.playing() && latent.current_walk().is_some());
    let count = Memo::new(move |_| pins.count());
    let set_off = move |stops: Vec<Vec<f32>>, looped: bool| {
        latent.walk(Walk {
            stops,
            spherical: spherical.get_untracked(),
            looped,
            leg: leg.get_untracked(),
        });
    };
    let walk = move |_| {
        if walking.get_untracked() {
            latent.set_playing(false);
        } else {
            set_off(untrack(|| pins.all()), looped.get_untracked());
        }
    };
    let described = Signal::derive(move || {
        let stops = pins.all();
        (stops.len() >= 2).then(|| Walk {
            stops,
            spherical: spherical.get(),
            looped: looped.get(),
            leg: leg.get(),
        })
    });
    let wander = move |_| {
        let here = latent.z_untracked();
        let draws = (0..RANDOM_STOPS).map(|_| onto_shell(&gaussian::draw(here.len())));
        set_off(std::iter::once(here.clone()).chain(draws).collect(), true);
    };
    let classes = Memo::new(move |_| view.class_means().len());
    let can_reckon = move || count.get() > 1 || classes.get() > 0;
    let choose_way = move |event: ev::Event| spherical.set(event_target_value(&event) == "sphere");
    let choose_leg = move |event: ev::Event| {
        if let Ok(seconds) = event_target_value(&event).parse() {
            leg.set(seconds);
        }
    };
    view! {
        <section class="walks" aria-label="Pins and walks">
            <h3>"Pins and walks"</h3>
            <div class="walk-buttons">
                <button
                    type="button"
                    data-testid="pin-add"
                    disabled=move || count.get() == MAX_PINS
                    on:click=move |_| pins.add(&latent.z_untracked())
                >
                    "Pin this "
                    <i>"z"</i>
                </button>
                <button
                    type="button"
                    data-testid="walk"
                    disabled=move || count.get() < 2 && !walking.get()
                    on:click=walk
                >
                    {move || if walking.get() { "Stop" } else { "Walk the pins" }}
                </button>
                <button type="button" data-testid="walk-random" on:click=wander>
                    "Walk at random"
                </button>
                <Record walk=described />
            </div>
            <ul class="pins" data-testid="pins">
                <For
                    each=move || pins.all().into_iter().enumerate()
                    key=|(index, z)| (*index, z.iter().map(|z| z.to_bits()).collect::<Vec<_>>())
                    children=move |(index, z)| view! { <PinCard index z /> }
                />
            </ul>
            <Show when=move || count.get() == 0>
                <p class="traversals-note">
                    "Pin two places or more, and walk from one to the next. Pins are part of the link."
                </p>
            </Show>
            <div class="walk-settings">
                <label>
                    "Along "
                    <select data-testid="walk-way" on:change=choose_way>
                        <option value="sphere">"a sphere"</option>
                        <option value="line">"a straight line"</option>
                    </select>
                </label>
                <label>
                    "One leg in "
                    <select data-testid="walk-leg" on:change=choose_leg>
                        <option value="4">"4 s"</option>
                        <option value="2" selected>
                            "2 s"
                        </option>
                        <option value="1">"1 s"</option>
                        <option value="0.5">"½ s"</option>
                    </select>
                </label>
                <label class="check">
                    <input
                        type="checkbox"
                        data-testid="walk-loop"
                        prop:checked=move || looped.get()
                        on:change=move |event| looped.set(event_target_checked(&event))
                    />
                    " round and round"
                </label>
            </div>
            <Show when=can_reckon>
                <PinArithmetic />
            </Show>
            <Slant />
        </section>
    }
}
