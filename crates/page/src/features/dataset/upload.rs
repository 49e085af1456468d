//! Adds images from files, which can be dropped, chosen or pasted, or the sample images.

use crate::dom::files::files_of_list;
use crate::features::dataset::drop_zone::DropZone;
use crate::features::dataset::file_import_state::FileImportState;
use crate::features::dataset::file_importer::FileImporter;
use crate::features::dataset::image_list::NewImages;
use crate::features::dataset::image_set::ImageSet;
use crate::features::dataset::sample_set::SampleSet;
use crate::features::dataset::samples::SampleLoader;
use crate::ui::button::Button;
use leptos::{ev, html, prelude::*, reactive::owner::LocalStorage};

/// The drop zone, the pickers and the button for the sample images.
///
/// The pickers name no file types: dialogs then hide files whose names end unusually, such as `t10k-images-idx3-ubyte`.
#[component]
pub(crate) fn Upload() -> impl IntoView {
    let importer = expect_context::<StoredValue<FileImporter, LocalStorage>>();
    let input = NodeRef::<html::Input>::new();
    let add = move |files| importer.with_value(|importer| importer.add_files(files));

    let folder = NodeRef::<html::Input>::new();
    let take = move |input: NodeRef<html::Input>| {
        if let Some(input) = input.get_untracked() {
            add(files_of_list(input.files()));
            // Otherwise choosing the same file again would fire no event.
            input.set_value("");
        }
    };
    let on_change = move |_: ev::Event| take(input);
    let on_folder = move |_: ev::Event| take(folder);
    view! {
        <div class="upload">
            <DropZone class="drop-zone" on_files=add>
                <label class="button-like">
                    "Choose files"
                    <input
                        type="file"
                        class="visually-hidden"
                        multiple
                        node_ref=input
                        data-testid="upload"
                        on:change=on_change
                    />
                </label>
                <label class="button-like">
                    "Choose a folder"
                    <input
                        type="file"
                        class="visually-hidden"
                        multiple
                        prop:webkitdirectory=true
                        node_ref=folder
                        data-testid="upload-folder"
                        on:change=on_folder
                    />
                </label>
                <p>
                    "or drop or paste them here: images, a photo of a sheet full of digits, IDX, NumPy or CSV files, "
                    "ZIP or tar archives. Subfolders are labels. "
                    <b>"Your files stay on this machine."</b>
                </p>
            </DropZone>
            {SampleSet::ALL.map(|set| view! { <SampleButton set /> }).into_iter().collect_view()}
            <SampleSources />
        </div>
    }
}

/// Adds a shipped data set, which is fetched when it is first needed.
#[component]
fn SampleButton(set: SampleSet) -> impl IntoView {
    let import = expect_context::<FileImportState>();
    let images = expect_context::<ImageSet>();
    let samples = expect_context::<SampleLoader>();
    let fetching = RwSignal::new(false);
    let text = match set {
        SampleSet::Digits => "Add 10,000 MNIST digits".to_owned(),
        SampleSet::Letters | SampleSet::Emoji => format!("Add {}", set.description()),
    };
    let add = move |_| {
        fetching.set(true);
        wasm_bindgen_futures::spawn_local(async move {
            let loaded = samples.load(set).await;
            // The panel may have been closed in the meantime.
            fetching.try_set(false);
            let added = loaded.and_then(|loaded| {
                images.add_images(NewImages {
                    shape: loaded.shape,
                    blocks: vec![loaded.pixels.as_slice().into()],
                    class_names: set.names(),
                    classes: loaded.labels.to_vec(),
                })
            });
            if let Err(reason) = added {
                import.report(format!("The sample {}", set.images()), reason);
            }
        });
    };
    view! {
        <Button test_id=format!("use-sample-{}", set.name()) disabled=fetching on_click=add>
            {move || if fetching.get() { "Loading…".to_owned() } else { text.clone() }}
        </Button>
    }
}

/// Sources and licences of the shipped data sets.
#[component]
fn SampleSources() -> impl IntoView {
    let item = |set: SampleSet| {
        set.card().map(|card| {
            let list = set.list_path().map(|path| {
                view! {
                    " "
                    <a href=path target="_blank" rel="noopener">
                        "All of them"
                    </a>
                    "."
                }
            });
            view! {
                <li>
                    <b>{card.title.clone()}</b>
                    {format!(": {}. Licence: {}.", card.source, card.licence)}
                    {list}
                </li>
            }
        })
    };
    view! {
        <details class="sample-sources">
            <summary>"Sources and licences"</summary>
            <ul>{SampleSet::ALL.map(item).into_iter().collect_view()}</ul>
        </details>
    }
}
