//! A slider.

use crate::ui::getter::Getter;
use crate::ui::handler::Handler;
use leptos::{ev, prelude::*};

/// A slider between two values. The caller adds the label.
#[component]
pub(crate) fn Slider(
    /// Its id, for a label in another element.
    #[prop(optional, into)]
    id: Option<String>,
    /// Its `data-testid`.
    #[prop(into)]
    test_id: String,
    /// Its name for screen readers, where it has no label.
    #[prop(optional, into)]
    label: Option<String>,
    /// The lowest value.
    min: f64,
    /// The highest value.
    max: f64,
    /// The step.
    step: f64,
    /// The value.
    #[prop(into)]
    value: Getter<f64>,
    /// The value as text, for screen readers.
    #[prop(optional, into)]
    value_text: Option<Getter<String>>,
    /// The filled part of the track, from and to, in percent.
    #[prop(optional, into)]
    fill: Option<Getter<[f32; 2]>>,
    /// Called with the new value and the event's time stamp, while it is dragged.
    #[prop(into)]
    on_input: Handler<(f64, f64)>,
    /// Called with the time stamp when Home is pressed. Without it, Home sets the lowest value.
    #[prop(optional, into)]
    on_home: Option<Handler<f64>>,
) -> impl IntoView {
    let on_input = move |event: ev::Event| {
        if let Ok(value) = event_target_value(&event).parse() {
            on_input.call((value, event.time_stamp()));
        }
    };
    let on_keydown = move |event: ev::KeyboardEvent| {
        if let Some(on_home) = &on_home
            && event.key() == "Home"
        {
            event.prevent_default();
            on_home.call(event.time_stamp());
        }
    };
    let end = |index: usize| {
        let fill = fill.clone();
        move || {
            fill.as_ref()
                .map(|fill| format!("{:.2}%", fill.get()[index]))
        }
    };
    view! {
        <input
            type="range"
            id=id
            data-testid=test_id
            aria-label=label
            aria-valuetext=value_text.map(|text| move || text.get())
            min=min.to_string()
            max=max.to_string()
            step=step.to_string()
            style:--from=end(0)
            style:--to=end(1)
            // As f32: 0.1 and not 0.10000000149.
            prop:value=move || (value.get() as f32).to_string()
            on:input=on_input
            on:keydown=on_keydown
        />
    }
}
