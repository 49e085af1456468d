//! Files, dropped, picked or pasted, and the sample that comes with the page.

use crate::client::files::IntakeClient;
use crate::dom::files::{fetch_files, files_of_list};
use crate::features::dataset::drop_zone::DropZone;
use crate::features::dataset::file_import::{FileImport, SAMPLE};
use leptos::{ev, html, prelude::*, reactive::owner::LocalStorage};

/// What a file picker offers first. What a file is, its content says.
const ACCEPT: &str = "image/png,image/jpeg,image/webp,image/bmp,image/gif,.zip,.gz,.idx,\
    .idx3-ubyte,.idx1-ubyte,application/zip,application/gzip";

/// The drop zone, the file picker and the sample.
#[component]
pub(crate) fn Upload() -> impl IntoView {
    let intake = expect_context::<StoredValue<IntakeClient, LocalStorage>>();
    let view = expect_context::<FileImport>();
    let input = NodeRef::<html::Input>::new();
    let fetching = RwSignal::new(false);
    let bring = move |files| intake.with_value(|intake| intake.bring(files));

    let on_change = move |_: ev::Event| {
        if let Some(input) = input.get_untracked() {
            bring(files_of_list(input.files()));
            // So that the same file can be picked again.
            input.set_value("");
        }
    };
    let use_sample = move |_| {
        fetching.set(true);
        wasm_bindgen_futures::spawn_local(async move {
            let files = fetch_files(&SAMPLE).await;
            // The panel may have been left meanwhile.
            fetching.try_set(false);
            match files {
                Ok(files) => {
                    let _ = intake.try_with_value(|intake| intake.read(files));
                }
                Err(reason) => view.report("The sample digits", reason),
            }
        });
    };
    view! {
        <div class="bring">
            <DropZone class="drop-zone" on_files=bring>
                <label class="button-like">
                    "Choose files"
                    <input
                        type="file"
                        class="visually-hidden"
                        multiple
                        accept=ACCEPT
                        node_ref=input
                        data-testid="upload"
                        on:change=on_change
                    />
                </label>
                <p>
                    "or drop or paste them here: pictures, a photo of a sheet full of digits, IDX files, ZIPs. "
                    <b>"Nothing leaves your machine."</b>
                </p>
            </DropZone>
            <button
                type="button"
                data-testid="use-sample-digits"
                disabled=move || fetching.get()
                on:click=use_sample
            >
                {move || {
                    if fetching.get() { "Fetching…" } else { "Use 10,000 MNIST digits" }
                }}
            </button>
        </div>
    }
}
