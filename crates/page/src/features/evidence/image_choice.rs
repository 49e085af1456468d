//! Choice of the image x: drawn, opened, or one of the sample digits.

use crate::dom;
use crate::features::dataset::samples::SampleLoader;
use crate::features::encode::input::EncoderInput;
use crate::features::encode::input_image::InputImage;
use crate::features::encode::sample_digit::SampleDigit;
use crate::features::evidence::estimates::{binarize, is_binary};
use crate::features::evidence::samples_by_class::SamplesByClass;
use crate::features::evidence::sections::Section;
use crate::state::actions::Actions;
use crate::state::engine_view::EngineView;
use crate::ui::button::{Button, ButtonKind};
use crate::ui::checkbox::Checkbox;
use leptos::prelude::*;
use protocol::Likelihood;
use std::sync::Arc;

/// Ten sample digits, the drawing pad, and whether pixels are binarized.
#[component]
pub(crate) fn ImageChoice() -> impl IntoView {
    let actions = expect_context::<Actions>();
    let view = expect_context::<EngineView>();
    let loader = expect_context::<SampleLoader>();
    // The chosen image before binarization, and the time of the input event.
    let digit = RwSignal::new((None::<Arc<Vec<u8>>>, 0.0));
    // Known for the sample digits.
    let label = RwSignal::new(None::<usize>);
    // Not before the image that it belongs to is encoded.
    let shown_label = Signal::derive(move || {
        let at = digit.with(|(_, at)| *at);
        let is_encoded = view.encoded.with(|encoded| {
            encoded
                .as_ref()
                .is_some_and(|encoded| encoded.image.at == at)
        });
        label.get().filter(|_| is_encoded)
    });
    let chosen = RwSignal::new(None::<bool>);
    let model_is_binarized = Memo::new(move |_| {
        view.model
            .with(|model| model.as_ref().is_some_and(|model| model.binarized))
    });
    // As in the model's training data, until the user chooses.
    let binarizes = Memo::new(move |_| chosen.get().unwrap_or_else(|| model_is_binarized.get()));
    Effect::new(move |_| {
        let (digit, at) = digit.get();
        let binarizes = binarizes.get();
        let image = digit.map(|digit| match binarizes {
            true => binarize(&digit),
            false => digit.to_vec(),
        });
        actions.encode(image, at);
    });
    let samples = RwSignal::new(None::<Arc<SamplesByClass>>);
    let round = RwSignal::new(0_usize);
    let problem = RwSignal::new(None::<String>);
    wasm_bindgen_futures::spawn_local(async move {
        match loader.load().await {
            Ok(loaded) => {
                let all = Arc::new(SamplesByClass::new(loaded));
                // Show results from the start, unless the user was faster.
                let is_empty = digit.try_with_untracked(|(digit, _)| digit.is_none());
                if is_empty == Some(true) {
                    label.try_set(Some(INITIAL_CLASS));
                    digit.try_set((all.nth(INITIAL_CLASS, 0).map(Arc::new), dom::now()));
                }
                samples.try_set(Some(all));
            }
            Err(error) => {
                problem.try_set(Some(format!("The sample digits can’t be loaded: {error}")));
            }
        }
    });
    let choose = move |class: usize| {
        let chosen = samples.with_untracked(|samples| {
            let round = round.get_untracked();
            samples
                .as_ref()
                .and_then(|samples| samples.nth(class, round))
        });
        label.set(Some(class));
        digit.set((chosen.map(Arc::new), dom::now()));
    };
    let row = move || {
        samples.get().map(|samples| {
            let round = round.get();
            (0..10)
                .map(|class| {
                    let pixels = samples.nth(class, round).unwrap_or_default();
                    let test_id = format!("evidence-digit-{class}");
                    view! { <SampleDigit class pixels test_id on_click=move |()| choose(class) /> }
                })
                .collect_view()
        })
    };
    let note = move || {
        let grey = view.encoded.with(|encoded| {
            encoded
                .as_ref()
                .is_some_and(|encoded| !is_binary(&encoded.image.pixels))
        });
        let bernoulli = view.model.with(|model| {
            model
                .as_ref()
                .is_some_and(|model| model.likelihood == Likelihood::Bernoulli)
        });
        (grey && bernoulli).then_some(
            "The pixels are grey and the likelihood is Bernoulli: the formulas still compute, but for grey pixels \
             p(x) is not a probability.",
        )
    };
    view! {
        <section class="view-box card image-choice" id=Section::IMAGE.id tabindex="-1" aria-label="The image x">
            <h3>"A digit " <i>"x"</i></h3>
            <div class="image-columns">
                <div class="image-column">
                    <div class="sample-digits" role="group" aria-label="MNIST digits">{row}</div>
                    <Button
                        kind=ButtonKind::Quiet
                        test_id="evidence-others"
                        disabled=move || samples.with(Option::is_none)
                        on_click=move |_| round.update(|round| *round += 1)
                    >
                        "Ten more"
                    </Button>
                    {move || problem.get().map(|problem| view! { <p class="map-status">{problem}</p> })}
                    <Checkbox
                        checked=binarizes
                        on_change=move |on| chosen.set(Some(on))
                        test_id="evidence-binarize"
                    >
                        "Binarize: each pixel black or white"
                    </Checkbox>
                    <p class="map-status">{note}</p>
                    <Show when=move || view.encoded.with(Option::is_some)>
                        <InputImage label=shown_label />
                    </Show>
                </div>
                <EncoderInput on_digit=move |(pixels, at): (Option<Vec<u8>>, f64)| {
                    label.set(None);
                    digit.set((pixels.map(Arc::new), at));
                } />
            </div>
        </section>
    }
}

/// Class of the first image, which is easy to recognize.
const INITIAL_CLASS: usize = 3;
