//! Lists the files that could not be added.

use crate::features::dataset::file_import_state::FileImportState;
use crate::ui::button::{Button, ButtonKind};
use leptos::prelude::*;
use protocol::FileProblem;

/// Number of problems that are shown; the others are only counted.
const SHOWN: usize = 8;

/// The list, beside the upload.
#[component]
pub(crate) fn ProblemList() -> impl IntoView {
    let import = expect_context::<FileImportState>();
    let items = move || {
        import.problems.with(|problems| {
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
            let others = (more > 0).then(|| view! { <li>{format!("and {more} more")}</li> });
            (items, others)
        })
    };
    let any = Memo::new(move |_| import.problems.with(|problems| !problems.is_empty()));
    view! {
        {move || {
            any.get()
                .then(|| {
                    view! {
                        <div class="file-problems" role="alert" data-testid="error">
                            <p>"Not added (everything else was):"</p>
                            <ul>{items}</ul>
                            <Button kind=ButtonKind::Quiet on_click=move |_| import.problems.set(Vec::new())>
                                "Dismiss"
                            </Button>
                        </div>
                    }
                })
        }}
    }
}
