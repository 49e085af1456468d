//! A point of the latent plane as the answer of a question.

use crate::features::latent_map::viewport::Viewport;
use crate::features::learn::figures::plane_square::{Phase, PlaneSquare, to_svg};
use crate::features::learn::measures::Given;
use crate::number::format::fixed;
use leptos::prelude::*;

/// A plane to click.
#[component]
pub(super) fn PlaceAnswer(
    /// The chosen point.
    given: RwSignal<Option<Given>>,
) -> impl IntoView {
    let view = RwSignal::new(Viewport::HOME);
    let at = move || match given.get() {
        Some(Given::Place(at)) => Some(at),
        _ => None,
    };
    let label = move || match at() {
        Some([x, y]) => format!(
            "Your place: {}, {}. Arrow keys move it.",
            fixed(x, 2),
            fixed(y, 2)
        ),
        None => "The latent plane: click your answer, or press an arrow key to begin in the middle"
            .to_owned(),
    };
    let on_pointer = move |(phase, at): (Phase, [f64; 2])| {
        if phase != Phase::Up {
            given.set(Some(Given::Place(at)));
        }
    };
    let on_nudge = move |by: [f64; 2]| {
        given.update(|given| {
            let [x, y] = match given {
                Some(Given::Place(at)) => *at,
                _ => [0.0; 2],
            };
            *given = Some(Given::Place(
                [x + by[0], y + by[1]].map(|value| value.clamp(-3.0, 3.0)),
            ));
        });
    };
    let mark = move || {
        let [x, y] = to_svg(&view.get(), at()?);
        Some(view! { <circle class="guess-centre" cx=x.to_string() cy=y.to_string() r="0.14" /> })
    };
    view! {
        <div class="place-answer">
            <PlaneSquare
                test_id="learn-answer-0"
                label=label
                view
                on_pointer=Callback::new(on_pointer)
                on_nudge=Callback::new(on_nudge)
            >
                <g>{mark}</g>
            </PlaneSquare>
        </div>
    }
}
