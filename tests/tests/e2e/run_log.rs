//! What training workers report, recorded beside the page: how far a run was, and what it would continue from.

use anyhow::{Context, Result};
use serde::Deserialize;
use tests::browser::Tab;

/// Records the training workers, also so that a test can end one without the page's knowledge.
pub(super) const RECORD_RUNS: &str = "
    window.trainingWorkers = [];
    window.Worker = class extends Worker {
        constructor(url, options) {
            super(url, options);
            if (!options?.name?.startsWith('training')) return;
            const log = { worker: this, first: null, reached: null, checkpoint: null };
            trainingWorkers.push(log);
            this.addEventListener('message', ({ data }) => {
                const { TrainingProgress: progress, Checkpoint: checkpoint } = data?.Event ?? {};
                const point = ({ step, seconds }) => ({ step: Number(step), seconds });
                if (progress) log.first ??= point(progress);
                if (progress) log.reached = point(progress);
                if (checkpoint) log.checkpoint = point(checkpoint);
            });
        }
    };";

/// A point of a run.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(super) struct Point {
    pub(super) step: u64,
    /// Of training, without pauses.
    pub(super) seconds: f64,
}

/// What one training worker has reported.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(super) struct RunLog {
    /// The first step.
    pub(super) first: Option<Point>,
    /// The newest step.
    pub(super) reached: Option<Point>,
    /// The newest checkpoint.
    pub(super) checkpoint: Option<Point>,
}

/// The reports of all training workers since the page was opened, oldest first.
pub(super) async fn logs(tab: &Tab) -> Result<Vec<RunLog>> {
    let script = "return trainingWorkers.map(({ first, reached, checkpoint }) => ({ first, reached, checkpoint }));";
    Ok(serde_json::from_value(tab.script(script, vec![]).await?)?)
}

/// Waits until most of the time between two checkpoints has passed, so that a loss costs as much as it can, and returns
/// how far the run is.
pub(super) async fn wait_long_after_checkpoint(tab: &Tab) -> Result<Point> {
    const LONG: f64 = 4.0;
    tab.until("a checkpoint is seconds old", async || {
        let newest = logs(tab).await?.pop().context("no training worker")?;
        Ok(match (newest.reached, newest.checkpoint) {
            (Some(reached), Some(checkpoint)) if reached.seconds - checkpoint.seconds > LONG => {
                Some(reached)
            }
            _ => None,
        })
    })
    .await
}
