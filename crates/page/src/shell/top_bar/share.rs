//! Copies a link to the current state of the page.

use crate::dom;
use crate::shell::page_state::PageState;
use crate::state::engine_view::EngineView;
use crate::state::notices::Notices;
use crate::ui::button::Button;
use leptos::prelude::*;

/// The share button.
#[component]
pub(crate) fn Share() -> impl IntoView {
    let page = expect_context::<PageState>();
    let view = expect_context::<EngineView>();
    let notices = expect_context::<Notices>();
    let share = move |_| {
        let link = page.link();
        let content = untrack(|| {
            let actions = page.actions;
            let model = actions.current_model().unwrap_or_default();
            let is_own = actions
                .catalog()
                .find(&model)
                .is_some_and(|entry| entry.is_user_model);
            link_content(
                is_own.then_some(&*model),
                view.encoded.with(Option::is_some),
            )
        });
        leptos::task::spawn_local(async move {
            if dom::copy_text(&link).await.is_some() {
                notices.show(format!("Link copied. {content}"));
            } else {
                notices.show_link(format!("Copy this link. {content}"), link);
            }
        });
    };
    view! {
        <Button class="tool" test_id="share" title="Copy a link to this state" on_click=share>
            <svg viewBox="0 0 20 20" aria-hidden="true">
                <path d="M8.3 11.7a3.3 3.3 0 0 0 4.7 0l3-3A3.3 3.3 0 0 0 11.3 4l-1 1M11.7 8.3a3.3 3.3 0 0 0-4.7 0l-3 3A3.3 3.3 0 0 0 8.7 16l1-1" />
            </svg>
            <span>"Share"</span>
        </Button>
    }
}

/// What a link holds and what it does not, given the name of the user model in use and whether an image is encoded.
fn link_content(user_model: Option<&str>, has_image: bool) -> String {
    let mut text = match user_model {
        None => "It opens this model, z, pins, map view and panel".to_owned(),
        Some(_) => "It holds z, pins, map view and panel".to_owned(),
    };
    text.push_str(match (user_model, has_image) {
        (None, false) => ".",
        (None, true) => ", without the encoded image.",
        (Some(_), false) => ", but not your model.",
        (Some(_), true) => ", but neither your model nor the encoded image.",
    });
    if let Some(name) = user_model {
        text.push_str(&format!(
            " “{name}” is stored in this browser only: to pass it on, download its weights in Train."
        ));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn link_content_names_what_is_missing() {
        assert!(!link_content(None, false).contains("not"));
        assert!(link_content(None, true).contains("without the encoded image"));
        let own = link_content(Some("mine"), false);
        assert!(
            own.contains("not your model") && own.contains("“mine”"),
            "{own}"
        );
        assert!(link_content(Some("mine"), true).contains("neither"));
    }
}
