//! The page with one worker per contender.

use super::contender::Contender;
use anyhow::{Context, Result};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::time::Duration;
use tests::browser::{Driver, Options, Server, Tab};

/// WebGPU in software takes seconds per step, and more for the first.
const PATIENCE: Duration = Duration::from_secs(900);

/// A browser with one page and several workers. Calls are awaited, so only one worker is busy at a time.
pub(crate) struct Host {
    tab: Tab,
}

impl Host {
    /// Opens the page.
    pub(crate) async fn start(driver: &Driver, server: &Server, options: &Options) -> Result<Self> {
        let tab = Tab::start(driver.url(), server, options).await?;
        tab.allow_scripts(PATIENCE).await?;
        tab.open("host.html").await?;
        tab.until_script("the page has loaded", "return !!globalThis.host;")
            .await?;
        Ok(Self { tab })
    }

    /// Starts a worker with the library and its backend. Returns its description.
    pub(crate) async fn open(&self, contender: &Contender) -> Result<String> {
        self.open_variant(contender.id, contender.variant()).await
    }

    /// The same for a worker that is not a contender.
    pub(crate) async fn open_variant(&self, name: &str, variant: Value) -> Result<String> {
        let script = "return host.start(...arguments);";
        let description = self.tab.script(script, vec![json!(name), variant]).await;
        let description = description.with_context(|| format!("starting {name}"))?;
        Ok(description.as_str().unwrap_or_default().to_owned())
    }

    /// Sends a command to a worker and waits for the result.
    pub(crate) async fn call<T: DeserializeOwned>(
        &self,
        name: &str,
        command: &str,
        given: Value,
    ) -> Result<T> {
        let arguments = vec![json!(name), json!(command), given.clone()];
        let result = self
            .tab
            .script("return host.call(...arguments);", arguments);
        let result = result
            .await
            .with_context(|| format!("{name}: {command} {given}"))?;
        Ok(serde_json::from_value(result)?)
    }

    /// Ends a worker.
    pub(crate) async fn end(&self, name: &str) -> Result<()> {
        let script = "host.end(arguments[0]);";
        self.tab.script(script, vec![json!(name)]).await?;
        Ok(())
    }

    /// Ends the browser.
    pub(crate) async fn close(self) -> Result<()> {
        self.tab.close().await
    }
}
