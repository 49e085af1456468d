//! Input of an image: drawing pad or file.

use crate::dom;
use crate::dom::files::{PickedFile, files_of_list, read as read_file};
use crate::features::dataset::drop_zone::DropZone;
use crate::features::dataset::file_importer::FileImporter;
use crate::state::engine_view::{EngineView, Image};
use crate::ui::alert::Alert;
use crate::ui::button::Button;
use crate::ui::drawing::inks::{INKS, InkButtons, PAPER};
use crate::ui::drawing::strokes::WHITE;
use crate::ui::drawing::surface::{BLACK, Drawing, DrawingSurface};
use leptos::{ev, html, prelude::*, reactive::owner::LocalStorage};
use protocol::{Conversion, ImageShape, Polarity, ReadImages, ReadOptions};

/// The drawing pad with its buttons and error message. It gives images of the current model's shape: digits as in
/// MNIST, and the whole drawing in other sizes and in colour.
#[component]
pub(crate) fn EncoderInput(
    /// Receives the image with the input event's time; `None` if it was cleared.
    #[prop(into)]
    on_image: Callback<Option<Image>>,
    /// Whether there is a heading above the pad.
    #[prop(optional)]
    has_heading: bool,
) -> impl IntoView {
    let importer = expect_context::<StoredValue<FileImporter, LocalStorage>>();
    let view = expect_context::<EngineView>();
    let shape = Memo::new(move |_| view.shape());
    let kind = Memo::new(move |_| view.image_kind());
    let drawing = Drawing::new();
    let file_input = NodeRef::<html::Input>::new();
    let problem = RwSignal::new(None::<String>);
    let empty = Memo::new(move |_| drawing.is_empty());
    // The end of a stroke repeats the drawing of its last segment, which need not be encoded again.
    let last_encoded = StoredValue::new(None);
    let encode = move |at: f64| {
        let shape = shape.get_untracked();
        let pixels = match shape == ImageShape::MNIST {
            true => drawing
                .digit()
                .transpose()
                .map(|digit| digit.map(Vec::from)),
            false => Ok(drawing.image(shape)),
        };
        match pixels {
            Ok(pixels) => {
                if last_encoded.with_value(|last| *last != pixels) {
                    last_encoded.set_value(pixels.clone());
                    on_image.run(pixels.map(|pixels| Image { shape, pixels, at }));
                }
            }
            Err(error) => problem.set(Some(format!("The drawing can’t be encoded: {error}."))),
        }
    };
    Effect::new(move |before: Option<ImageShape>| {
        let now = shape.get();
        let (ground, ink) = match now.is_color() {
            true => (PAPER, INKS[0].0),
            false => (BLACK, WHITE),
        };
        drawing.set_ground(ground, ink);
        if before.is_some_and(|before| before != now) && !empty.get_untracked() {
            last_encoded.set_value(None);
            encode(dom::now());
        }
        now
    });
    let open = move |files: Vec<PickedFile>| {
        let Some(PickedFile { file, .. }) = files.into_iter().next() else {
            return;
        };
        problem.set(None);
        drawing.clear();
        last_encoded.set_value(None);
        let shape = shape.get_untracked();
        wasm_bindgen_futures::spawn_local(async move {
            let name = file.name();
            match read_file(&file).await {
                Ok(file) => {
                    let done = move |result: Result<ReadImages, String>| match result {
                        Ok(images) => {
                            on_image.try_run(Some(first_image(images)));
                        }
                        Err(error) => {
                            problem.try_set(Some(format!("{name}: {error}.")));
                        }
                    };
                    importer.try_with_value(|importer| {
                        importer.read_images(vec![file], options(shape), done);
                    });
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
        <section class="encode-input" aria-label=move || format!("Your {}", kind.get().one())>
            {has_heading.then(|| view! { <h3>"Draw " {move || kind.get().a()}</h3> })}
            <DropZone class="pad" on_files=open>
                <DrawingSurface
                    drawing
                    test_id="encode-pad"
                    label=move || {
                        let kind = kind.get().one();
                        format!("Drawing pad: draw one {kind}; it is encoded as you draw")
                    }
                    hint=move || format!("Draw {}", kind.get().a())
                    on_begin=move |()| problem.set(None)
                    on_segment=move |at| encode(at)
                    on_end=move |()| encode(dom::now())
                />
                <Show when=move || shape.get().is_color()>
                    <InkButtons drawing />
                </Show>
                <div class="pad-buttons">
                    <label class="button-like">
                        "Open an image"
                        <input
                            type="file"
                            class="visually-hidden"
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
                            on_image.run(None);
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

/// Digits are normalized as in MNIST; other images are fitted into the shape, with the colours that they have.
fn options(shape: ImageShape) -> ReadOptions {
    if shape == ImageShape::MNIST {
        return ReadOptions::default();
    }
    ReadOptions {
        conversion: Conversion::Fit,
        shape,
        polarity: Polarity::Keep,
        ..ReadOptions::default()
    }
}

/// The first of the images found in a file.
fn first_image(images: ReadImages) -> Image {
    let shape = images.shape;
    let mut pixels = images.into_pixels();
    pixels.truncate(shape.values());
    Image {
        shape,
        pixels,
        at: dom::now(),
    }
}
