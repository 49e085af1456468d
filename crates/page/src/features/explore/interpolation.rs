//! Pins, and interpolation between them.

use crate::features::explore::gif_recording::GifRecording;
use crate::features::explore::latent_arithmetic::LatentArithmetic;
use crate::features::explore::pin_card::PinCard;
use crate::features::explore::pins::{MAX_PINS, Pins};
use crate::features::explore::shear_button::ShearButton;
use crate::features::explore::state::ExploreState;
use crate::latent::gaussian;
use crate::latent::interpolation::{InterpolationPath, project_to_shell};
use crate::state::engine_view::EngineView;
use crate::state::latent_vector::LatentVector;
use crate::ui::button::Button;
use crate::ui::checkbox::Checkbox;
use crate::ui::select::{Select, options};
use leptos::prelude::*;

/// Random waypoints of a random walk before it returns to its start.
const RANDOM_WAYPOINTS: usize = 8;

/// Durations of a segment, in seconds.
const DURATIONS: [(&str, &str); 4] = [("4", "4 s"), ("2", "2 s"), ("1", "1 s"), ("0.5", "½ s")];

/// The pins, and walks through them.
#[component]
pub(crate) fn Interpolation() -> impl IntoView {
    let latent = expect_context::<LatentVector>();
    let pins = expect_context::<Pins>();
    let view = expect_context::<EngineView>();
    let state = expect_context::<ExploreState>();
    let ExploreState {
        spherical,
        looped,
        segment_seconds,
        ..
    } = state;
    let walking = Memo::new(move |_| latent.playing() && latent.current_path().is_some());
    let count = Memo::new(move |_| pins.count());
    let play = move |waypoints: Vec<Vec<f32>>, looped: bool| {
        latent.play(InterpolationPath {
            waypoints,
            spherical: spherical.get_untracked(),
            looped,
            segment_seconds: segment_seconds.get_untracked(),
        });
    };
    let walk = move |_| {
        if walking.get_untracked() {
            latent.set_playing(false);
        } else {
            play(untrack(|| pins.all()), looped.get_untracked());
        }
    };
    let path = Signal::derive(move || state.path());
    let random_walk = move |_| {
        let z = latent.z_untracked();
        let samples =
            (0..RANDOM_WAYPOINTS).map(|_| project_to_shell(&gaussian::sample_prior(z.len())));
        play(std::iter::once(z.clone()).chain(samples).collect(), true);
    };
    let classes = Memo::new(move |_| view.class_means().len());
    let has_operands = move || count.get() > 1 || classes.get() > 0;
    let kind = move || if spherical.get() { "sphere" } else { "line" }.to_owned();
    let choose_duration = move |seconds: String| {
        if let Ok(seconds) = seconds.parse() {
            segment_seconds.set(seconds);
        }
    };
    view! {
        <section class="walks" aria-label="Pins and interpolation">
            <h3>"Pins and interpolation"</h3>
            <div class="walk-buttons">
                <Button
                    test_id="pin-add"
                    disabled=move || count.get() == MAX_PINS
                    on_click=move |_| pins.add(&latent.z_untracked())
                >
                    "Pin this "
                    <i>"z"</i>
                </Button>
                <Button
                    test_id="walk"
                    disabled=move || count.get() < 2 && !walking.get()
                    on_click=walk
                >
                    {move || if walking.get() { "Stop" } else { "Walk through the pins" }}
                </Button>
                <Button test_id="walk-random" on_click=random_walk>
                    "Random walk"
                </Button>
                <GifRecording path />
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
                    "Pin at least two z to walk from one to the next. Pins are part of the link."
                </p>
            </Show>
            <div class="walk-settings">
                <label>
                    "Path: "
                    <Select
                        test_id="walk-way"
                        value=kind
                        options=options(&[("sphere", "spherical"), ("line", "linear")])
                        on_change=move |kind| spherical.set(kind == "sphere")
                    />
                </label>
                <label>
                    <Select
                        test_id="walk-leg"
                        value=move || segment_seconds.get().to_string()
                        options=options(&DURATIONS)
                        on_change=choose_duration
                    />
                    " per segment"
                </label>
                <Checkbox test_id="walk-loop" checked=looped on_change=move |on| looped.set(on)>
                    "Loop"
                </Checkbox>
                <Show when=move || { count.get() > 1 }>
                    <span class="path-legend">
                        "On the map: "
                        <span class="chosen"></span>
                        {move || if spherical.get() { "spherical" } else { "linear" }}
                        <span class="other"></span>
                        {move || if spherical.get() { "linear" } else { "spherical" }}
                    </span>
                </Show>
            </div>
            <Show when=has_operands>
                <LatentArithmetic />
            </Show>
            <ShearButton />
        </section>
    }
}
