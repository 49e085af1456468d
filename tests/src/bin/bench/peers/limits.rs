//! The machine's limits on one thread of wasm.

use super::host::Host;
use anyhow::Result;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// The worker's name.
const WORKER: &str = "limits";
/// Repetitions of each loop per round, of which the best counts.
const TRIES: usize = 5;

/// The best of all rounds.
#[derive(Debug, Default, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Limits {
    /// Whether the loop uses fused multiply-adds (relaxed SIMD).
    relaxed: bool,
    /// Billions of multiply-adds per second in registers.
    pub(crate) gmacs: f64,
    /// Gigabytes copied per second, in blocks of 64 MB.
    pub(crate) copy_gb: f64,
}

impl Limits {
    /// Combines with another round.
    pub(crate) fn raise(&mut self, other: Self) {
        self.relaxed = other.relaxed;
        self.gmacs = self.gmacs.max(other.gmacs);
        self.copy_gb = self.copy_gb.max(other.copy_gb);
    }
}

/// Starts the worker.
pub(crate) async fn start(host: &Host) -> Result<()> {
    host.open_variant(WORKER, json!({ "module": WORKER }))
        .await?;
    Ok(())
}

/// Measures one round.
pub(crate) async fn measure(host: &Host) -> Result<Limits> {
    host.call(WORKER, "limits", json!({ "wanted": TRIES }))
        .await
}
