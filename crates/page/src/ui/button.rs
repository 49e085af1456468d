//! A button.

use crate::ui::getter::Getter;
use crate::ui::handler::Handler;
use leptos::{ev::MouseEvent, prelude::*};

/// How much a button stands out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum ButtonKind {
    /// One of several.
    #[default]
    Standard,
    /// The main action of its group.
    Primary,
    /// A secondary action, without a frame.
    Quiet,
}

impl ButtonKind {
    fn class(self) -> Option<&'static str> {
        match self {
            Self::Standard => None,
            Self::Primary => Some("primary"),
            Self::Quiet => Some("quiet"),
        }
    }
}

/// A button. Its text is in the children.
#[component]
pub(crate) fn Button(
    /// How much it stands out.
    #[prop(optional)]
    kind: ButtonKind,
    /// A class in place of the kind's.
    #[prop(optional)]
    class: Option<&'static str>,
    /// Its id, if other code refers to it.
    #[prop(optional)]
    id: Option<&'static str>,
    /// Its `data-testid`.
    #[prop(optional, into)]
    test_id: Option<String>,
    /// What it does, where the text is not enough.
    #[prop(optional, into)]
    title: Option<Getter<String>>,
    /// Its name for screen readers, where the text is not enough.
    #[prop(optional, into)]
    label: Option<Getter<String>>,
    /// The id of the element that describes it.
    #[prop(optional)]
    described_by: Option<&'static str>,
    /// Whether it is disabled.
    #[prop(optional, into)]
    disabled: Option<Getter<bool>>,
    /// Whether it is pressed, for a button that selects something.
    #[prop(optional, into)]
    pressed: Option<Getter<bool>>,
    /// Called on a click, Enter or Space.
    #[prop(into)]
    on_click: Handler<MouseEvent>,
    /// The text.
    children: Children,
) -> impl IntoView {
    view! {
        <button
            type="button"
            id=id
            class=class.or(kind.class())
            data-testid=test_id
            title=title.map(|title| move || title.get())
            aria-label=label.map(|label| move || label.get())
            aria-describedby=described_by
            aria-pressed=pressed.map(|pressed| move || pressed.get().to_string())
            disabled=disabled.map(|disabled| move || disabled.get())
            on:click=move |event| on_click.call(event)
        >
            {children()}
        </button>
    }
}
