//! Weights out and in: the model on the stage as files, and models from files.

use crate::client::engine::ImportFile;
use crate::client::files::IntakeClient;
use crate::dom;
use crate::dom::files::{files_of_list, read as read_file};
use crate::features::train::weight_files;
use crate::features::train::weight_files::BroughtFile;
use crate::state::actions::Actions;
use crate::state::engine_view::EngineView;
use crate::ui::alert::Alert;
use leptos::{ev, html, prelude::*, reactive::owner::LocalStorage};
use protocol::{Activation, ImportGuess, Likelihood};

/// What a file picker offers first. What a file is, its content says.
const ACCEPT: &str = ".safetensors,.json,.pt,.pth";

/// The two buttons, and what came of them.
#[component]
pub(crate) fn WeightsIo() -> impl IntoView {
    let actions = expect_context::<Actions>();
    let view = expect_context::<EngineView>();
    let intake = expect_context::<StoredValue<IntakeClient, LocalStorage>>();
    let input = NodeRef::<html::Input>::new();
    let problem = RwSignal::new(None::<String>);
    let report = RwSignal::new(None::<String>);
    // Kept, as it may have to be understood in another way.
    let brought = RwSignal::new(None::<ImportFile>);
    let guess = RwSignal::new(ImportGuess {
        activation: Activation::Relu,
        likelihood: Likelihood::Bernoulli,
        swap_heads: false,
    });

    let export = move |_| {
        problem.set(None);
        let Some(files) = actions.files() else {
            return problem.set(Some("There is no model yet.".to_owned()));
        };
        let name = &files.name;
        let saved = dom::download(&format!("{name}.safetensors"), &files.weights)
            .and_then(|()| dom::download(&format!("{name}.json"), files.card.as_bytes()));
        if let Err(error) = saved {
            problem.set(Some(format!(
                "The browser did not save the files ({}).",
                dom::describe(&error)
            )));
        }
    };
    let understand = move || {
        let Some(file) = brought.get_untracked() else {
            return;
        };
        let name = file.name.clone();
        actions.import(file, guess.get_untracked(), move |result| match result {
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
                report.try_set(Some(format!("{name} is in the picker. {layers}.{doubt}")));
                actions.adopt(imported.model);
                actions.pick_model(&name);
            }
            Err(why) => {
                report.try_set(None);
                brought.try_set(None);
                problem.try_set(Some(format!(
                    "{name} was not imported: {why}. Everything is as it was."
                )));
            }
        });
    };
    let take = move |file: BroughtFile| {
        let BroughtFile {
            name,
            weights,
            card,
            guess: said,
        } = file;
        let name = weight_files::free_name(&name, &actions.catalog());
        if let Some(said) = said {
            guess.set(said);
        }
        if weight_files::is_archive(&weights) {
            let file = protocol::NamedFile {
                name: name.clone(),
                bytes: weights,
            };
            let done = move |result: Result<Vec<u8>, String>| match result {
                Ok(weights) => {
                    // Later, because the intake is in the middle of something.
                    wasm_bindgen_futures::spawn_local(async move {
                        brought.try_set(Some(ImportFile {
                            name,
                            weights,
                            card,
                        }));
                        understand();
                    });
                }
                Err(why) => {
                    problem.try_set(Some(format!("{name} was not imported: {why}.")));
                }
            };
            intake.with_value(|intake| intake.convert(file, done));
        } else {
            brought.set(Some(ImportFile {
                name,
                weights,
                card,
            }));
            understand();
        }
    };
    let on_change = move |_: ev::Event| {
        let Some(input) = input.get_untracked() else {
            return;
        };
        let files = files_of_list(input.files());
        input.set_value("");
        problem.set(None);
        report.set(None);
        wasm_bindgen_futures::spawn_local(async move {
            let mut read = Vec::new();
            for file in &files {
                match read_file(file).await {
                    Ok(file) => read.push(file),
                    Err(why) => {
                        problem.try_set(Some(format!("{}: {why}.", file.name())));
                        return;
                    }
                }
            }
            match weight_files::sort(read) {
                Ok(file) => take(file),
                Err(why) => {
                    problem.try_set(Some(why));
                }
            }
        });
    };
    let change_activation = move |event: ev::Event| {
        if let Some(activation) = weight_files::activation(&event_target_value(&event)) {
            guess.update(|guess| guess.activation = activation);
            understand();
        }
    };
    let swap = move |event: ev::Event| {
        guess.update(|guess| guess.swap_heads = event_target_checked(&event));
        understand();
    };
    view! {
        <section class="weights-io" aria-label="Weights">
            <div class="gallery-buttons">
                <button
                    type="button"
                    data-testid="export-weights"
                    disabled=move || view.model.with(Option::is_none)
                    on:click=export
                >
                    "Download the weights"
                </button>
                <label class="button-like">
                    "Import a PyTorch VAE"
                    <input
                        type="file"
                        class="visually-hidden"
                        multiple
                        accept=ACCEPT
                        node_ref=input
                        data-testid="import-weights"
                        on:change=on_change
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
                                    "activation "
                                    <select
                                        prop:value=move || {
                                            weight_files::activation_name(guess.get().activation)
                                        }
                                        on:change=change_activation
                                    >
                                        {weight_files::ACTIVATIONS
                                            .map(|(name, _)| view! { <option value=name>{name}</option> })
                                            .collect_view()}
                                    </select>
                                </label>
                                <label class="check">
                                    <input
                                        type="checkbox"
                                        prop:checked=move || guess.get().swap_heads
                                        on:change=swap
                                    />
                                    "swap μ and log σ²"
                                </label>
                            </div>
                        }
                    })
            }}
            <Alert message=problem />
        </section>
    }
}
