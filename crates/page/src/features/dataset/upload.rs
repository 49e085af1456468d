//! Adds images from files, which can be dropped, chosen or pasted, or the sample images.

use crate::dom::files::files_of_list;
use crate::features::dataset::drop_zone::DropZone;
use crate::features::dataset::file_import_state::FileImportState;
use crate::features::dataset::file_importer::FileImporter;
use crate::features::dataset::image_set::ImageSet;
use crate::features::dataset::samples::SampleLoader;
use crate::ui::button::Button;
use leptos::{ev, html, prelude::*, reactive::owner::LocalStorage};

/// The file types that the dialog offers. The type of a file is detected from its content.
const ACCEPT: &str = "image/png,image/jpeg,image/webp,image/bmp,image/gif,.zip,.gz,.idx,\
    .idx3-ubyte,.idx1-ubyte,application/zip,application/gzip";

/// The drop zone, the file picker and the button for the sample images.
#[component]
pub(crate) fn Upload() -> impl IntoView {
    let importer = expect_context::<StoredValue<FileImporter, LocalStorage>>();
    let import = expect_context::<FileImportState>();
    let images = expect_context::<ImageSet>();
    let samples = expect_context::<SampleLoader>();
    let input = NodeRef::<html::Input>::new();
    let fetching = RwSignal::new(false);
    let add = move |files| importer.with_value(|importer| importer.add_files(files));

    let on_change = move |_: ev::Event| {
        if let Some(input) = input.get_untracked() {
            add(files_of_list(input.files()));
            // Otherwise choosing the same file again would fire no event.
            input.set_value("");
        }
    };
    let use_sample = move |_| {
        fetching.set(true);
        wasm_bindgen_futures::spawn_local(async move {
            let loaded = samples.load().await;
            // The panel may have been closed in the meantime.
            fetching.try_set(false);
            let added = loaded.and_then(|loaded| images.add(&loaded.pixels, &loaded.labels));
            if let Err(reason) = added {
                import.report("The sample digits", reason);
            }
        });
    };
    view! {
        <div class="upload">
            <DropZone class="drop-zone" on_files=add>
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
                    "or drop or paste them here: images, a photo of a sheet full of digits, IDX files, ZIP archives. "
                    <b>"Your files stay on this machine."</b>
                </p>
            </DropZone>
            <Button test_id="use-sample-digits" disabled=fetching on_click=use_sample>
                {move || {
                    if fetching.get() { "Loading…" } else { "Add 10,000 MNIST digits" }
                }}
            </Button>
        </div>
    }
}
