//! The bar at the lower edge of the panel, always in view: the buttons of the run, and its status.

use crate::features::train::progress::RunStatusLine;
use crate::features::train::run_buttons::RunButtons;
use crate::ui::height_variable::height_variable;
use leptos::{html, prelude::*};

/// The bar.
#[component]
pub(crate) fn TrainBar(
    /// Called when a run was started.
    on_start: Callback<()>,
) -> impl IntoView {
    // Notices are above it, and nothing that has the focus is below it.
    let bar = NodeRef::<html::Div>::new();
    height_variable(bar, "--train-bar-height", 0);
    view! {
        <div class="train-bar" node_ref=bar>
            <RunStatusLine />
            <RunButtons on_start />
        </div>
    }
}
