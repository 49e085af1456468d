//! The drawing pad, for adding many drawings in a row with pen, finger or mouse.

use crate::features::dataset::file_import_state::FileImportState;
use crate::features::dataset::image_list::{ImageList, NewImages};
use crate::features::dataset::image_set::ImageSet;
use crate::features::dataset::label_select::LabelSelect;
use crate::ui::button::Button;
use crate::ui::checkbox::Checkbox;
use crate::ui::drawing::inks::{INKS, InkButtons, PAPER};
use crate::ui::drawing::strokes::WHITE;
use crate::ui::drawing::surface::{BLACK, Drawing, DrawingSurface};
use crate::ui::select::SelectOption;
use leptos::prelude::*;
use protocol::{ImageShape, NO_LABEL};
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
    // Images of colours are drawn on white paper.
    let is_color = Memo::new(move |_| images.shape().is_color());
    Effect::new(move |_| {
        let (ground, ink) = match is_color.get() {
            true => (PAPER, INKS[0].0),
            false => (BLACK, WHITE),
        };
        drawing.set_ground(ground, ink);
    });
    // Another set may have fewer classes.
    Effect::new(move |_| {
        let classes = images.class_names().len();
        if label
            .get_untracked()
            .is_some_and(|label| usize::from(label) >= classes)
        {
            label.set(None);
        }
    });
    let timer = StoredValue::new(None::<TimeoutHandle>);
    let empty = Memo::new(move |_| drawing.is_empty());

    let cancel_timer = move || {
        if let Some(handle) = timer.try_update_value(Option::take).flatten() {
            handle.clear();
        }
    };
    let add = move || {
        cancel_timer();
        let shape = images.with_untracked(ImageList::shape);
        let Some(pixels) = image_of(drawing, shape) else {
            return;
        };
        let added = pixels.and_then(|pixels| {
            images.add_images(NewImages {
                shape,
                blocks: vec![pixels.into()],
                class_names: images.with_untracked(|list| list.classes().names().to_vec()),
                classes: vec![label.get_untracked().unwrap_or(NO_LABEL)],
            })
        });
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
                label="Drawing pad: draw one image here with pen, finger or mouse"
                hint=move || {
                    let are_digits = images.shape() == ImageShape::MNIST
                        && images.with(|list| list.classes().are_digits());
                    if are_digits { "Draw a digit" } else { "Draw an image" }.to_owned()
                }
                on_begin=move |()| cancel_timer()
                on_segment=|_: f64| ()
                on_end=move |()| stroke_ended()
            />
            <Show when=move || is_color.get()>
                <InkButtons drawing />
            </Show>
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
                    <LabelSelect
                        test_id="pad-label"
                        value=move || label_value(label.get())
                        first=vec![SelectOption::new("", "none")]
                        on_change=move |value: String| label.set(value.parse().ok())
                        on_new=move |name: String| label.set(images.change(|list| list.label_of(&name)))
                    />
                </label>
            </div>
        </div>
    }
}

fn label_value(label: Option<u8>) -> String {
    label.map(|label| label.to_string()).unwrap_or_default()
}

/// The drawing as an image of this shape; `None` if there are no strokes.
fn image_of(drawing: Drawing, shape: ImageShape) -> Option<Result<Vec<u8>, String>> {
    if shape == ImageShape::MNIST {
        let digit = drawing.digit()?;
        return Some(digit.map(Vec::from).map_err(|empty| empty.to_string()));
    }
    drawing.image(shape).map(Ok)
}
