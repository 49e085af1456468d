//! The drawing pad, for adding many drawings in a row with pen, finger or mouse.

use crate::features::dataset::file_import_state::FileImportState;
use crate::features::dataset::image_set::ImageSet;
use crate::ui::button::Button;
use crate::ui::checkbox::Checkbox;
use crate::ui::drawing::surface::{Drawing, DrawingSurface};
use crate::ui::select::{Select, SelectOption};
use leptos::prelude::*;
use protocol::NO_LABEL;
use std::time::Duration;

/// Time after the last stroke at which a drawing is added automatically.
const AUTO_ADD_DELAY: Duration = Duration::from_millis(900);

/// The pad with its buttons and options.
#[component]
pub(crate) fn DrawingPad() -> impl IntoView {
    let import = expect_context::<FileImportState>();
    let images = expect_context::<ImageSet>();
    let drawing = Drawing::new();
    let label = RwSignal::new(None::<u8>);
    let automatic = RwSignal::new(true);
    let timer = StoredValue::new(None::<TimeoutHandle>);
    let empty = Memo::new(move |_| drawing.is_empty());

    let cancel_timer = move || {
        if let Some(handle) = timer.try_update_value(Option::take).flatten() {
            handle.clear();
        }
    };
    let add = move || {
        cancel_timer();
        let Some(digit) = drawing.digit() else { return };
        let label = label.get_untracked().unwrap_or(NO_LABEL);
        let added = match digit {
            Ok(pixels) => images.add(&pixels, &[label]),
            Err(empty) => Err(empty.to_string()),
        };
        match added {
            Ok(()) => drawing.clear(),
            Err(why) => import.report("Your drawing", why),
        }
    };
    let stroke_ended = move || {
        if automatic.get_untracked() {
            timer.set_value(set_timeout_with_handle(add, AUTO_ADD_DELAY).ok());
        }
    };
    let undo = move |_| {
        cancel_timer();
        if empty.get_untracked() {
            // With an empty pad it undoes the last change of the data set.
            images.change(|list| list.undo());
        } else {
            drawing.undo();
        }
    };
    let clear = move |_| {
        cancel_timer();
        drawing.clear();
    };
    on_cleanup(cancel_timer);
    let can_undo = move || !empty.get() || images.with(|list| list.can_undo());

    view! {
        <div class="pad">
            <DrawingSurface
                drawing
                test_id="draw-pad"
                label="Drawing pad: draw one digit here with pen, finger or mouse"
                hint="Draw a digit"
                on_begin=move |()| cancel_timer()
                on_segment=|_: f64| ()
                on_end=move |()| stroke_ended()
            />
            <div class="pad-buttons">
                <Button test_id="pad-add" disabled=empty on_click=move |_| add()>
                    "Add"
                </Button>
                <Button test_id="pad-undo" disabled=move || !can_undo() on_click=undo>
                    "Undo"
                </Button>
                <Button test_id="pad-clear" disabled=empty on_click=clear>
                    "Clear"
                </Button>
            </div>
            <div class="pad-options">
                <Checkbox checked=automatic on_change=move |on| automatic.set(on)>
                    "Add automatically when I stop drawing"
                </Checkbox>
                <label class="pad-label">
                    "Label "
                    <Select
                        test_id="pad-label"
                        value=move || label_value(label.get())
                        options=label_options("none")
                        on_change=move |value: String| label.set(value.parse().ok())
                    />
                </label>
            </div>
        </div>
    }
}

fn label_value(label: Option<u8>) -> String {
    label.map(|label| label.to_string()).unwrap_or_default()
}

/// Options for the labels 0 to 9, after one with an empty value and this text.
pub(crate) fn label_options(first: &str) -> Vec<SelectOption> {
    let first = SelectOption::new("", first);
    let labels = (0..10).map(|label| SelectOption::new(label.to_string(), label.to_string()));
    std::iter::once(first).chain(labels).collect()
}
