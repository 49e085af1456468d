//! Choice of the image x: drawn, opened, or one of the sample images.

use crate::dom;
use crate::features::dataset::image_set::ImageSet;
use crate::features::dataset::sample_set::SampleSet;
use crate::features::dataset::samples::SampleLoader;
use crate::features::encode::input::EncoderInput;
use crate::features::encode::input_image::InputImage;
use crate::features::encode::sample_image::SampleImage;
use crate::features::evidence::estimates::{binarize, is_binary};
use crate::features::evidence::label_note::LabelNote;
use crate::features::evidence::own_samples::own_samples;
use crate::features::evidence::samples_by_class::SamplesByClass;
use crate::features::evidence::sections::Section;
use crate::state::actions::Actions;
use crate::state::engine_view::{EngineView, Image};
use crate::state::label::Label;
use crate::ui::button::{Button, ButtonKind};
use crate::ui::checkbox::Checkbox;
use leptos::prelude::*;
use protocol::Likelihood;
use std::sync::Arc;

/// Sample images of the model's data set, one of each class, the drawing pad, and whether pixels are binarized.
#[component]
pub(crate) fn ImageChoice() -> impl IntoView {
    let actions = expect_context::<Actions>();
    let view = expect_context::<EngineView>();
    let loader = expect_context::<SampleLoader>();
    let conditioning = expect_context::<Label>();
    let own_images = expect_context::<ImageSet>();
    // The chosen image before binarization.
    let chosen_image = RwSignal::new(None::<Arc<Image>>);
    let samples = RwSignal::new(None::<Arc<SamplesByClass>>);
    // Known for the sample images.
    let label = RwSignal::new(None::<usize>);
    // Not before the image that it belongs to is encoded.
    let shown_label = Signal::derive(move || {
        let at = chosen_image.with(|image| image.as_ref().map(|image| image.at));
        let is_encoded = view.encoded.with(|encoded| {
            let encoded = encoded.as_ref();
            encoded.is_some_and(|encoded| Some(encoded.image.at) == at)
        });
        let class = label.get().filter(|_| is_encoded)?;
        samples.with(|samples| samples.as_ref()?.label(class))
    });
    let chosen = RwSignal::new(None::<bool>);
    let model_is_binarized = Memo::new(move |_| {
        view.model
            .with(|model| model.as_ref().is_some_and(|model| model.binarized))
    });
    let is_color = Memo::new(move |_| view.shape().is_color());
    // As in the model's training data, until the user chooses.
    let binarizes = Memo::new(move |_| {
        !is_color.get() && chosen.get().unwrap_or_else(|| model_is_binarized.get())
    });
    Effect::new(move |_| {
        let image = chosen_image.get();
        let binarizes = binarizes.get();
        actions.encode(image.map(|image| match binarizes {
            true => Image {
                pixels: binarize(&image.pixels),
                ..Image::clone(&image)
            },
            false => Image::clone(&image),
        }));
    });
    let round = RwSignal::new(0_usize);
    let problem = RwSignal::new(None::<String>);
    let set = Memo::new(move |_| view.model.with(Option::is_some).then(|| set_of(view)));
    // The label is given to models that are conditioned on the classes of the set.
    let takes_label = Memo::new(move |_| {
        let names = view.class_names();
        let same = samples.with(|samples| {
            samples.as_ref().is_some_and(|samples| {
                *samples.names() == names || names.are_digits() && samples.names().are_digits()
            })
        });
        actions.classes() > 0 && same
    });
    // Shows results from the start, unless the user was faster.
    let offer = move |all: SamplesByClass, first: usize| {
        let shape = all.shape();
        let all = Arc::new(all);
        samples.try_set(Some(all.clone()));
        let has_image = chosen_image
            .try_with_untracked(|image| image.as_ref().is_some_and(|image| image.shape == shape));
        if has_image == Some(false) {
            let class = match takes_label.get_untracked() {
                true => conditioning.rounded_untracked().min(all.classes() - 1),
                false => first,
            };
            label.try_set(Some(class));
            chosen_image.try_set(all.image(class, 0, dom::now()).map(Arc::new));
        }
    };
    Effect::new(move |_| {
        let Some(set) = set.get() else { return };
        samples.set(None);
        problem.set(None);
        round.set(0);
        let Some(set) = set else {
            let shape = untrack(|| view.shape());
            let own = own_images.with_untracked(|list| own_samples(list, shape));
            if let Some(own) = own {
                offer(own, 0);
            }
            return;
        };
        wasm_bindgen_futures::spawn_local(async move {
            let loaded = loader.load(set).await;
            // Another model, or a closed panel.
            if untrack(|| set_of(view)) != Some(set) {
                return;
            }
            match loaded {
                Ok(loaded) => {
                    let all = SamplesByClass::new(loaded, set.class_names(), true);
                    offer(all, initial_class(set));
                }
                Err(error) => {
                    let images = set.images();
                    problem.try_set(Some(format!("The {images} can’t be loaded: {error}")));
                }
            }
        });
    });
    let choose = move |class: usize| {
        let at = dom::now();
        let image = samples.with_untracked(|samples| {
            let samples = samples.as_ref()?;
            samples.image(class, round.get_untracked(), at)
        });
        if takes_label.get_untracked() {
            conditioning.set(class as f32, at);
        }
        label.set(Some(class));
        chosen_image.set(image.map(Arc::new));
    };
    let known_label = Signal::derive(move || label.get().filter(|_| takes_label.get()));
    let row = move || {
        let samples = samples.get()?;
        let round = round.get();
        let buttons = (0..samples.classes()).map(|class| {
            let pixels = samples.nth(class, round).unwrap_or_default();
            view! {
                <SampleImage
                    name=samples.name(class)
                    shape=samples.shape()
                    pixels
                    test_id=format!("evidence-digit-{class}")
                    on_click=move |()| choose(class)
                />
            }
        });
        Some(buttons.collect_view())
    };
    let row_name = move || {
        set.get()
            .flatten()
            .map_or("images of your data set", SampleSet::images)
    };
    let more = move || match set.get().flatten() {
        Some(SampleSet::Digits) => "Ten more",
        _ => "Other examples",
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
    let kind = Memo::new(move |_| view.image_kind());
    let own = move |image: Option<Image>| {
        label.set(None);
        chosen_image.set(image.map(Arc::new));
    };
    view! {
        <section class="view-box card image-choice" id=Section::IMAGE.id tabindex="-1" aria-label="The image x">
            <h3>{move || capitalized(kind.get().a())} " " <i>"x"</i></h3>
            <div class="image-columns">
                <div class="image-column">
                    <div
                        class="sample-digits"
                        class:many=move || samples.with(|samples| samples.as_ref().is_some_and(|all| all.classes() > 10))
                        role="group"
                        aria-label=row_name
                    >
                        {row}
                    </div>
                    <Show when=move || set.get().flatten().is_some() || samples.with(Option::is_some)>
                        <Button
                            kind=ButtonKind::Quiet
                            test_id="evidence-others"
                            disabled=move || samples.with(Option::is_none)
                            on_click=move |_| round.update(|round| *round += 1)
                        >
                            {more}
                        </Button>
                    </Show>
                    {move || problem.get().map(|problem| view! { <p class="map-status">{problem}</p> })}
                    <Show when=move || !is_color.get()>
                        <Checkbox
                            checked=binarizes
                            on_change=move |on| chosen.set(Some(on))
                            test_id="evidence-binarize"
                        >
                            "Binarize: each pixel black or white"
                        </Checkbox>
                    </Show>
                    <p class="map-status">{note}</p>
                    <Show when=move || view.encoded.with(Option::is_some)>
                        <InputImage label=shown_label />
                        <LabelNote known=known_label />
                    </Show>
                </div>
                <EncoderInput on_image=own />
            </div>
        </section>
    }
}

/// The shipped data set of the model's images.
fn set_of(view: EngineView) -> Option<SampleSet> {
    SampleSet::for_model(view.shape(), &view.class_names())
}

/// The class of the first image: a digit that is easy to recognize, and in other sets the first class.
fn initial_class(set: SampleSet) -> usize {
    match set {
        SampleSet::Digits => 3,
        SampleSet::Letters | SampleSet::Emoji => 0,
    }
}

fn capitalized(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(characters).collect()
}
