//! Which digit it is about.

use crate::dom;
use crate::features::dataset::image_list::PIXELS;
use crate::features::dataset::samples::{SampleImages, SampleLoader};
use crate::features::encode::input::EncoderInput;
use crate::features::encode::input_image::InputImage;
use crate::features::evidence::estimates::{binarize, is_binary};
use crate::state::actions::Actions;
use crate::state::engine_view::EngineView;
use leptos::{html, prelude::*};
use protocol::Likelihood;
use std::sync::Arc;

/// The pad, ten digits of MNIST to pick from, and whether grey pixels stay.
#[component]
pub(crate) fn ImageChoice() -> impl IntoView {
    let actions = expect_context::<Actions>();
    let view = expect_context::<EngineView>();
    let loader = expect_context::<SampleLoader>();
    // The digit as it was brought, and when.
    let digit = RwSignal::new((None::<Arc<Vec<u8>>>, 0.0));
    let chosen = RwSignal::new(None::<bool>);
    let binarized = Memo::new(move |_| {
        view.model
            .with(|model| model.as_ref().is_some_and(|model| model.binarized))
    });
    // What suits the model, until somebody chooses.
    let ink_or_none = Memo::new(move |_| chosen.get().unwrap_or_else(|| binarized.get()));
    Effect::new(move |_| {
        let (digit, at) = digit.get();
        let ink_or_none = ink_or_none.get();
        let image = digit.map(|digit| match ink_or_none {
            true => binarize(&digit),
            false => digit.to_vec(),
        });
        actions.encode(image, at);
    });
    let samples = RwSignal::new(None::<Arc<Samples>>);
    let round = RwSignal::new(0_usize);
    let trouble = RwSignal::new(None::<String>);
    let failed = move |why: String| {
        trouble.try_set(Some(format!("There are no sample digits: {why}")));
    };
    wasm_bindgen_futures::spawn_local(async move {
        match loader.load().await {
            Ok(loaded) => {
                let all = Arc::new(Samples::new(loaded));
                // Something to look at from the start.
                let none = digit.try_with_untracked(|(digit, _)| digit.is_none());
                if none == Some(true) {
                    digit.try_set((all.nth(FIRST, 0).map(Arc::new), dom::now()));
                }
                samples.try_set(Some(all));
            }
            Err(why) => failed(why),
        }
    });
    let pick = move |class: usize| {
        let picked = samples.with_untracked(|samples| {
            let round = round.get_untracked();
            samples
                .as_ref()
                .and_then(|samples| samples.nth(class, round))
        });
        digit.set((picked.map(Arc::new), dom::now()));
    };
    let row = move || {
        samples.get().map(|samples| {
            let round = round.get();
            (0..10)
                .map(|class| {
                    let pixels = samples.nth(class, round).unwrap_or_default();
                    view! { <Pick class pixels on_pick=move |()| pick(class) /> }
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
            "The pixels are grey: under a Bernoulli decoder all this holds as arithmetic, but p(x) is no \
             probability of grey pictures.",
        )
    };
    view! {
        <div class="subject">
            <h3>"A digit " <i>"x"</i></h3>
            <div class="picks" role="group" aria-label="Digits of MNIST">{row}</div>
            <button
                type="button"
                class="quiet"
                data-testid="evidence-others"
                disabled=move || samples.with(Option::is_none)
                on:click=move |_| round.update(|round| *round += 1)
            >
                "Ten others"
            </button>
            {move || trouble.get().map(|why| view! { <p class="map-status">{why}</p> })}
            <EncoderInput on_digit=move |(pixels, at): (Option<Vec<u8>>, f64)| digit.set((pixels.map(Arc::new), at)) />
            <label class="check">
                <input
                    type="checkbox"
                    data-testid="evidence-binarize"
                    prop:checked=move || ink_or_none.get()
                    on:change=move |event| chosen.set(Some(event_target_checked(&event)))
                />
                " Ink or none: no grey pixels"
            </label>
            <p class="map-status">{note}</p>
            <Show when=move || view.encoded.with(Option::is_some)>
                <InputImage />
            </Show>
        </div>
    }
}

/// The class that one begins with: an easy one to read.
const FIRST: usize = 3;

/// Labelled digits, by class.
#[derive(Debug, PartialEq)]
struct Samples {
    pixels: Arc<Vec<u8>>,
    by_class: [Vec<usize>; 10],
}

impl Samples {
    fn new(SampleImages { pixels, labels }: SampleImages) -> Self {
        let mut by_class: [Vec<usize>; 10] = Default::default();
        for (index, &label) in labels.iter().enumerate() {
            if let Some(class) = by_class.get_mut(usize::from(label)) {
                class.push(index);
            }
        }
        Self { pixels, by_class }
    }

    /// The digit of a class in this round; after the last comes the first again.
    fn nth(&self, class: usize, round: usize) -> Option<Vec<u8>> {
        let of_class = &self.by_class[class];
        let index = *of_class.get(round.checked_rem(of_class.len())?)?;
        let pixels = self.pixels.chunks_exact(PIXELS).nth(index)?;
        Some(pixels.to_vec())
    }
}

/// A digit to pick.
#[component]
fn Pick(class: usize, pixels: Vec<u8>, #[prop(into)] on_pick: Callback<()>) -> impl IntoView {
    let canvas = NodeRef::<html::Canvas>::new();
    Effect::new(move |_| {
        if let Some(canvas) = canvas.get()
            && pixels.len() == PIXELS
        {
            dom::draw_grey(&canvas, &pixels, [28, 28]);
        }
    });
    view! {
        <button
            type="button"
            class="pick"
            data-testid=format!("evidence-digit-{class}")
            aria-label=format!("A {class}")
            on:click=move |_| on_pick.run(())
        >
            <canvas node_ref=canvas width="28" height="28" aria-hidden="true"></canvas>
        </button>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_of_a_class_come_round_and_round() {
        let pixels: Vec<u8> = [1_u8, 2, 3]
            .iter()
            .flat_map(|&grey| vec![grey; PIXELS])
            .collect();
        let samples = Samples::new(SampleImages {
            pixels: Arc::new(pixels),
            labels: Arc::new(vec![4, 7, 4]),
        });
        let first = |class, round| samples.nth(class, round).map(|pixels| pixels[0]);
        assert_eq!(
            [first(4, 0), first(4, 1), first(4, 2)],
            [Some(1), Some(3), Some(1)]
        );
        assert_eq!((first(7, 5), first(0, 0)), (Some(2), None));
    }
}
