//! A notice about an interrupted run, for visitors who don't have the Train panel open.

use crate::features::train::interrupted_run::checkpoint_summary;
use crate::shell::tabs::tab::{OpenTab, Tab};
use crate::state::notices::Notices;
use crate::state::training::TrainingView;
use leptos::prelude::*;

/// Shows the notice once the interrupted run is read from storage.
pub(crate) fn announce_interrupted_run(tab: OpenTab, view: TrainingView, notices: Notices) {
    Effect::new(move |_| {
        if view.interrupted.get()
            && untrack(|| tab.get()) != Some(Tab::Train)
            && let Some((name, step, _)) = untrack(|| checkpoint_summary(view))
        {
            notices.show(format!(
                "The training of {name} was interrupted at step {step}. Open “Train” to resume it."
            ));
        }
    });
}
