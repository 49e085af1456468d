//! What can be done with a user model: rename, download, delete.

use crate::features::user_model::delete::DeleteModel;
use crate::features::user_model::download::download;
use crate::features::user_model::rename::RenameModel;
use crate::state::actions::Actions;
use crate::state::training::TrainingView;
use crate::ui::alert::Alert;
use crate::ui::button::{Button, ButtonKind};
use leptos::prelude::*;

/// The `data-testid` of each button.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ModelActionIds {
    /// Rename.
    pub(crate) rename: &'static str,
    /// Download.
    pub(crate) download: &'static str,
    /// Delete.
    pub(crate) delete: &'static str,
}

/// The buttons. While a run trains the model there are none but *Download*: its next report would add it again.
#[component]
pub(crate) fn ModelActions(
    /// The model's name.
    name: Memo<String>,
    /// The names of the buttons in tests.
    ids: ModelActionIds,
) -> impl IntoView {
    let actions = expect_context::<Actions>();
    let training = expect_context::<TrainingView>();
    let is_trained = Memo::new(move |_| training.is_live_for(&name.get()));
    let error = RwSignal::new(None::<String>);
    let save = move |_| {
        let name = name.get_untracked();
        let saved = match actions.user_model(&name) {
            Some(model) => download(&name, &model.card, &model.weights),
            None => Err(format!("There is no model named {name} any more.")),
        };
        error.set(saved.err());
    };
    view! {
        <Show when=move || !is_trained.get()>
            <RenameModel name test_id=ids.rename />
        </Show>
        <Button kind=ButtonKind::Quiet test_id=ids.download on_click=save>
            "Download"
        </Button>
        <Show when=move || !is_trained.get()>
            <DeleteModel name test_id=ids.delete />
        </Show>
        <Alert message=error />
    }
}
