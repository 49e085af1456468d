//! The bar at the lower edge of the panel, always in view: the buttons of the run, and its status.

use crate::features::train::progress::RunStatusLine;
use crate::features::train::run_buttons::RunButtons;
use leptos::prelude::*;

/// The bar.
#[component]
pub(crate) fn TrainBar(
    /// Called when a run was started.
    on_start: Callback<()>,
) -> impl IntoView {
    view! {
        <div class="train-bar">
            <RunStatusLine />
            <RunButtons on_start />
        </div>
    }
}
