//! An explanation beside the label of a control.

use crate::ui::tooltip::Tooltip;
use leptos::prelude::*;

/// A button that explains the control beside it. It is not inside the label: a label names its control, and a control
/// inside it would become part of the name and take its clicks.
#[component]
pub(crate) fn Help(
    /// The explanation, one sentence; see [`glossary`](crate::ui::glossary). Nothing is shown if it is empty.
    text: &'static str,
    /// The id of the label, which names the button.
    #[prop(into)]
    about: String,
) -> impl IntoView {
    (!text.is_empty()).then(|| view! { <Tooltip text about>"?"</Tooltip> })
}
