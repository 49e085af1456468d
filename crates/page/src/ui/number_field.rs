//! A number that can be typed.

use crate::features::decoder::latent::Latent;
use crate::latent::{LIMIT, held, number};
use leptos::{ev, html, prelude::*};

/// What is said of a number that was typed.
#[derive(Clone)]
struct Note {
    text: String,
    /// Whether the number was of no use; one that was held at the border is in use.
    refused: bool,
    /// The value in use that it was said beside; with another it is out of date.
    beside: f32,
}

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
    let note = RwSignal::new(None::<Note>);
    let refused =
        Memo::new(move |_| note.with(|note| note.as_ref().is_some_and(|note| note.refused)));
    let note_id = format!("z-{index}-problem");
    let shown = move || number::shown(value.get());
    let show = move || {
        if let Some(field) = field.get_untracked() {
            field.set_value(&untrack(shown));
        }
    };

    let on_change = move |event: ev::Event| match number::parse(&event_target_value(&event)) {
        Ok(typed) => {
            let used = held(typed);
            latent.set_one(index, used, event.time_stamp());
            note.set((used != typed).then(|| Note {
                text: format!(
                    "held at {}: z goes from −{LIMIT} to {LIMIT}",
                    number::shown(used)
                ),
                refused: false,
                beside: used,
            }));
            // "0,50" and "0.5" are the same number, which changes no signal.
            show();
        }
        Err(error) => note.set(Some(Note {
            text: error.to_string(),
            refused: true,
            beside: value.get_untracked(),
        })),
    };
    // The text goes back to the value that is in use; what was wrong with it stays for reading.
    let on_blur = move |_| show();
    let on_focus = move |_| {
        note.set(None);
        latent.set_gliding(false);
        if let Some(field) = field.get_untracked() {
            field.select();
        }
    };
    // A value that came from elsewhere leaves nothing to say.
    Effect::new(move |_| {
        let now = value.get();
        if note.with_untracked(|note| note.as_ref().is_some_and(|note| note.beside != now)) {
            note.set(None);
        }
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
                aria-invalid=move || refused.get().to_string()
                aria-describedby=note_id.clone()
                prop:value=shown
                on:change=on_change
                on:focus=on_focus
                on:input=move |_| note.set(None)
                on:blur=on_blur
                on:dblclick=|event| event.stop_propagation()
            />
            <span class="problem" class:gentle=move || !refused.get() id=note_id role="status">
                {move || note.get().map(|note| note.text)}
            </span>
        </span>
    }
}
