//! The ways for digits to get in, and what is in.

mod bring;
mod gallery;
mod grid;
mod pad;
mod problem_list;
mod sheet_review;

use crate::{intake::IntakeView, state::DigitSet};
use bring::Bring;
use gallery::Gallery;
use leptos::prelude::*;
use pad::Pad;
use problem_list::ProblemList;
use sheet_review::SheetReview;

/// Draw, bring, check, and see what there is.
#[component]
pub(crate) fn DigitsIn() -> impl IntoView {
    let digits = expect_context::<DigitSet>();
    let intake = expect_context::<IntakeView>();
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
                <Pad />
                <Bring />
            </div>
            <ProblemList />
            {move || first_sheet.get().map(|sheet| view! { <SheetReview sheet /> })}
            <Gallery />
        </section>
    }
}
