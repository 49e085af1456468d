//! The drawing pad: many digits in a row, by pen, finger or mouse.

use crate::features::dataset::file_import::FileImport;
use crate::features::dataset::image_set::ImageSet;
use crate::ui::drawing::surface::{Drawing, DrawingSurface};
use leptos::prelude::*;
use protocol::NO_LABEL;
use std::time::Duration;

/// A drawing goes in by itself after the pen has rested so long.
const REST: Duration = Duration::from_millis(900);

/// The pad with its buttons.
#[component]
pub(crate) fn DrawingPad() -> impl IntoView {
    let intake = expect_context::<FileImport>();
    let digits = expect_context::<ImageSet>();
    let drawing = Drawing::new();
    let label = RwSignal::new(None::<u8>);
    let by_itself = RwSignal::new(true);
    let waiting = StoredValue::new(None::<TimeoutHandle>);
    let empty = Memo::new(move |_| drawing.is_empty());

    let stop_waiting = move || {
        if let Some(handle) = waiting.try_update_value(Option::take).flatten() {
            handle.clear();
        }
    };
    let add = move || {
        stop_waiting();
        let Some(digit) = drawing.digit() else { return };
        let label = label.get_untracked().unwrap_or(NO_LABEL);
        let added = match digit {
            Ok(pixels) => digits.add(&pixels, &[label]),
            Err(empty) => Err(empty.to_string()),
        };
        match added {
            Ok(()) => drawing.clear(),
            Err(why) => intake.report("your drawing".to_owned(), why),
        }
    };
    let rest = move || {
        if by_itself.get_untracked() {
            waiting.set_value(set_timeout_with_handle(add, REST).ok());
        }
    };
    let undo = move |_| {
        stop_waiting();
        if empty.get_untracked() {
            // Nothing on the pad: the last digit that went in, then.
            digits.change(|list| list.undo());
        } else {
            drawing.undo();
        }
    };
    let clear = move |_| {
        stop_waiting();
        drawing.clear();
    };
    on_cleanup(stop_waiting);
    let can_undo = move || !empty.get() || digits.with(|list| list.can_undo());

    view! {
        <div class="pad">
            <DrawingSurface
                drawing
                test_id="draw-pad"
                label="Drawing pad: draw one digit here with pen, finger or mouse"
                on_begin=move |()| stop_waiting()
                on_piece=|_: f64| ()
                on_end=move |()| rest()
            />
            <div class="pad-buttons">
                <button
                    type="button"
                    data-testid="pad-add"
                    disabled=move || empty.get()
                    on:click=move |_| add()
                >
                    "Add"
                </button>
                <button
                    type="button"
                    data-testid="pad-undo"
                    disabled=move || !can_undo()
                    on:click=undo
                >
                    "Undo"
                </button>
                <button
                    type="button"
                    data-testid="pad-clear"
                    disabled=move || empty.get()
                    on:click=clear
                >
                    "Clear"
                </button>
            </div>
            <div class="pad-options">
                <label class="check">
                    <input
                        type="checkbox"
                        prop:checked=move || by_itself.get()
                        on:change=move |event| by_itself.set(event_target_checked(&event))
                    />
                    "add when the pen rests"
                </label>
                <label class="pad-label">
                    "label "
                    <select
                        data-testid="pad-label"
                        on:change=move |event| label.set(event_target_value(&event).parse().ok())
                    >
                        <option value="">"none"</option>
                        {(0..10).map(|n| view! { <option value=n>{n}</option> }).collect_view()}
                    </select>
                </label>
            </div>
        </div>
    }
}
