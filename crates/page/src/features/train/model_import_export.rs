//! Exports the current model as files and imports models from files.

use crate::dom;
use crate::dom::files::{files_of_list, read as read_file};
use crate::features::dataset::file_importer::FileImporter;
use crate::features::train::uploaded_weights;
use crate::features::train::uploaded_weights::UploadedWeights;
use crate::state::actions::Actions;
use crate::state::engine_view::EngineView;
use crate::ui::alert::Alert;
use crate::ui::button::Button;
use crate::ui::checkbox::Checkbox;
use crate::ui::select::{Select, SelectOption};
use client::StateDictFile;
use leptos::{ev, html, prelude::*, reactive::owner::LocalStorage};
use protocol::{Activation, ImportOptions, Likelihood};
use wasm_bindgen_futures::spawn_local;

/// The file types that the dialog offers. The type of a file is detected from its content.
const ACCEPT: &str = ".safetensors,.json,.pt,.pth";

/// The two buttons, and the report on an import.
#[component]
pub(crate) fn ModelImportExport() -> impl IntoView {
    let actions = expect_context::<Actions>();
    let view = expect_context::<EngineView>();
    let importer = expect_context::<StoredValue<FileImporter, LocalStorage>>();
    let input = NodeRef::<html::Input>::new();
    let error = RwSignal::new(None::<String>);
    let report = RwSignal::new(None::<String>);
    // Kept, because it is imported again when the guess is corrected.
    let file = RwSignal::new(None::<StateDictFile>);
    let guess = RwSignal::new(ImportOptions {
        activation: Activation::Relu,
        likelihood: Likelihood::Bernoulli,
        swap_heads: false,
    });

    let export = move |_| {
        error.set(None);
        let Some(files) = actions.files() else {
            return error.set(Some("There is no model yet.".to_owned()));
        };
        let name = &files.name;
        let saved = dom::download(&format!("{name}.safetensors"), &files.weights)
            .and_then(|()| dom::download(&format!("{name}.json"), files.card.as_bytes()));
        if let Err(cause) = saved {
            error.set(Some(format!(
                "The browser did not save the files ({}).",
                dom::describe(&cause)
            )));
        }
    };
    let import = move || {
        let Some(to_import) = file.get_untracked() else {
            return;
        };
        let name = to_import.name.clone();
        let imported = actions.import(to_import, guess.get_untracked());
        spawn_local(async move {
            match imported.await {
                Ok(imported) => {
                    let layers = imported
                        .mapping
                        .iter()
                        .map(|(ours, theirs)| format!("{theirs} → {ours}"))
                        .collect::<Vec<_>>()
                        .join(", ");
                    let doubt = if imported.heads_guessed {
                        " Which head is μ is a guess: swap them if the reconstructions look wrong."
                    } else {
                        ""
                    };
                    report.try_set(Some(format!(
                        "{name} is in the list of models. {layers}.{doubt}"
                    )));
                    actions.add_model(imported.model);
                    actions.select_model(&name);
                }
                Err(cause) => {
                    report.try_set(None);
                    file.try_set(None);
                    error.try_set(Some(format!(
                        "{name} was not imported: {cause}. Nothing has changed."
                    )));
                }
            }
        });
    };
    let receive = move |uploaded: UploadedWeights| {
        let UploadedWeights {
            name,
            weights,
            card,
            guess: from_card,
        } = uploaded;
        let name = uploaded_weights::free_name(&name, &actions.catalog());
        if let Some(from_card) = from_card {
            guess.set(from_card);
        }
        if uploaded_weights::is_archive(&weights) {
            let archive = protocol::NamedFile {
                name: name.clone(),
                bytes: weights,
            };
            let done = move |result: Result<Vec<u8>, String>| match result {
                Ok(weights) => {
                    // In a separate task, because the importer is borrowed during this call.
                    wasm_bindgen_futures::spawn_local(async move {
                        file.try_set(Some(StateDictFile {
                            name,
                            weights,
                            card,
                        }));
                        import();
                    });
                }
                Err(cause) => {
                    error.try_set(Some(format!("{name} was not imported: {cause}.")));
                }
            };
            importer.with_value(|importer| importer.convert_checkpoint(archive, done));
        } else {
            file.set(Some(StateDictFile {
                name,
                weights,
                card,
            }));
            import();
        }
    };
    let on_upload = move |_: ev::Event| {
        let Some(input) = input.get_untracked() else {
            return;
        };
        let files = files_of_list(input.files());
        input.set_value("");
        error.set(None);
        report.set(None);
        wasm_bindgen_futures::spawn_local(async move {
            let mut contents = Vec::new();
            for file in &files {
                match read_file(file).await {
                    Ok(content) => contents.push(content),
                    Err(cause) => {
                        error.try_set(Some(format!("{}: {cause}.", file.name())));
                        return;
                    }
                }
            }
            match uploaded_weights::separate(contents) {
                Ok(uploaded) => receive(uploaded),
                Err(cause) => {
                    error.try_set(Some(cause));
                }
            }
        });
    };
    let choose_activation = move |name: String| {
        if let Some(activation) = Activation::from_name(&name) {
            guess.update(|guess| guess.activation = activation);
            import();
        }
    };
    let swap_heads = move |swap: bool| {
        guess.update(|guess| guess.swap_heads = swap);
        import();
    };
    let activations = Activation::ALL
        .map(|activation| SelectOption::new(activation.name(), activation.name()))
        .to_vec();
    view! {
        <section class="model-files" aria-label="Model files">
            <div class="gallery-buttons">
                <Button
                    test_id="export-weights"
                    disabled=move || view.model.with(Option::is_none)
                    on_click=export
                >
                    "Download the weights"
                </Button>
                <label class="button-like">
                    "Import a PyTorch VAE"
                    <input
                        type="file"
                        class="visually-hidden"
                        multiple
                        accept=ACCEPT
                        node_ref=input
                        data-testid="import-weights"
                        on:change=on_upload
                    />
                </label>
            </div>
            {move || {
                report
                    .get()
                    .map(|text| {
                        view! {
                            <div class="import-report">
                                <p role="status" data-testid="import-report">
                                    {text}
                                </p>
                                <label class="pad-label">
                                    "Activation "
                                    <Select
                                        value=move || guess.get().activation.name().to_owned()
                                        options=activations.clone()
                                        on_change=choose_activation
                                    />
                                </label>
                                <Checkbox checked=move || guess.get().swap_heads on_change=swap_heads>
                                    "Swap μ and log σ²"
                                </Checkbox>
                            </div>
                        }
                    })
            }}
            <Alert message=error />
        </section>
    }
}
