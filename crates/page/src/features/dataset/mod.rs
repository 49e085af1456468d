//! The data set of images to train on: drawing, uploading, reviewing and deleting them.

pub(crate) mod conversion;
pub(crate) mod drawing_pad;
pub(crate) mod drop_zone;
pub(crate) mod file_import_state;
pub(crate) mod file_importer;
pub(crate) mod gallery;
pub(crate) mod gallery_canvas;
pub(crate) mod gallery_grid;
pub(crate) mod image_list;
pub(crate) mod image_set;
pub(crate) mod image_store;
pub(crate) mod label_names;
pub(crate) mod label_select;
pub(crate) mod problem_list;
pub(crate) mod sample_set;
pub(crate) mod samples;
pub(crate) mod save_indicator;
pub(crate) mod selection;
pub(crate) mod sheet_review;
pub(crate) mod upload;

use conversion::review_view::ConversionReview;
use drawing_pad::DrawingPad;
use file_import_state::FileImportState;
use gallery::Gallery;
use image_set::ImageSet;
use leptos::prelude::*;
use problem_list::ProblemList;
use save_indicator::SaveIndicator;
use sheet_review::SheetReview;
use upload::Upload;

/// The drawing pad, the upload, files with problems, a photographed sheet to review, and the gallery.
#[component]
pub(crate) fn DatasetSection() -> impl IntoView {
    let images = expect_context::<ImageSet>();
    let files = expect_context::<FileImportState>();
    let first_sheet = Memo::new(move |_| files.sheets.with(|sheets| sheets.first().cloned()));
    view! {
        <section class="dataset" aria-label="Images to train on">
            <div class="dataset-head">
                <p class="dataset-size">
                    <b data-testid="dataset-count">{move || images.count()}</b>
                    {move || if images.count() == 1 { " image" } else { " images" }}
                    <span class="dataset-shape">
                        {move || (images.count() > 0).then_some(" of ")}
                        <span data-testid="dataset-shape">
                            {move || (images.count() > 0).then(|| image_set::shape_text(images.shape()))}
                        </span>
                    </span>
                </p>
                {move || {
                    (files.waiting.get() > 0)
                        .then(|| view! { <span class="progress" role="status">"Reading…"</span> })
                }}
                <SaveIndicator />
            </div>
            <div class="dataset-inputs">
                <DrawingPad />
                <Upload />
            </div>
            <ProblemList />
            <ConversionReview />
            {move || first_sheet.get().map(|sheet| view! { <SheetReview sheet /> })}
            <Gallery />
        </section>
    }
}
