//! The controls of a choice, with previews.

use crate::dom;
use crate::dom::raster::grid;
use crate::features::dataset::conversion::choice::{Choice, is_valid_side};
use crate::features::dataset::conversion::found::{Found, title};
use crate::features::dataset::conversion::preview::{SHOWN, preview};
use crate::features::dataset::conversion::review::Review;
use crate::ui::checkbox::Checkbox;
use crate::ui::segmented_control::{Segment, SegmentedControl};
use crate::ui::select::{Select, SelectOption};
use leptos::{ev, html, prelude::*, reactive::owner::LocalStorage};
use protocol::{Conversion, ImageShape};

/// Pixels between two images of a preview.
const GAP: usize = 1;

const GREY: &str = "grey";
const COLOR: &str = "colour";

/// Conversions with previews, target size, switches.
#[component]
pub(crate) fn ChoiceControls(
    /// The files.
    review: StoredValue<Review, LocalStorage>,
    /// What is chosen.
    draft: RwSignal<Choice>,
    /// The shape of images that must stay.
    fixed: Memo<Option<ImageShape>>,
) -> impl IntoView {
    let found = move |read: fn(&Found) -> bool| review.with_value(|review| read(&review.found));
    let conversion = Memo::new(move |_| draft.with(|draft| draft.conversion));
    let has_shape = Memo::new(move |_| conversion.get() != Conversion::AsDigits);
    let has_size =
        Memo::new(move |_| matches!(conversion.get(), Conversion::Fit | Conversion::Fill));
    let can_invert = Memo::new(move |_| {
        draft.with(|draft| review.with_value(|review| draft.can_invert(&review.found)))
    });
    let subsets = review.with_value(|review| review.found.subsets.clone());
    let is_dark = found(|found| found.is_dark_on_light);
    let channels = move |kind: &'static str| {
        draft.update(|draft| draft.shape.channels = if kind == COLOR { 3 } else { 1 });
    };
    let shown_kind = move || {
        let is_color = draft.with(|draft| draft.shape.is_color());
        if is_color { COLOR } else { GREY }.to_owned()
    };
    view! {
        {(subsets.len() > 1).then(|| view! { <Subset subsets draft /> })}
        <div class="conversion-cards" role="radiogroup" aria-label="Conversion">
            {Conversion::ALL
                .map(|own| view! { <ConversionCard own review draft fixed /> })
                .into_iter()
                .collect_view()}
        </div>
        <div class="conversion-options">
            <Show when=move || has_size.get() && fixed.get().is_none()>
                <div class="conversion-size">
                    <span>"Size"</span>
                    <Side draft label="Width in pixels" test_id="conversion-width" of=|shape| &mut shape.width />
                    "×"
                    <Side draft label="Height in pixels" test_id="conversion-height" of=|shape| &mut shape.height />
                </div>
            </Show>
            <Show when=move || has_shape.get() && fixed.get().is_none()>
                <SegmentedControl
                    name="conversion-channels"
                    value=shown_kind
                    segments=vec![Segment::new(GREY, "Grey"), Segment::new(COLOR, "Colour")]
                    on_change=channels
                >
                    "Pixels"
                </SegmentedControl>
            </Show>
            <div class="conversion-switches">
                <Show when=move || can_invert.get()>
                    <Checkbox
                        test_id="conversion-invert"
                        checked=move || draft.with(|draft| draft.inverts)
                        on_change=move |inverts| draft.update(|draft| draft.inverts = inverts)
                    >
                        {if is_dark {
                            "Invert: the images are dark on light, and become light on dark"
                        } else {
                            "Invert: dark becomes light"
                        }}
                    </Checkbox>
                </Show>
                <Checkbox
                    test_id="conversion-flip"
                    checked=move || draft.with(|draft| draft.transposes)
                    on_change=move |swaps| draft.update(|draft| draft.transposes = swaps)
                >
                    "Flip: swap rows and columns, for images that lie on their side"
                </Checkbox>
            </div>
        </div>
    }
}

/// A conversion with its preview.
#[component]
fn ConversionCard(
    own: Conversion,
    review: StoredValue<Review, LocalStorage>,
    draft: RwSignal<Choice>,
    fixed: Memo<Option<ImageShape>>,
) -> impl IntoView {
    let obstacle = Memo::new(move |_| {
        review.with_value(|review| Choice::obstacle(own, &review.found, fixed.get()))
    });
    // As it would be if this conversion were chosen.
    let choice = Memo::new(move |_| {
        draft.with(|draft| review.with_value(|review| draft.with(own, &review.found, fixed.get())))
    });
    let canvas = NodeRef::<html::Canvas>::new();
    let is_empty = RwSignal::new(false);
    Effect::new(move |_| {
        let (Some(canvas), None) = (canvas.get(), obstacle.get()) else {
            return;
        };
        let choice = choice.get();
        let images = review
            .with_value(|review| preview(&review.found, &choice, review.are_samples_transposed));
        is_empty.set(images.is_empty());
        if !images.is_empty() {
            dom::draw_picture(&canvas, &grid(&images, choice.shape, SHOWN, GAP));
        }
    });
    let is_chosen = move || draft.with(|draft| draft.conversion == own);
    let choose = move |_| {
        if obstacle.get_untracked().is_none() {
            draft.set(choice.get_untracked());
        }
    };
    let name = match own {
        Conversion::AsDigits => "as-digits",
        Conversion::Fit => "fit",
        Conversion::Fill => "fill",
        Conversion::Unchanged => "unchanged",
    };
    let explanation = match own {
        Conversion::AsDigits => {
            "As in MNIST: light on dark, scaled to 20×20 pixels, centred in 28×28"
        }
        Conversion::Fit => "All of the image; its border’s level fills the rest",
        Conversion::Fill => "The middle of the image; both ends are cut off",
        Conversion::Unchanged => "The pixels of the file",
    };
    view! {
        <label
            class="conversion-card"
            class:chosen=is_chosen
            class:disabled=move || obstacle.get().is_some()
        >
            <span class="conversion-head">
                <input
                    type="radio"
                    name="conversion"
                    value=name
                    data-testid=format!("conversion-{name}")
                    prop:checked=is_chosen
                    disabled=move || obstacle.get().is_some()
                    on:change=choose
                />
                <b>{title(own)}</b>
            </span>
            <canvas
                node_ref=canvas
                class:hidden=move || obstacle.get().is_some() || is_empty.get()
                data-testid=format!("conversion-preview-{name}")
                aria-hidden="true"
                width="144"
                height="28"
            ></canvas>
            <span class="conversion-note">
                {move || match obstacle.get() {
                    Some(obstacle) => obstacle,
                    None if is_empty.get() => "None of these images can be converted in this way",
                    None => explanation,
                }}
            </span>
        </label>
    }
}

/// The choice of one of the sets in an archive.
#[component]
fn Subset(subsets: Vec<String>, draft: RwSignal<Choice>) -> impl IntoView {
    let options = std::iter::once(SelectOption::new("", "recommended"));
    let options: Vec<SelectOption> = options
        .chain(
            subsets
                .into_iter()
                .map(|name| SelectOption::new(name.clone(), name)),
        )
        .collect();
    view! {
        <label class="conversion-subset">
            "Set in the archive "
            <Select
                test_id="conversion-subset"
                value=move || draft.with(|draft| draft.subset.clone().unwrap_or_default())
                options
                on_change=move |name: String| {
                    draft.update(|draft| draft.subset = (!name.is_empty()).then_some(name));
                }
            />
        </label>
    }
}

/// A side of the target shape.
#[component]
fn Side(
    draft: RwSignal<Choice>,
    label: &'static str,
    test_id: &'static str,
    of: fn(&mut ImageShape) -> &mut usize,
) -> impl IntoView {
    let value = move || draft.with(|draft| *of(&mut draft.shape.clone()));
    let commit = move |event: ev::Event| {
        let typed = event_target_value(&event).trim().parse::<usize>();
        if let Ok(side) = typed {
            let side = side.clamp(ImageShape::MIN_SIDE, ImageShape::MAX_SIDE);
            debug_assert!(is_valid_side(side), "it was clamped");
            draft.update(|draft| *of(&mut draft.shape) = side);
        }
        // The text may be another one than the value, which changes no signal.
        event_target::<web_sys::HtmlInputElement>(&event).set_value(&untrack(value).to_string());
    };
    view! {
        <input
            type="text"
            inputmode="numeric"
            aria-label=label
            data-testid=test_id
            prop:value=move || value().to_string()
            on:change=commit
        />
    }
}
