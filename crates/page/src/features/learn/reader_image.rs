//! The reader's image: one of the sample digits, drawn, or opened. It is the same in all chapters.

use crate::dom;
use crate::features::dataset::sample_set::SampleSet;
use crate::features::dataset::samples::SampleLoader;
use crate::features::encode::input::EncoderInput;
use crate::features::encode::sample_image::SampleImage;
use crate::features::evidence::estimates::binarize;
use crate::features::evidence::samples_by_class::SamplesByClass;
use crate::features::learn::state::{LearnState, ReaderImage};
use crate::state::actions::Actions;
use crate::state::engine_view::{EngineView, Image};
use crate::ui::button::{Button, ButtonKind};
use leptos::{html, prelude::*};
use protocol::ImageShape;
use std::sync::Arc;
use wasm_bindgen_futures::spawn_local;

/// Classes of digits.
const DIGITS: usize = 10;

/// A row of digits, and the drawing pad on demand.
#[component]
pub(crate) fn ReaderImageChoice(
    /// Whether the chapter is about the image. Otherwise the choice is not shown, but a chosen image stays encoded.
    is_used: bool,
) -> impl IntoView {
    let actions = expect_context::<Actions>();
    let view = expect_context::<EngineView>();
    let state = expect_context::<LearnState>();
    let loader = expect_context::<SampleLoader>();
    let samples = RwSignal::new(None::<Arc<SamplesByClass>>);
    let problem = RwSignal::new(None::<String>);
    let round = RwSignal::new(match state.image.get_untracked() {
        Some(ReaderImage::Digit((_, index))) => index,
        _ => 0,
    });
    spawn_local(async move {
        match loader.load(SampleSet::Digits).await {
            Ok(loaded) => {
                samples.try_set(Some(Arc::new(SamplesByClass::new(
                    loaded,
                    SampleSet::Digits.class_names(),
                    true,
                ))));
            }
            Err(error) => {
                problem.try_set(Some(format!("The sample digits can’t be loaded: {error}")));
            }
        }
    });
    let is_binarized = Memo::new(move |_| {
        view.model
            .with(|model| model.as_ref().is_some_and(|model| model.binarized))
    });
    Effect::new(move |_| {
        let image = match state.image.get() {
            None => None,
            Some(ReaderImage::Own(image)) => Some(Image::clone(&image)),
            Some(ReaderImage::Digit((class, index))) => {
                let Some(samples) = samples.get() else { return };
                samples.image(class, index, dom::now())
            }
        };
        let binarized = is_binarized.get();
        if let Some(mut image) = image {
            if binarized {
                image.pixels = binarize(&image.pixels);
            }
            image.at = dom::now();
            actions.encode(Some(image));
        }
    });
    let row = move || {
        samples.get().map(|samples| {
            let round = round.get();
            (0..DIGITS)
                .map(|class| {
                    let pixels = samples.nth(class, round).unwrap_or_default();
                    let choice = ReaderImage::Digit((class, round));
                    let shown = choice.clone();
                    let is_chosen =
                        move || state.image.with(|image| image.as_ref() == Some(&shown));
                    view! {
                        <SampleImage
                            name=format!("Digit {class}")
                            shape=samples.shape()
                            pixels
                            test_id=format!("learn-digit-{class}")
                            is_chosen=Signal::derive(is_chosen)
                            on_click=move |()| state.image.set(Some(choice.clone()))
                        />
                    }
                })
                .collect_view()
        })
    };
    let own = move |image: Option<Image>| {
        if let Some(image) = image {
            state.image.set(Some(ReaderImage::Own(Arc::new(image))));
        }
    };
    view! {
        <div class="reader-image" class:unused=!is_used>
            <span class="reader-image-label">"Your image " <i>"x"</i></span>
            <Show when=move || view.encoded.with(Option::is_some)>
                <Encoded />
            </Show>
            <div class="sample-digits" role="group" aria-label="MNIST digits">
                {row}
                <Button
                    kind=ButtonKind::Quiet
                    test_id="learn-more-digits"
                    disabled=move || samples.with(Option::is_none)
                    on_click=move |_| round.update(|round| *round += 1)
                >
                    "Ten more"
                </Button>
            </div>
            <details class="reader-own">
                <summary>"Draw or open your own"</summary>
                <EncoderInput on_image=own />
            </details>
            <p class="map-status">
                {move || {
                    let is_other = view.shape() != ImageShape::MNIST;
                    is_other.then_some("The model is of other images. Choose a model of digits to encode them.")
                }}
            </p>
            <p class="map-status">{move || problem.get()}</p>
        </div>
    }
}

/// The image that is encoded, with its pixels as the model gets them.
#[component]
fn Encoded() -> impl IntoView {
    let view = expect_context::<EngineView>();
    let canvas = NodeRef::<html::Canvas>::new();
    Effect::new(move |_| {
        if let (Some(encoded), Some(canvas)) = (view.encoded.get(), canvas.get()) {
            dom::draw_image(&canvas, &encoded.image.pixels, encoded.image.shape);
        }
    });
    view! {
        <canvas
            node_ref=canvas
            class="small-image"
            data-testid="learn-image"
            width="28"
            height="28"
            role="img"
            aria-label="Your image"
        ></canvas>
    }
}
