//! What the machine can do on one thread of wasm.

use super::host::Host;
use anyhow::Result;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// The worker's name.
const WORKER: &str = "limits";
/// Tries of each loop in a round, of which the best counts.
const TRIES: usize = 5;

/// The most that was reached in any round.
#[derive(Debug, Default, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Limits {
    /// Whether the loop multiplies and adds in one instruction.
    relaxed: bool,
    /// Billions of multiply-adds a second that stay in registers.
    pub(crate) gmacs: f64,
    /// Gigabytes copied a second, 64 MB at a time.
    pub(crate) copy_gb: f64,
}

impl Limits {
    /// Takes in another round.
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

/// One round.
pub(crate) async fn measure(host: &Host) -> Result<Limits> {
    host.call(WORKER, "limits", json!({ "wanted": TRIES }))
        .await
}
