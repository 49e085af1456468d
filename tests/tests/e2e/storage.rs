//! The page's IndexedDB database, as the browser stores it.

use anyhow::{Context, Result};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tests::browser::{Reply, Server, Tab};

/// A database with one object store with out-of-line keys.
#[derive(Debug, Deserialize)]
pub(super) struct DatabaseDump {
    name: String,
    version: u32,
    store: String,
    /// Values in base64, by key.
    records: BTreeMap<String, String>,
}

impl DatabaseDump {
    /// What the page of commit 87ccc3f (November 2026) stored during training.
    pub(super) fn of_previous_version() -> Result<Self> {
        let json = include_str!("../../fixtures/previous-version/indexed-db.json");
        serde_json::from_str(json).context("the dump of the previous version")
    }

    /// The value of a record.
    pub(super) fn record(&self, key: &str) -> Result<Vec<u8>> {
        let value = self.records.get(key).context("no such record")?;
        Ok(BASE64_STANDARD.decode(value)?)
    }

    /// Creates this database in the browser, in place of any of the same name. The page must not be open.
    pub(super) async fn install(&self, tab: &Tab, server: &Server) -> Result<()> {
        // An empty page of the same origin.
        let empty = "<!doctype html><link rel=\"icon\" href=\"data:,\">";
        server.replace(
            |path| path.ends_with("index.html"),
            Reply::Bytes(empty.into()),
        );
        tab.open("index.html").await?;
        server.restore();
        let script = "const [name, version, store, records] = arguments;
            return new Promise((done, fail) => {
                const removal = indexedDB.deleteDatabase(name);
                removal.onerror = () => fail(removal.error);
                removal.onblocked = () => fail('the page is still open');
                removal.onsuccess = () => {
                    const opening = indexedDB.open(name, version);
                    opening.onerror = () => fail(opening.error);
                    opening.onupgradeneeded = () => opening.result.createObjectStore(store);
                    opening.onsuccess = () => {
                        const database = opening.result;
                        const writing = database.transaction(store, 'readwrite');
                        for (const [key, value] of Object.entries(records)) {
                            const bytes = Uint8Array.from(atob(value), (c) => c.charCodeAt(0));
                            writing.objectStore(store).put(bytes, key);
                        }
                        writing.onabort = () => fail(writing.error);
                        writing.oncomplete = () => { database.close(); done(true); };
                    };
                };
            });";
        let arguments = vec![
            json!(self.name),
            json!(self.version),
            json!(self.store),
            json!(self.records),
        ];
        tab.script(script, arguments).await?;
        Ok(())
    }
}

/// Runs a script with the page's object store, a promise of a request's result and a function that ends the script.
async fn with_store(tab: &Tab, script: &str) -> Result<Value> {
    let script = format!(
        "return new Promise((done, fail) => {{
            const opening = indexedDB.open('elbo-room');
            opening.onerror = () => fail(opening.error);
            opening.onsuccess = async () => {{
                const store = () => opening.result.transaction('blobs').objectStore('blobs');
                const result = (request) => new Promise((done, fail) => {{
                    request.onsuccess = () => done(request.result);
                    request.onerror = () => fail(request.error);
                }});
                const value = await (async () => {{ {script} }})().catch(fail);
                opening.result.close();
                done(value);
            }};
        }});"
    );
    tab.script(&script, vec![]).await
}

/// The keys in the page's storage, in order: names, and arrays for the chunks of long values.
pub(super) async fn keys(tab: &Tab) -> Result<Vec<Value>> {
    let keys = with_store(tab, "return result(store().getAllKeys());").await?;
    Ok(serde_json::from_value(keys)?)
}

/// The step of the checkpoint in the page's storage; `None` while there is no checkpoint.
pub(super) async fn stored_step(tab: &Tab) -> Result<Option<u64>> {
    let script = "let bytes = await result(store().get('run'));
        if (bytes === undefined) return null;
        if (typeof bytes === 'number') {
            const chunks = await result(store().getAll(IDBKeyRange.bound(['run'], ['run', []])));
            bytes = new Uint8Array(await new Blob(chunks).arrayBuffer());
        }
        const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
        return new TextDecoder().decode(bytes.subarray(4, 4 + length));";
    let description = with_store(tab, script).await?;
    description.as_str().map(step_in).transpose()
}

/// The step in the description of a stored run.
fn step_in(description: &str) -> Result<u64> {
    let [_facts, _history, checkpoint, _ended]: [Value; 4] = serde_json::from_str(description)?;
    checkpoint["step"].as_u64().context("a checkpoint's step")
}

/// The step of a stored run.
pub(super) fn step_of_run(record: &[u8]) -> Result<u64> {
    let (length, rest) = record.split_first_chunk::<4>().context("a length")?;
    let length = u32::from_le_bytes(*length) as usize;
    step_in(std::str::from_utf8(rest.get(..length).context("JSON")?)?)
}
