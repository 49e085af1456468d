//! Input of an image: drawing pad or file.

use crate::dom;
use crate::dom::files::{PickedFile, files_of_list, read as read_file};
use crate::features::dataset::drop_zone::DropZone;
use crate::features::dataset::file_importer::FileImporter;
use crate::ui::alert::Alert;
use crate::ui::button::Button;
use crate::ui::drawing::surface::{Drawing, DrawingSurface};
use leptos::{ev, html, prelude::*, reactive::owner::LocalStorage};

/// The drawing pad with its buttons and error message.
#[component]
pub(crate) fn EncoderInput(
    /// Receives the digit's grey values, `[28 × 28]`, and the input event's time; `None` if it was cleared.
    #[prop(into)]
    on_digit: Callback<(Option<Vec<u8>>, f64)>,
    /// Heading above the pad.
    #[prop(optional)]
    heading: Option<&'static str>,
) -> impl IntoView {
    let importer = expect_context::<StoredValue<FileImporter, LocalStorage>>();
    let drawing = Drawing::new();
    let file_input = NodeRef::<html::Input>::new();
    let problem = RwSignal::new(None::<String>);
    let empty = Memo::new(move |_| drawing.is_empty());
    // The end of a stroke repeats the drawing of its last segment, which need not be encoded again.
    let last_encoded = StoredValue::new(None);
    let encode = move |at: f64| match drawing.digit().transpose() {
        Ok(digit) => {
            if last_encoded.with_value(|last| *last != digit) {
                last_encoded.set_value(digit);
                on_digit.run((digit.map(Vec::from), at));
            }
        }
        Err(error) => problem.set(Some(format!("The drawing can’t be encoded: {error}."))),
    };
    let open = move |files: Vec<PickedFile>| {
        let Some(PickedFile { file, .. }) = files.into_iter().next() else {
            return;
        };
        problem.set(None);
        drawing.clear();
        last_encoded.set_value(None);
        wasm_bindgen_futures::spawn_local(async move {
            let name = file.name();
            match read_file(&file).await {
                Ok(file) => {
                    let done = move |result: Result<Vec<u8>, String>| match result {
                        Ok(pixels) => {
                            on_digit.try_run((Some(first_image(pixels)), dom::now()));
                        }
                        Err(error) => {
                            problem.try_set(Some(format!("{name}: {error}.")));
                        }
                    };
                    importer.try_with_value(|importer| importer.read_digit(file, done));
                }
                Err(error) => {
                    problem.try_set(Some(format!("{name}: {error}.")));
                }
            }
        });
    };
    let on_change = move |_: ev::Event| {
        if let Some(input) = file_input.get_untracked() {
            open(files_of_list(input.files()));
            // Otherwise choosing the same file again would not fire `change`.
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
                    label="Drawing pad: draw one digit; it is encoded as you draw"
                    on_begin=move |()| problem.set(None)
                    on_segment=move |at| encode(at)
                    on_end=move |()| encode(dom::now())
                />
                <div class="pad-buttons">
                    <label class="button-like">
                        "Open an image"
                        <input
                            type="file"
                            class="visually-hidden"
                            accept="image/*"
                            node_ref=file_input
                            data-testid="encode-upload"
                            on:change=on_change
                        />
                    </label>
                    <Button
                        test_id="encode-undo"
                        disabled=move || empty.get()
                        on_click=move |_| {
                            drawing.undo();
                            encode(dom::now());
                        }
                    >
                        "Undo"
                    </Button>
                    <Button
                        test_id="encode-clear"
                        on_click=move |_| {
                            drawing.clear();
                            last_encoded.set_value(None);
                            on_digit.run((None, dom::now()));
                        }
                    >
                        "Clear"
                    </Button>
                </div>
            </DropZone>
            <Alert message=problem />
        </section>
    }
}

/// The first of the digits found in a file.
fn first_image(mut pixels: Vec<u8>) -> Vec<u8> {
    pixels.truncate(crate::features::dataset::image_list::PIXELS);
    pixels
}
