//! The page with a worker for each contender.

use super::contender::Contender;
use anyhow::{Context, Result};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::time::Duration;
use tests::browser::{Driver, Options, Server, Tab};

/// Software WebGPU takes seconds for a step, and more for the first.
const PATIENCE: Duration = Duration::from_secs(900);

/// One browser, one page, some workers, of which one works at a time: each call waits for its end.
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

    /// Starts a worker with the library and its backend; gives what it says of itself.
    pub(crate) async fn open(&self, contender: &Contender) -> Result<String> {
        self.open_variant(contender.id, contender.variant()).await
    }

    /// The same for a worker that is no contender.
    pub(crate) async fn open_variant(&self, name: &str, variant: Value) -> Result<String> {
        let script = "return host.start(...arguments);";
        let said = self.tab.script(script, vec![json!(name), variant]).await;
        let said = said.with_context(|| format!("starting {name}"))?;
        Ok(said.as_str().unwrap_or_default().to_owned())
    }

    /// Tells a worker to do something and waits for what comes of it.
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
