//! A text field for a number between two limits.

use crate::number::{format, parse};
use leptos::{ev, html, prelude::*};

/// The message beside a typed number.
#[derive(Clone)]
struct Note {
    text: String,
    /// Whether the text is not a number. A number beyond a limit is clamped and used.
    rejected: bool,
    /// The value in use when the note was written; the note is removed when it changes.
    value: f32,
}

/// A number as text. Takes effect on Enter and when the field loses focus.
#[component]
pub(crate) fn NumberField(
    /// The shown quantity, in messages and for screen readers.
    symbol: String,
    /// The prefix of the field's ids: `{id}-number` is its `data-testid`, `{id}-problem` its message.
    id: String,
    /// Numbers beyond −`limit` and `limit` are clamped.
    limit: f32,
    /// The value.
    value: Memo<f32>,
    /// Called with the typed value, clamped, and the event's time stamp.
    on_commit: impl Fn(f32, f64) + 'static,
    /// Called when the field gets the focus.
    on_focus: impl Fn() + 'static,
) -> impl IntoView {
    let field = NodeRef::<html::Input>::new();
    let note = RwSignal::new(None::<Note>);
    let rejected =
        Memo::new(move |_| note.with(|note| note.as_ref().is_some_and(|note| note.rejected)));
    let note_id = format!("{id}-problem");
    let text = move || format::latent(value.get());
    let show_value = move || {
        if let Some(field) = field.get_untracked() {
            field.set_value(&untrack(text));
        }
    };

    let name = symbol.clone();
    let on_change = move |event: ev::Event| match parse::parse(&event_target_value(&event)) {
        Ok(typed) => {
            let used = typed.clamp(-limit, limit);
            on_commit(used, event.time_stamp());
            note.set((used != typed).then(|| Note {
                text: format!(
                    "clamped to {}: {name} goes from −{limit} to {limit}",
                    format::latent(used)
                ),
                rejected: false,
                value: used,
            }));
            // "0,50" and "0.5" are the same number and change no signal, but the text has to change.
            show_value();
        }
        Err(error) => note.set(Some(Note {
            text: error.to_string(),
            rejected: true,
            value: value.get_untracked(),
        })),
    };
    // The text returns to the value in use; the message stays readable.
    let on_blur = move |_| show_value();
    let on_focus = move |_| {
        note.set(None);
        on_focus();
        if let Some(field) = field.get_untracked() {
            field.select();
        }
    };
    // A value set from elsewhere makes the message obsolete.
    Effect::new(move |_| {
        let now = value.get();
        if note.with_untracked(|note| note.as_ref().is_some_and(|note| note.value != now)) {
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
                data-testid=format!("{id}-number")
                aria-label=format!("{symbol} as a number, −{limit} to {limit}")
                aria-invalid=move || rejected.get().to_string()
                aria-describedby=note_id.clone()
                prop:value=text
                on:change=on_change
                on:focus=on_focus
                on:input=move |_| note.set(None)
                on:blur=on_blur
                on:dblclick=|event| event.stop_propagation()
            />
            <span class="problem" class:gentle=move || !rejected.get() id=note_id role="status">
                {move || note.get().map(|note| note.text)}
            </span>
        </span>
    }
}
