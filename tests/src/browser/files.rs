//! Uploads files to the page, and captures files that it saves.

use super::tab::Tab;
use anyhow::{Context, Result, ensure};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use std::path::PathBuf;

/// A script that captures the files that the page offers as downloads, for [`Tab::saved_files`]. Pass it as
/// [`Options::before_page`](super::Options::before_page).
pub const CAPTURE_SAVED_FILES: &str = "
    window.savedFiles = [];
    {
        const blobs = new Map();
        const create = URL.createObjectURL;
        URL.createObjectURL = (blob) => {
            const url = create.call(URL, blob);
            blobs.set(url, blob);
            return url;
        };
        HTMLAnchorElement.prototype.click = function () {
            if (blobs.has(this.href)) window.savedFiles.push([this.download, blobs.get(this.href)]);
        };
    }";

impl Tab {
    /// Selects files in a file input.
    ///
    /// # Errors
    ///
    /// If there is no such input.
    pub async fn upload_files(&self, id: &str, files: &[(&str, &[u8])]) -> Result<()> {
        let give = "element.files = transfer.files;
            element.dispatchEvent(new Event('change', { bubbles: true }));";
        self.give(id, files, give).await
    }

    /// Gives files on the disk to a file input, as a person chooses them. They may be large.
    ///
    /// # Errors
    ///
    /// If there is no such element, or a file does not exist.
    pub async fn upload_paths(&self, id: &str, paths: &[PathBuf]) -> Result<()> {
        let mut names = Vec::new();
        for path in paths {
            let path = path
                .canonicalize()
                .with_context(|| path.display().to_string())?;
            names.push(path.display().to_string());
        }
        self.send_keys(id, &names.join("\n")).await
    }

    /// Drops files on an element.
    ///
    /// # Errors
    ///
    /// If there is no such element.
    pub async fn drop_files(&self, id: &str, files: &[(&str, &[u8])]) -> Result<()> {
        let give = "for (const kind of ['dragover', 'drop']) {
                element.dispatchEvent(new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: transfer }));
            }";
        self.give(id, files, give).await
    }

    /// Drops files and folders on the disk on an element, as a person drags them from the system's file manager.
    ///
    /// # Errors
    ///
    /// If there is no such element, or a path does not exist.
    pub async fn drop_paths(&self, id: &str, paths: &[PathBuf]) -> Result<()> {
        self.scroll_to(id).await?;
        let place = self.bounds(id).await?;
        let mut names = Vec::new();
        for path in paths {
            let path = path
                .canonicalize()
                .with_context(|| path.display().to_string())?;
            names.push(path.display().to_string());
        }
        for kind in ["dragEnter", "dragOver", "drop"] {
            let event = json!({
                "type": kind,
                "x": place.x + place.width / 2.0,
                "y": place.y + place.height / 2.0,
                "data": { "items": [], "files": names, "dragOperationsMask": 1 },
            });
            self.cdp("Input.dispatchDragEvent", event).await?;
        }
        Ok(())
    }

    /// Pastes files while an element has the focus.
    ///
    /// # Errors
    ///
    /// If there is no such element.
    pub async fn paste_files(&self, id: &str, files: &[(&str, &[u8])]) -> Result<()> {
        let give = "element.dispatchEvent(new ClipboardEvent('paste', { bubbles: true, clipboardData: transfer }));";
        self.give(id, files, give).await
    }

    /// Runs the script `give`, which passes files (`transfer`) to an `element`.
    async fn give(&self, id: &str, files: &[(&str, &[u8])], give: &str) -> Result<()> {
        let files: Vec<Value> = files
            .iter()
            .map(|(name, bytes)| json!([name, BASE64_STANDARD.encode(bytes)]))
            .collect();
        let script = format!(
            "const element = document.querySelector(`[data-testid='${{arguments[0]}}']`);
            if (!element) return false;
            const transfer = new DataTransfer();
            for (const [name, data] of arguments[1]) {{
                const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
                transfer.items.add(new File([bytes], name));
            }}
            {give}
            return true;"
        );
        let done = self.script(&script, vec![json!(id), json!(files)]).await?;
        ensure!(done == json!(true), "there is no \"{id}\" on the page");
        Ok(())
    }

    /// The names and contents of the files that the page has offered as downloads so far. Needs
    /// [`CAPTURE_SAVED_FILES`].
    ///
    /// # Errors
    ///
    /// If the page does not capture files.
    pub async fn saved_files(&self) -> Result<Vec<(String, Vec<u8>)>> {
        let script = "return Promise.all(window.savedFiles.map(async ([name, blob]) => {
            const bytes = new Uint8Array(await blob.arrayBuffer());
            let text = '';
            for (let i = 0; i < bytes.length; i += 0x8000) {
                text += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
            }
            return [name, btoa(text)];
        }));";
        let files: Vec<(String, String)> =
            serde_json::from_value(self.script(script, vec![]).await?)
                .context("the page does not capture saved files")?;
        files
            .into_iter()
            .map(|(name, data)| Ok((name, BASE64_STANDARD.decode(data)?)))
            .collect()
    }
}
