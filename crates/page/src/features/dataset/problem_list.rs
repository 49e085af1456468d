//! Lists the files that could not be added, and what was changed in others.

use crate::features::dataset::file_import_state::FileImportState;
use crate::features::dataset::image_set::ImageSet;
use crate::ui::button::{Button, ButtonKind};
use leptos::prelude::*;
use protocol::FileProblem;

/// Number of problems that are shown; the others are only counted.
const SHOWN: usize = 8;

/// The lists, beside the upload.
#[component]
pub(crate) fn ProblemList() -> impl IntoView {
    let import = expect_context::<FileImportState>();
    let images = expect_context::<ImageSet>();
    let any = |messages: RwSignal<Vec<FileProblem>>| {
        Memo::new(move |_| messages.with(|messages| !messages.is_empty()))
    };
    let (has_problems, has_notes) = (any(import.problems), any(import.notes));
    view! {
        {move || {
            has_problems
                .get()
                .then(|| {
                    view! {
                        <div class="file-problems" role="alert" data-testid="error">
                            <p>{move || heading(images.count())}</p>
                            <MessageList messages=import.problems />
                        </div>
                    }
                })
        }}
        {move || {
            has_notes
                .get()
                .then(|| {
                    view! {
                        <div class="file-notes" role="status" data-testid="file-notes">
                            <p>"About the files:"</p>
                            <MessageList messages=import.notes />
                        </div>
                    }
                })
        }}
    }
}

/// The title of the list of problems. Of a file that was refused alone, nothing else was added.
fn heading(images: usize) -> &'static str {
    if images == 0 {
        "Not added:"
    } else {
        "Not added (everything else was):"
    }
}

/// Messages about files, newest first, with a button to dismiss them.
#[component]
fn MessageList(messages: RwSignal<Vec<FileProblem>>) -> impl IntoView {
    let items = move || {
        messages.with(|messages| {
            let more = messages.len().saturating_sub(SHOWN);
            let items = messages
                .iter()
                .rev()
                .take(SHOWN)
                .map(|FileProblem { file, reason }| {
                    let file = (!file.is_empty()).then(|| view! { <b>{file.clone()}</b> ": " });
                    view! {
                        <li>
                            {file}
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
    view! {
        <ul>{items}</ul>
        <Button kind=ButtonKind::Quiet on_click=move |_| messages.set(Vec::new())>
            "Dismiss"
        </Button>
    }
}
