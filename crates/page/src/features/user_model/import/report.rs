//! The report on an import: what was read, whether the model works on sample digits, and undo.

use crate::dom::files::files_of_list;
use crate::features::dataset::sample_set::SampleSet;
use crate::features::dataset::samples::SampleLoader;
use crate::features::evidence::estimates::binarize;
use crate::features::user_model::import::address::state::AddressImport;
use crate::features::user_model::import::address::view::AddressStage;
use crate::features::user_model::import::check::{DIGITS, ModelCheck, check_model, choose_digits};
use crate::features::user_model::import::importer::{Imported, ModelImporter};
use crate::features::user_model::import::options::{ImportChoices, ImportLayers};
use crate::features::user_model::import::preview::Preview;
use crate::latent::class_names::ImageKind;
use crate::number::format::nats_with_error;
use crate::state::actions::Actions;
use crate::state::engine_view::EngineView;
use crate::state::label::Label;
use crate::ui::alert::Alert;
use crate::ui::button::{Button, ButtonKind};
use crate::ui::chunk::{ChunkContent, chunk};
use crate::ui::glossary;
use crate::ui::image_grid::ImageGrid;
use crate::ui::tooltip::Tooltip;
use client::JobError;
use leptos::{ev, html, prelude::*};
use wasm_bindgen_futures::spawn_local;

/// The file input, which is not shown, and below it the report on the newest import.
///
/// The input names no file types: checkpoints have many endings (`.ckpt`, `.pth`, `.bin`), and dialogs hide the others.
#[component]
pub(crate) fn ImportReport() -> impl IntoView {
    let importer = expect_context::<ModelImporter>();
    let root = NodeRef::<html::Section>::new();
    let on_change = move |_: ev::Event| {
        if let Some(input) = importer.input.get_untracked() {
            let files = files_of_list(input.files());
            // Otherwise choosing the same file again would fire no event.
            input.set_value("");
            importer.chosen.set(files);
        }
    };
    let address = expect_context::<AddressImport>();
    let is_used = Memo::new(move |before: Option<&bool>| {
        importer.chosen.with(|files| !files.is_empty())
            || address.stage.with(Option::is_some)
            || before == Some(&true)
    });
    let name = Memo::new(move |_| {
        importer
            .imported
            .with(|imported| imported.as_ref().map(|imported| imported.name.clone()))
    });
    // The button that opened the dialog may be far below.
    Effect::new(move |_| {
        let has_content = name.get().is_some()
            || importer.error.with(Option::is_some)
            || address.stage.with(Option::is_some);
        if has_content && let Some(root) = root.get() {
            // Fails only for elements that can't be focused.
            let _ = root.focus();
        }
    });
    let chunk = chunk!(train, import_files, import);
    view! {
        <section class="import" node_ref=root tabindex="-1" aria-label="Model import">
            <input
                type="file"
                class="visually-hidden"
                tabindex="-1"
                aria-label="Files of a model"
                multiple
                node_ref=importer.input
                data-testid="import-weights"
                on:change=on_change
            />
            <Alert message=importer.error />
            <Show when=move || is_used.get()>
                <ChunkContent chunk what="The import" />
            </Show>
        </section>
    }
}

/// Imports the chosen files, and reports on the newest import.
fn import() -> AnyView {
    let importer = expect_context::<ModelImporter>();
    Effect::new(move |_| {
        if importer.chosen.with(|files| !files.is_empty()) {
            importer.add_files(std::mem::take(&mut *importer.chosen.write()));
        }
    });
    let name = Memo::new(move |_| {
        importer
            .imported
            .with(|imported| imported.as_ref().map(|imported| imported.name.clone()))
    });
    view! {
        <AddressStage />
        {move || name.get().map(|name| view! { <Report name /> })}
    }
    .into_any()
}

#[component]
fn Report(
    /// The model's name.
    name: String,
) -> impl IntoView {
    let importer = expect_context::<ModelImporter>();
    let text = move || {
        importer
            .imported
            .with(|imported| imported.as_ref().map(describe))
    };
    let has_encoder = Memo::new(move |_| {
        importer.imported.with(|imported| {
            imported
                .as_ref()
                .is_none_or(|imported| imported.has_encoder)
        })
    });
    let has_encoder = move || has_encoder.get();
    let is_stored = Memo::new(move |_| {
        importer
            .imported
            .with(|imported| imported.as_ref().is_none_or(|imported| imported.is_stored))
    });
    let checked = name.clone();
    view! {
        <div class="import-report">
            <h2>"Imported “" {name.clone()} "”: does it work?"</h2>
            {move || match has_encoder() {
                true => view! { <Check name=checked.clone() /> }.into_any(),
                false => {
                    view! {
                        <p class="hint" role="status" data-testid="import-check">
                            "This model has a decoder alone: sliders, map, traversals and samples of the prior work. \
                             Whatever needs q(z|x) does not: encoding an image, the ELBO, evidence. If its encoder is \
                             in another file, import that now, and both become one model."
                        </p>
                    }
                        .into_any()
                }
            }}
            <div class="import-check">
                <Preview name />
            </div>
            <ImportLayers />
            {move || {
                (!is_stored.get())
                    .then(|| {
                        view! {
                            <p data-testid="import-not-stored">
                                "This model is not stored in this browser: it ends with this visit, unless you keep it."
                            </p>
                        }
                    })
            }}
            <p class="import-layers" role="status" data-testid="import-report">
                {text}
            </p>
            <ImportChoices />
            <div class="alert-actions">
                <Button
                    kind=ButtonKind::Primary
                    test_id="import-keep"
                    on_click=move |_| importer.keep()
                >
                    "Keep it"
                </Button>
                <Button test_id="import-undo" on_click=move |_| importer.undo()>
                    "Undo the import"
                </Button>
            </div>
        </div>
    }
}

/// The layers that were read.
fn describe(imported: &Imported) -> String {
    let Imported { name, mapping, .. } = imported;
    // The weights of a graph have no layers.
    if mapping.is_empty() {
        return format!("{name} is in the list of models.");
    }
    let layers: Vec<_> = mapping
        .iter()
        .map(|(ours, theirs)| format!("{theirs} → {ours}"))
        .collect();
    format!("{name} is in the list of models. {}.", layers.join(", "))
}

/// Reconstructions and −ELBO under the model, once it is current.
#[component]
fn Check(
    /// The model's name.
    name: String,
) -> impl IntoView {
    let actions = expect_context::<Actions>();
    let engine = expect_context::<EngineView>();
    let label = expect_context::<Label>();
    let samples = expect_context::<SampleLoader>();
    let result = RwSignal::new(None::<Result<ModelCheck, String>>);
    // Counts the checks; the results of earlier ones are dropped.
    let latest = StoredValue::new(0_u32);
    Effect::new(move |_| {
        // Other weights under the same name, another label, or another worker.
        engine.generation.track();
        let model = engine.model.get();
        let Some(model) = model.filter(|model| model.name == name) else {
            return;
        };
        latest.update_value(|latest| *latest += 1);
        let number = latest.get_value();
        let class = (model.classes > 0).then(|| label.in_use(model.classes).round() as u8);
        spawn_local(async move {
            let set = SampleSet::for_model(model.image, &untrack(|| engine.class_names()));
            let loaded = match set {
                Some(set) => samples.load(set).await,
                None => Err(format!("no sample images are {}", model.image)),
            };
            let checked = match loaded {
                Ok(loaded) => {
                    let mut images = choose_digits(&loaded, class);
                    if model.binarized {
                        images = binarize(&images);
                    }
                    check_model(actions, model.image, images).await
                }
                Err(reason) => Err(JobError::Failed(reason)),
            };
            let checked = match checked {
                Ok(checked) => Ok(checked),
                // The next generation is checked instead.
                Err(JobError::Cancelled) => return,
                Err(JobError::Failed(reason)) => Err(reason),
            };
            if latest.try_get_value() == Some(number) {
                result.try_set(Some(checked));
            }
        });
    });
    move || match result.get() {
        None => {
            view! { <p class="hint" role="status">"Reconstructing sample images…"</p> }.into_any()
        }
        Some(Err(reason)) => view! {
            <p class="start-error" role="status" data-testid="import-check">
                "The model could not be checked on sample images: "
                {reason}
                "."
            </p>
        }
        .into_any(),
        Some(Ok(check)) => view! { <CheckResult check /> }.into_any(),
    }
}

#[component]
fn CheckResult(check: ModelCheck) -> impl IntoView {
    let passes = check.passes();
    let (mean, error) = check.neg_elbo;
    let ModelCheck {
        shape,
        originals,
        reconstructions,
        ..
    } = check;
    let kind = expect_context::<EngineView>().image_kind();
    let images = kind.many();
    let verdict = if passes {
        format!("The reconstructions are closer to the {images} than their mean image is.")
    } else {
        format!(
            "The reconstructions are no closer to the {images} than their mean image is: the activation or the order \
             of the heads may be wrong, or the model was trained on other images."
        )
    };
    view! {
        <div class="import-check">
            <p class="row-label">
                {match kind {
                    ImageKind::Digit => "MNIST digits",
                    ImageKind::Letter => "letters",
                    ImageKind::Image => "sample images",
                }}
            </p>
            <ImageGrid
                images=originals
                shape
                columns=DIGITS
                label="Images of the sample"
                test_id="import-originals"
            />
            <p class="row-label">"reconstructed at " <i>"z"</i> " = " <i>"μ"</i></p>
            <ImageGrid
                images=reconstructions
                shape
                columns=DIGITS
                label="The same images, reconstructed by the imported model"
                test_id="import-reconstructions"
            />
            <p role="status" data-testid="import-check" data-passes=passes.to_string()>
                <Tooltip text=glossary::NEGATIVE_ELBO>"−ELBO"</Tooltip>
                " "
                <b>{nats_with_error(mean, error)}</b>
                " nats per " {kind.one()} ". "
                <span class:start-error=!passes>{verdict}</span>
            </p>
        </div>
    }
}
