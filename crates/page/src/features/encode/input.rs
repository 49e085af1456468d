//! Where an image comes from: the pad, or a file.

use crate::client::files::IntakeClient;
use crate::dom;
use crate::dom::files::{files_of_list, read as read_file};
use crate::features::dataset::drop_zone::DropZone;
use crate::ui::alert::Alert;
use crate::ui::drawing::surface::{Drawing, DrawingSurface};
use leptos::{ev, html, prelude::*, reactive::owner::LocalStorage};
use web_sys::File;

/// The pad, its buttons, and what is wrong with what was brought.
#[component]
pub(crate) fn Input(
    /// Takes the digit's grey values and when it was drawn; none when it was taken away.
    #[prop(into)]
    on_digit: Callback<(Option<Vec<u8>>, f64)>,
    /// What stands above the pad.
    #[prop(optional)]
    heading: Option<&'static str>,
) -> impl IntoView {
    let intake = expect_context::<StoredValue<IntakeClient, LocalStorage>>();
    let drawing = Drawing::new();
    let file_input = NodeRef::<html::Input>::new();
    let problem = RwSignal::new(None::<String>);
    let empty = Memo::new(move |_| drawing.is_empty());
    // What was encoded last: a stroke ends with the drawing that its last piece made.
    let newest = StoredValue::new(None);
    let encode = move |at: f64| match drawing.digit().transpose() {
        Ok(digit) => {
            if newest.with_value(|newest| *newest != digit) {
                newest.set_value(digit);
                on_digit.run((digit.map(Vec::from), at));
            }
        }
        Err(why) => problem.set(Some(format!("The drawing can’t be encoded: {why}."))),
    };
    let open = move |files: Vec<File>| {
        let Some(file) = files.into_iter().next() else {
            return;
        };
        problem.set(None);
        drawing.clear();
        newest.set_value(None);
        wasm_bindgen_futures::spawn_local(async move {
            let name = file.name();
            match read_file(&file).await {
                Ok(file) => {
                    let done = move |result: Result<Vec<u8>, String>| match result {
                        Ok(pixels) => {
                            on_digit.try_run((Some(first(pixels)), dom::now()));
                        }
                        Err(why) => {
                            problem.try_set(Some(format!("{name}: {why}.")));
                        }
                    };
                    intake.try_with_value(|intake| intake.prepare_file(file, done));
                }
                Err(why) => {
                    problem.try_set(Some(format!("{name}: {why}.")));
                }
            }
        });
    };
    let on_change = move |_: ev::Event| {
        if let Some(input) = file_input.get_untracked() {
            open(files_of_list(input.files()));
            // So that the same file can be picked again.
            input.set_value("");
        }
    };
    view! {
        <section class="encode-input" aria-label="Your digit">
            {heading.map(|heading| view! { <h3>{heading}</h3> })}
            <DropZone class="pad" on_files=open>
                <DrawingSurface
                    drawing
                    test_id="encode-pad"
                    label="Drawing pad: draw one digit here, and it is encoded as you draw"
                    on_begin=move |()| problem.set(None)
                    on_piece=move |at| encode(at)
                    on_end=move |()| encode(dom::now())
                />
                <div class="pad-buttons">
                    <label class="button-like">
                        "Open a picture"
                        <input
                            type="file"
                            class="visually-hidden"
                            accept="image/*"
                            node_ref=file_input
                            data-testid="encode-upload"
                            on:change=on_change
                        />
                    </label>
                    <button
                        type="button"
                        data-testid="encode-undo"
                        disabled=move || empty.get()
                        on:click=move |_| {
                            drawing.undo();
                            encode(dom::now());
                        }
                    >
                        "Undo"
                    </button>
                    <button
                        type="button"
                        data-testid="encode-clear"
                        on:click=move |_| {
                            drawing.clear();
                            newest.set_value(None);
                            on_digit.run((None, dom::now()));
                        }
                    >
                        "Clear"
                    </button>
                </div>
            </DropZone>
            <Alert message=problem />
        </section>
    }
}

/// The first digit of those on a picture.
fn first(mut pixels: Vec<u8>) -> Vec<u8> {
    pixels.truncate(crate::features::dataset::image_list::PIXELS);
    pixels
}
