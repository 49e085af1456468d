//! The run: its newest checkpoint, its chart and the digits it was given.

use crate::client::training::run_supervisor::Status;
use crate::features::dataset::image_list::PIXELS;
use crate::features::train::loss_history::History;
use crate::features::train::state::{Checkpoint, RunFacts, TrainingView};
use crate::shell::persistence::packed::{pack, unpack};
use crate::shell::persistence::store::Store;
use crate::shell::persistence::store::StoreError;
use crate::shell::persistence::writer::PersistenceWriter;
use leptos::prelude::*;
use std::time::Duration;

const CHECKPOINT: &str = "run";
/// Apart, because they stay the same throughout a run.
const DIGITS: &str = "run-digits";
/// Short: a run has a checkpoint every five seconds, and at most ten may be lost.
const PAUSE: Duration = Duration::from_millis(300);

/// What is kept of a run, but for the bytes of its checkpoint; the last says whether it has ended.
type Kept = (RunFacts, History, Checkpoint, bool);

/// Keeps the run as it goes.
pub(crate) fn follow(keeper: &PersistenceWriter, view: TrainingView) {
    keeper.follow(
        PAUSE,
        move || view.images.track(),
        move || {
            let images = view.images.get_untracked();
            let bytes = (!images.is_empty()).then(|| images.to_vec());
            vec![(DIGITS.to_owned(), bytes)]
        },
    );
    keeper.follow(
        PAUSE,
        move || {
            view.checkpoint.track();
            view.status.track();
        },
        move || vec![(CHECKPOINT.to_owned(), pack_run(view))],
    );
}

/// Brings back the run of an earlier visit, unless one was begun already.
pub(crate) async fn bring_back(store: &Store, view: TrainingView) -> Result<(), StoreError> {
    let (run, images) = (store.get(CHECKPOINT).await?, store.get(DIGITS).await?);
    if view.status.get_untracked() != Status::Idle {
        return Ok(());
    }
    let kept: Option<(Kept, &[u8])> = run.as_deref().and_then(unpack);
    if let (Some((kept, bytes)), Some(images)) = (kept, images) {
        let (facts, history, mut checkpoint, ended) = kept;
        // The two are written one after the other: a tab may close in between.
        if images.len() == (facts.training_images + facts.held_out_images) * PIXELS {
            checkpoint.bytes = bytes.to_vec();
            view.bring_back(facts, history, images, checkpoint, ended);
        }
    }
    Ok(())
}

fn pack_run(view: TrainingView) -> Option<Vec<u8>> {
    let checkpoint = view.checkpoint.get_untracked()?;
    let facts = view.facts.get_untracked()?;
    let ended = match view.status.get_untracked() {
        // As it was brought back.
        Status::Idle => !view.interrupted.get_untracked(),
        Status::Done => true,
        Status::Running | Status::Paused | Status::Failed => false,
    };
    view.history.with_untracked(|history| {
        let kept = (&facts, history, checkpoint.as_ref(), ended);
        pack(&kept, &checkpoint.bytes)
    })
}
