//! The model menu: the included models by their data sets; import a model, see the current one's card and download it;
//! rename or delete it if it is a user model.

use crate::features::user_model::card_facts::CardFacts;
use crate::features::user_model::download::download;
use crate::features::user_model::import::importer::ModelImporter;
use crate::features::user_model::model_actions::{ModelActionIds, ModelActions};
use crate::features::user_model::model_groups::ModelGroups;
use crate::features::user_model::onnx::{DownloadOnnx, OnnxHelp};
use crate::state::actions::Actions;
use crate::ui::alert::Alert;
use crate::ui::button::{Button, ButtonKind};
use crate::ui::chunk::{ChunkContent, chunk};
use crate::ui::popover::Popover;
use leptos::prelude::*;

/// Four tiles.
const ICON: &str = "M3.5 3.5h5v5h-5zM11.5 3.5h5v5h-5zM3.5 11.5h5v5h-5zM11.5 11.5h5v5h-5z";

const IDS: ModelActionIds = ModelActionIds {
    rename: "menu-rename",
    download: "menu-download",
    delete: "menu-delete",
};

/// Whether the menu is open, for its content.
#[derive(Debug, Clone, Copy)]
struct IsOpen(RwSignal<bool>);

/// The menu. Its content is fetched when it is opened for the first time: it has previews, and is in the same chunk as
/// Train, which has most of its buttons, too.
#[component]
pub(crate) fn ModelMenu() -> impl IntoView {
    let open = RwSignal::new(false);
    provide_context(IsOpen(open));
    let was_open = Memo::new(move |before: Option<&bool>| open.get() || before == Some(&true));
    let chunk = chunk!(train, model_menu, content);
    view! {
        <Popover id="model-menu" label="Models: choose, import and manage" test_id="model-menu" icon=ICON open>
            <Show when=move || was_open.get()>
                <ChunkContent chunk what="The menu" />
            </Show>
        </Popover>
    }
}

/// What is in the menu.
fn content() -> AnyView {
    let actions = expect_context::<Actions>();
    let importer = expect_context::<ModelImporter>();
    let IsOpen(open) = expect_context();
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
                <OnnxHelp />
                <ModelGroups on_choose=move |()| open.set(false) />
                <h3 class="current-model">"“" {move || name.get()} "”"</h3>
                <CardFacts />
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
                <DownloadOnnx error />
                <Alert message=error />
            </div>
    }
    .into_any()
}
