//! What was left out, file by file.

use crate::features::dataset::file_import::FileImport;
use leptos::prelude::*;
use protocol::FileProblem;

/// So many are shown; the others are counted.
const SHOWN: usize = 8;

/// The list, beside what caused it.
#[component]
pub(crate) fn ProblemList() -> impl IntoView {
    let view = expect_context::<FileImport>();
    let items = move || {
        view.problems.with(|problems| {
            let more = problems.len().saturating_sub(SHOWN);
            let items = problems
                .iter()
                .rev()
                .take(SHOWN)
                .map(|FileProblem { file, reason }| {
                    view! {
                        <li>
                            <b>{file.clone()}</b>
                            ": "
                            {reason.clone()}
                            "."
                        </li>
                    }
                })
                .collect_view();
            let rest = (more > 0).then(|| view! { <li>{format!("and {more} more.")}</li> });
            (items, rest)
        })
    };
    let some = Memo::new(move |_| view.problems.with(|problems| !problems.is_empty()));
    view! {
        {move || {
            some.get()
                .then(|| {
                    view! {
                        <div class="file-problems" role="alert" data-testid="error">
                            <p>"Left out; everything else went in:"</p>
                            <ul>{items}</ul>
                            <button
                                type="button"
                                class="quiet"
                                on:click=move |_| view.problems.set(Vec::new())
                            >
                                "Dismiss"
                            </button>
                        </div>
                    }
                })
        }}
    }
}
