//! The model menu: import a model, download the current one; rename or delete it if it is a user model.

use crate::features::user_model::download::download;
use crate::features::user_model::import::importer::ModelImporter;
use crate::features::user_model::model_actions::{ModelActionIds, ModelActions};
use crate::state::actions::Actions;
use crate::ui::alert::Alert;
use crate::ui::button::{Button, ButtonKind};
use crate::ui::popover::Popover;
use leptos::prelude::*;

/// Three dots.
const ICON: &str = "M4.5 10h.01M10 10h.01M15.5 10h.01";

const IDS: ModelActionIds = ModelActionIds {
    rename: "menu-rename",
    download: "menu-download",
    delete: "menu-delete",
};

/// The menu.
#[component]
pub(crate) fn ModelMenu() -> impl IntoView {
    let actions = expect_context::<Actions>();
    let importer = expect_context::<ModelImporter>();
    let open = RwSignal::new(false);
    let error = RwSignal::new(None::<String>);
    let name = Memo::new(move |_| actions.current_model().unwrap_or_default());
    let is_user_model = Memo::new(move |_| {
        let catalog = actions.catalog();
        name.with(|name| catalog.find(name).is_some_and(|entry| entry.is_user_model))
    });
    let save = move |_| {
        let saved = match actions.files() {
            Some(files) => download(&files.name, &files.card, &files.weights),
            None => Err("There is no model yet.".to_owned()),
        };
        error.set(saved.err());
    };
    view! {
        <Popover id="model-menu" label="Import and manage models" test_id="model-menu" icon=ICON open>
            <div class="model-menu">
                <Button
                    kind=ButtonKind::Quiet
                    test_id="menu-import"
                    on_click=move |_| {
                        open.set(false);
                        importer.choose_files();
                    }
                >
                    "Import a model…"
                </Button>
                <p class="hint">"“" {move || name.get()} "”"</p>
                <Show
                    when=move || is_user_model.get()
                    fallback=move || {
                        view! {
                            <Button kind=ButtonKind::Quiet test_id="menu-download" on_click=save>
                                "Download"
                            </Button>
                        }
                    }
                >
                    <ModelActions name ids=IDS />
                </Show>
                <Alert message=error />
            </div>
        </Popover>
    }
}
