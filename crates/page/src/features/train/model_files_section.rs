//! The current model as files: download it, import another; rename or delete it if it is a user model.

use crate::features::train::project::DownloadProject;
use crate::features::user_model::delete::DeleteModel;
use crate::features::user_model::download::download;
use crate::features::user_model::import::importer::ModelImporter;
use crate::features::user_model::rename::RenameModel;
use crate::state::actions::Actions;
use crate::state::engine_view::EngineView;
use crate::state::training::TrainingView;
use crate::ui::alert::Alert;
use crate::ui::button::Button;
use leptos::prelude::*;

/// The buttons.
#[component]
pub(crate) fn ModelFilesSection() -> impl IntoView {
    let actions = expect_context::<Actions>();
    let view = expect_context::<EngineView>();
    let training = expect_context::<TrainingView>();
    let importer = expect_context::<ModelImporter>();
    let error = RwSignal::new(None::<String>);
    let export = move |_| {
        let saved = match actions.files() {
            Some(files) => download(&files.name, &files.card, &files.weights),
            None => Err("There is no model yet.".to_owned()),
        };
        error.set(saved.err());
    };
    let name = Memo::new(move |_| actions.current_model().unwrap_or_default());
    let can_change = Memo::new(move |_| {
        let name = name.get();
        let catalog = actions.catalog();
        let is_own = catalog.find(&name).is_some_and(|entry| entry.is_user_model);
        // The next report of a run would add its model again.
        is_own && !training.is_live_for(&name)
    });
    view! {
        <section class="model-files" aria-label="Model files">
            <p class="hint">"The model on the stage: “" {move || name.get()} "”."</p>
            <div class="gallery-buttons">
                <Button
                    test_id="export-weights"
                    disabled=move || view.model.with(Option::is_none)
                    on_click=export
                >
                    "Download the weights"
                </Button>
                <DownloadProject error />
                <Button test_id="import-open" on_click=move |_| importer.choose_files()>
                    "Import a VAE (PyTorch, ONNX)"
                </Button>
                <Show when=move || can_change.get()>
                    <RenameModel name test_id="rename-model" />
                    <DeleteModel name test_id="remove-model" />
                </Show>
            </div>
            <Alert message=error />
        </section>
    }
}
