//! How the images of the last import were converted, and the way to another conversion.

use crate::features::dataset::conversion::choice::suggest;
use crate::features::dataset::conversion::choice_view::ChoiceControls;
use crate::features::dataset::conversion::found::title;
use crate::features::dataset::conversion::review::Review;
use crate::features::dataset::file_import_state::FileImportState;
use crate::features::dataset::file_importer::FileImporter;
use crate::features::dataset::image_set::{ImageSet, shape_text};
use crate::number::format::grouped;
use crate::ui::button::{Button, ButtonKind};
use crate::ui::checkbox::Checkbox;
use leptos::{prelude::*, reactive::owner::LocalStorage};

/// The section, while images of the last import are in the data set.
#[component]
pub(crate) fn ConversionReview() -> impl IntoView {
    let import = expect_context::<FileImportState>();
    let images = expect_context::<ImageSet>();
    let is_shown = Memo::new(move |_| {
        import.review.with(|review| {
            review.as_ref().is_some_and(|review| {
                images.with(|list| list.ids().iter().any(|id| review.ids.contains(id)))
            })
        })
    });
    move || {
        is_shown
            .get()
            .then(|| import.review.get())
            .flatten()
            .map(|review| view! { <ReviewSection review /> })
    }
}

#[component]
fn ReviewSection(review: Review) -> impl IntoView {
    let import = expect_context::<FileImportState>();
    let importer = expect_context::<StoredValue<FileImporter, LocalStorage>>();
    let (applied, others) = (review.applied.clone(), review.others);
    let text = summary(&review);
    let is_open = RwSignal::new(review.asks);
    let draft = RwSignal::new(applied.clone());
    let replaces = RwSignal::new(false);
    let review = StoredValue::new_local(review);
    let fixed = Memo::new(move |_| others.filter(|_| !replaces.get()));
    let is_reading = Memo::new(move |_| import.waiting.get() > 0);
    let has_changed = {
        let applied = applied.clone();
        Memo::new(move |_| replaces.get() || draft.with(|draft| *draft != applied))
    };
    let set_replaces = move |on: bool| {
        replaces.set(on);
        draft.set(if on {
            review.with_value(|review| suggest(&review.found, None).choice)
        } else {
            applied.clone()
        });
    };
    let apply = move |_| {
        let (draft, replaces) = (draft.get_untracked(), replaces.get_untracked());
        importer.with_value(|importer| importer.convert_again(draft, replaces, || ()));
    };
    view! {
        <section class="conversion" aria-label="How images are converted" data-testid="conversion">
            <div class="conversion-summary">
                <p data-testid="conversion-summary">{text}</p>
                <button
                    type="button"
                    class="quiet"
                    data-testid="conversion-change"
                    aria-expanded=move || is_open.get().to_string()
                    on:click=move |_| is_open.update(|open| *open = !*open)
                >
                    {move || {
                        if is_open.get() { "Close" } else { "Change how images are converted" }
                    }}
                </button>
            </div>
            <Show when=move || is_open.get()>
                <ChoiceControls review draft fixed />
                {others
                    .map(|shape| {
                        view! {
                            <Checkbox
                                test_id="conversion-replace"
                                checked=replaces
                                on_change=set_replaces.clone()
                            >
                                {format!(
                                    "Replace the other images, which are {}, so that the size can be chosen",
                                    shape_text(shape),
                                )}
                            </Checkbox>
                        }
                    })}
                <div class="conversion-buttons">
                    <Button
                        kind=ButtonKind::Primary
                        test_id="conversion-apply"
                        disabled=move || !has_changed.get() || is_reading.get()
                        on_click=apply
                    >
                        {move || {
                            if is_reading.get() {
                                "Reading…"
                            } else if has_changed.get() {
                                "Convert again"
                            } else {
                                "Converted in this way"
                            }
                        }}
                    </Button>
                </div>
            </Show>
        </section>
    }
}

/// `icons.zip: 1,500 images, 32×32 colour, unchanged`.
fn summary(review: &Review) -> String {
    let (own, shape) = (review.found.size_text(), shape_text(review.applied.shape));
    let sizes = if own == shape {
        own
    } else {
        format!("{own} → {shape}")
    };
    let images = if review.count == 1 { "image" } else { "images" };
    format!(
        "{}: {} {images}, {sizes}, {}",
        review.name,
        grouped(review.count),
        title(review.applied.conversion).to_lowercase()
    )
}
