//! A second window of a browser, in which a test goes on when the first one is closed or its process is killed.

use super::{processes, tab::Tab};
use anyhow::{Context, Result, ensure};
use fantoccini::wd::WindowHandle;

/// The name of a worker's thread in Chromium.
const WORKER_THREAD: &str = "DedicatedWorker";

/// A window with an empty page.
#[derive(Debug)]
pub struct SpareWindow(WindowHandle);

impl Tab {
    /// Opens another window; the methods still apply to the page.
    ///
    /// # Errors
    ///
    /// If the browser does not respond.
    pub async fn spare_window(&self) -> Result<SpareWindow> {
        let opened = self.client.new_window(false).await?;
        Ok(SpareWindow(opened.handle))
    }

    /// Kills the process of the page and its workers, as a system does that runs out of memory. From now on, the methods
    /// apply to the other window.
    ///
    /// # Errors
    ///
    /// If there is not exactly one process with workers: the page must have one, and other pages none.
    pub async fn kill_page(&self, spare: SpareWindow) -> Result<()> {
        self.client.switch_to_window(spare.0).await?;
        let profile = self.profile().display().to_string();
        let browsers = processes::with_argument(&profile).into_iter();
        let mut pages: Vec<u32> = browsers.flat_map(processes::descendants).collect();
        pages.retain(|&process| processes::has_thread(process, WORKER_THREAD));
        pages.sort_unstable();
        pages.dedup();
        let [page] = pages[..] else {
            anyhow::bail!("processes with workers: {pages:?}");
        };
        ensure!(processes::kill(page), "process {page} can't be killed");
        self.emulate().await.context("the other window")
    }

    /// Closes the page's window. From now on, the methods apply to the other one.
    ///
    /// # Errors
    ///
    /// If the browser does not respond.
    pub async fn close_page(&self, spare: SpareWindow) -> Result<()> {
        self.client.close_window().await?;
        self.client.switch_to_window(spare.0).await?;
        self.emulate().await.context("the other window")
    }
}
