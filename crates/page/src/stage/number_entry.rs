//! A number that can be typed.

use crate::{latent::number, state::Latent};
use leptos::{ev, html, prelude::*};

/// The value of one latent dimension as text. Takes effect on Enter and when it is left.
#[component]
pub(crate) fn NumberEntry(
    /// The dimension, counting from 0.
    index: usize,
    /// Its shown symbol.
    symbol: String,
    /// Its value.
    value: Memo<f32>,
) -> impl IntoView {
    let latent = expect_context::<Latent>();
    let field = NodeRef::<html::Input>::new();
    let problem = RwSignal::new(None::<String>);
    let problem_id = format!("z-{index}-problem");
    let shown = move || number::shown(value.get());
    let show = move || {
        if let Some(field) = field.get_untracked() {
            field.set_value(&untrack(shown));
        }
    };

    let on_change = move |event: ev::Event| match number::parse(&event_target_value(&event)) {
        Ok(value) => {
            problem.set(None);
            latent.set_one(index, value, event.time_stamp());
            // "0,50" and "0.5" are the same number, which changes no signal.
            show();
        }
        Err(error) => problem.set(Some(error.to_string())),
    };
    // The text goes back to the value that is in use; what was wrong with it stays for reading.
    let on_blur = move |_| show();
    let on_focus = move |_| {
        problem.set(None);
        latent.set_gliding(false);
        if let Some(field) = field.get_untracked() {
            field.select();
        }
    };
    // A value that came from elsewhere leaves nothing to complain about.
    Effect::new(move |_| {
        value.track();
        problem.set(None);
    });
    view! {
        <span class="number-entry">
            <input
                type="text"
                inputmode="decimal"
                autocomplete="off"
                enterkeyhint="done"
                node_ref=field
                data-testid=format!("z-{index}-number")
                aria-label=format!("{symbol} as a number, −6 to 6")
                aria-invalid=move || problem.with(Option::is_some).to_string()
                aria-describedby=problem_id.clone()
                prop:value=shown
                on:change=on_change
                on:focus=on_focus
                on:blur=on_blur
                on:dblclick=|event| event.stop_propagation()
            />
            <span class="problem" id=problem_id role="status">
                {move || problem.get()}
            </span>
        </span>
    }
}
