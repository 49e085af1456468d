//! Saves and restores the training run: its newest checkpoint, its loss curves and the images it is trained on.

use crate::shell::persistence::record;
use crate::shell::persistence::store::{Store, StoreError, Stored};
use crate::shell::persistence::writer::PersistenceWriter;
use crate::state::loss_history::LossHistory;
use crate::state::training::{Checkpoint, RunInfo, TrainingImages, TrainingView};
use client::run_supervisor::RunStatus;
use leptos::prelude::*;
use protocol::VaeConfig;
use std::time::Duration;

const CHECKPOINT: &str = "run";
/// Separate, because the images stay the same throughout a run. The name is older than the type.
const IMAGES: &str = "run-digits";
/// Short: a run has a checkpoint every five seconds, and a crash may lose at most ten.
const DELAY: Duration = Duration::from_millis(300);

/// The description in a run's record; the record's bytes are those of the checkpoint. The last field is whether
/// the run has ended.
pub(crate) type Description = (RunInfo, LossHistory, Checkpoint, bool);

/// Saves the run when it has a new checkpoint or another status.
pub(crate) fn watch(writer: &PersistenceWriter, view: TrainingView) {
    writer.watch(
        DELAY,
        move || view.images.track(),
        move || {
            let images = view.images.get_untracked();
            let parts = (images.bytes() > 0).then(|| Stored::from(images.parts));
            vec![(IMAGES.to_owned(), parts)]
        },
    );
    writer.watch(
        DELAY,
        move || {
            view.checkpoint.track();
            view.status.track();
        },
        move || vec![(CHECKPOINT.to_owned(), encode(view).map(Into::into))],
    );
}

/// Restores the run of an earlier visit, unless one was started in the meantime.
pub(crate) async fn restore(store: &Store, view: TrainingView) -> Result<(), StoreError> {
    let (run, images) = (store.get(CHECKPOINT).await?, store.get_bytes(IMAGES).await?);
    if view.status.get_untracked() != RunStatus::Idle {
        return Ok(());
    }
    if let (Some(run), Some(images)) = (run, images)
        && let Some((info, history, checkpoint, ended)) = decode(&run, images.len())
    {
        let images = TrainingImages {
            shape: info.image,
            parts: vec![images],
        };
        view.restore(info, history, images, checkpoint, ended);
    }
    Ok(())
}

/// A stored run, given the size of the stored images in bytes; `None` for damaged bytes, and if the two, which are written
/// in separate transactions, are of different runs.
pub(crate) fn decode(run: &[u8], image_bytes: usize) -> Option<Description> {
    let ((info, history, mut checkpoint, ended), bytes): (Description, _) = record::decode(run)?;
    let count = info.training_images.checked_add(info.held_out_images)?;
    if count.checked_mul(info.image.values())? != image_bytes
        || info.image.validate().is_err()
        || !(1..=VaeConfig::MAX_WIDTH).contains(&info.latent_size)
    {
        return None;
    }
    checkpoint.bytes = bytes.to_vec();
    // The numbers as they were: an earlier version held out other numbers for the same share.
    checkpoint.spec.held_out_share = info.held_out_share();
    Some((info, history, checkpoint, ended))
}

fn encode(view: TrainingView) -> Option<Vec<u8>> {
    let checkpoint = view.checkpoint.get_untracked()?;
    let info = view.info.get_untracked()?;
    let ended = match view.status.get_untracked() {
        // It was restored and not resumed.
        RunStatus::Idle => !view.interrupted.get_untracked(),
        RunStatus::Done => true,
        RunStatus::Running | RunStatus::Paused | RunStatus::Failed => false,
    };
    view.history.with_untracked(|history| {
        let description = (&info, history, checkpoint.as_ref(), ended);
        record::encode(&description, &checkpoint.bytes)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn training_run_of_the_previous_version_decodes() {
        let stored: &[u8] = include_bytes!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../tests/fixtures/previous-version/run"
        ));
        let images: &[u8] = include_bytes!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../tests/fixtures/previous-version/run-digits"
        ));
        let decoded: Option<(Description, &[u8])> = record::decode(stored);
        let ((facts, history, checkpoint, ended), bytes) =
            decoded.expect("its format is still read");
        assert_eq!((CHECKPOINT, IMAGES), ("run", "run-digits"));
        assert_eq!(
            (facts.name.as_str(), facts.latent_size, ended),
            ("bars", 2, false)
        );
        assert_eq!(
            (facts.training_images + facts.held_out_images) * facts.image.values(),
            images.len()
        );
        assert_eq!(history.training.last().map(|point| point.step), Some(6.0));
        assert_eq!((checkpoint.step, checkpoint.seconds), (6, 1.25));
        assert_eq!(bytes.len(), 146_984);
    }
}
