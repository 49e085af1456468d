//! The ways for digits to get in, and what is in.

pub(crate) mod drawing_pad;
pub(crate) mod drop_zone;
pub(crate) mod file_import;
pub(crate) mod gallery;
pub(crate) mod gallery_canvas;
pub(crate) mod gallery_grid;
pub(crate) mod image_list;
pub(crate) mod image_set;
pub(crate) mod problem_list;
pub(crate) mod selection;
pub(crate) mod sheet_review;
pub(crate) mod upload;

use drawing_pad::DrawingPad;
use file_import::FileImport;
use gallery::Gallery;
use image_set::ImageSet;
use leptos::prelude::*;
use problem_list::ProblemList;
use sheet_review::SheetReview;
use upload::Upload;

/// Draw, bring, check, and see what there is.
#[component]
pub(crate) fn DatasetSection() -> impl IntoView {
    let digits = expect_context::<ImageSet>();
    let intake = expect_context::<FileImport>();
    let first_sheet = Memo::new(move |_| intake.sheets.with(|sheets| sheets.first().cloned()));
    view! {
        <section class="digits-in" aria-label="Digits to train on">
            <div class="digits-head">
                <h2>
                    <b data-testid="dataset-count">{move || digits.count()}</b>
                    {move || if digits.count() == 1 { " digit" } else { " digits" }}
                </h2>
                {move || {
                    (intake.waiting.get() > 0)
                        .then(|| view! { <span class="progress" role="status">"Reading…"</span> })
                }}
            </div>
            <div class="digits-ways">
                <DrawingPad />
                <Upload />
            </div>
            <ProblemList />
            {move || first_sheet.get().map(|sheet| view! { <SheetReview sheet /> })}
            <Gallery />
        </section>
    }
}
