//! Gives a user model another name.

use crate::features::user_model::name;
use crate::state::actions::Actions;
use crate::state::notices::Notices;
use crate::state::training::TrainingView;
use crate::ui::button::{Button, ButtonKind};
use leptos::{ev, html, prelude::*};

/// The button and, once it is pressed, a field for the new name in its place.
#[component]
pub(crate) fn RenameModel(
    /// The model's name.
    name: Memo<String>,
    /// The button's `data-testid`; the field's is `{test_id}-name`, and its id.
    test_id: &'static str,
) -> impl IntoView {
    let actions = expect_context::<Actions>();
    let training = expect_context::<TrainingView>();
    let notices = expect_context::<Notices>();
    let editing = RwSignal::new(false);
    let text = RwSignal::new(String::new());
    let problem = RwSignal::new(None::<String>);
    let field = NodeRef::<html::Input>::new();
    let button = NodeRef::<html::Button>::new();
    // The focus moves into the field, and back to the button.
    Effect::new(move |was_editing: Option<bool>| {
        let editing = editing.get();
        if editing && let Some(field) = field.get() {
            // Fails only for elements that can't be focused.
            let _ = field.focus();
            field.select();
        }
        if was_editing == Some(true)
            && !editing
            && let Some(button) = button.get()
        {
            let _ = button.focus();
        }
        editing
    });
    let start = move |_| {
        text.set(name.get_untracked());
        problem.set(None);
        editing.set(true);
    };
    let rename = move || {
        let (from, to) = (name.get_untracked(), text.get_untracked());
        match rename(actions, training, &from, &to) {
            Ok(None) => editing.set(false),
            Ok(Some(to)) => {
                editing.set(false);
                notices.show_briefly(format!("“{from}” is now “{to}”."));
            }
            Err(error) => problem.set(Some(error)),
        }
    };
    let on_keydown = move |event: ev::KeyboardEvent| match event.key().as_str() {
        "Enter" => {
            event.prevent_default();
            rename();
        }
        "Escape" => {
            // Only this field is closed, and not a box around it.
            event.stop_propagation();
            editing.set(false);
        }
        _ => {}
    };
    let field_id = format!("{test_id}-name");
    let problem_id = format!("{test_id}-problem");
    move || {
        if !editing.get() {
            return view! {
                <button
                    type="button"
                    class="quiet"
                    node_ref=button
                    data-testid=test_id
                    on:click=start
                >
                    "Rename"
                </button>
            }
            .into_any();
        }
        view! {
            <div class="rename entry wide" role="group" aria-label="Rename the model">
                <label for=field_id.clone()>"New name"</label>
                <span class="entry-line">
                    <input
                        type="text"
                        node_ref=field
                        id=field_id.clone()
                        data-testid=field_id.clone()
                        autocomplete="off"
                        autocapitalize="off"
                        spellcheck="false"
                        aria-describedby=problem_id.clone()
                        aria-invalid=move || problem.with(Option::is_some).to_string()
                        prop:value=text
                        on:input=move |event| {
                            text.set(event_target_value(&event));
                            problem.set(None);
                        }
                        on:keydown=on_keydown
                    />
                    <Button test_id=format!("{test_id}-save") on_click=move |_| rename()>
                        "Save"
                    </Button>
                    <Button kind=ButtonKind::Quiet on_click=move |_| editing.set(false)>
                        "Cancel"
                    </Button>
                </span>
                <span class="entry-problem" id=problem_id.clone() role="status">
                    {move || problem.get()}
                </span>
            </div>
        }
        .into_any()
    }
}

/// Renames a model everywhere. Returns its new name, or `None` if it has that name already.
fn rename(
    actions: Actions,
    training: TrainingView,
    from: &str,
    to: &str,
) -> Result<Option<String>, String> {
    if to.trim() == from {
        return Ok(None);
    }
    let mut taken = untrack(|| actions.catalog()).names();
    // A run that has just started is not in the list yet.
    taken.extend(untrack(|| training.live_name()));
    let to = name::check(to, &taken)?;
    actions.rename_model(from, &to)?;
    training.rename_model(from, &to);
    Ok(Some(to))
}
