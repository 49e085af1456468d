//! A browser with a fresh profile and one page. Elements are found by `data-testid`.

use super::{driver::Missing, engine::BrowserEngine, server::Server};
use anyhow::{Context, Result, bail, ensure};
use axum::http::Method;
use base64::{Engine, prelude::BASE64_STANDARD};
use fantoccini::{
    Client, ClientBuilder, Locator,
    actions::{
        InputSource, KeyAction, KeyActions, MOUSE_BUTTON_LEFT, MouseActions, PointerAction,
        TouchActions,
    },
    key::Key,
    wd::{TimeoutConfiguration, WebDriverCompatibleCommand},
};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use std::{
    cell::{Cell, RefCell},
    fmt::Display,
    path::Path,
    time::Duration,
};
use tempfile::TempDir;
use tokio::time::{Instant, sleep};
use url::{ParseError, Url};

/// Polling interval of the waiting methods.
const POLL: Duration = Duration::from_millis(50);

/// Timeout of the waiting methods. Generous, because WebGPU in software on a busy machine is slow and no
/// test here measures speed.
const PATIENCE: Duration = Duration::from_secs(60);

/// The GPU that the browser offers to the page.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Gpu {
    /// WebGPU in software (SwiftShader): the same on every machine, and slow.
    #[default]
    Software,
    /// `navigator.gpu` without an adapter: an old machine, or a blocked driver.
    NoAdapter,
    /// No `navigator.gpu` in the page or a worker, as in an older browser: the page is served over HTTP from
    /// what looks like another machine, which is not a secure context.
    Absent,
    /// The machine's own GPU.
    Real,
}

impl Gpu {
    fn flags(self) -> &'static [&'static str] {
        match self {
            Self::Software => &["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"],
            Self::NoAdapter | Self::Absent => &["--disable-gpu"],
            Self::Real => &["--enable-unsafe-webgpu", "--enable-features=Vulkan"],
        }
    }
}

/// Screen and pointer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Device {
    /// 1280×800 with a mouse.
    #[default]
    Desktop,
    /// 360×740 with touch.
    Phone,
}

/// How a [`Tab`] starts.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Which browser. GPU, device, colour scheme and storage apply to Chromium only; others have a window of their default size.
    pub engine: BrowserEngine,
    /// Which GPU the browser offers.
    pub gpu: Gpu,
    /// Screen and pointer.
    pub device: Device,
    /// Dark colour scheme.
    pub dark: bool,
    /// Allows animations. If `false`, the browser reports `prefers-reduced-motion`, so that an image changes
    /// only when the test changes something.
    pub motion: bool,
    /// A script that runs first in each document.
    pub before_page: Option<&'static str>,
    /// The browser's setting that sites store nothing.
    pub blocks_storage: bool,
    /// The test provokes errors, so errors in the console do not fail it.
    pub expects_errors: bool,
}

/// Severity of a line in the console.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// `console.error`, an uncaught exception, a failed request.
    Error,
    /// Anything else.
    Other,
}

/// A rectangle in the viewport, in CSS pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rect {
    /// Left edge.
    pub x: f64,
    /// Top edge.
    pub y: f64,
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
}

/// A page in a browser of its own.
#[derive(Debug)]
pub struct Tab {
    engine: BrowserEngine,
    pub(super) client: Client,
    base: String,
    motion: bool,
    device: Cell<Device>,
    dark: Cell<bool>,
    console: RefCell<Vec<(Severity, String)>>,
    /// Removed when the tab is dropped.
    profile: TempDir,
}

/// A chromedriver command that is not part of the WebDriver standard.
#[derive(Debug)]
struct Extra {
    endpoint: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Extra {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        let session = session.unwrap_or_default();
        base.join(&format!("session/{session}/{}", self.endpoint))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.body.to_string()))
    }
}

impl Tab {
    /// Starts a browser without opening the page.
    ///
    /// # Errors
    ///
    /// [`Missing`] if there is no browser; any other error if it does not start.
    pub async fn start(driver: &str, server: &Server, options: &Options) -> Result<Self> {
        let profile = tempfile::Builder::new().prefix("elbo-room-").tempdir()?;
        if options.engine != BrowserEngine::Chromium {
            return Self::start_other(driver, server, options, profile).await;
        }
        let mut args = vec![
            "--headless=new".to_owned(),
            // With its sandbox, Chromium does not run as root, which is usual in containers.
            "--no-sandbox".to_owned(),
            "--disable-dev-shm-usage".to_owned(),
            "--no-first-run".to_owned(),
            "--no-default-browser-check".to_owned(),
            // Avoids traffic of the browser itself among the page's.
            "--disable-background-networking".to_owned(),
            "--disable-component-update".to_owned(),
            "--disable-domain-reliability".to_owned(),
            "--disable-sync".to_owned(),
            "--disable-extensions".to_owned(),
            "--disable-default-apps".to_owned(),
            // The first upgrades a test's http to https; the last contacts the search engine.
            "--disable-features=HttpsUpgrades,AutofillServerCommunication,OptimizationHints,\
             PreconnectToSearch"
                .to_owned(),
            // Avoids throttling of windows in the background.
            "--disable-background-timer-throttling".to_owned(),
            "--disable-renderer-backgrounding".to_owned(),
            "--disable-backgrounding-occluded-windows".to_owned(),
            "--hide-scrollbars".to_owned(),
            "--force-color-profile=srgb".to_owned(),
            "--window-size=1280,960".to_owned(),
            format!("--proxy-server={}", server.proxy()),
            format!("--user-data-dir={}", profile.path().display()),
        ];
        args.extend(options.gpu.flags().iter().map(|&flag| flag.to_owned()));
        let mut chrome = json!({ "args": args });
        if options.blocks_storage {
            chrome["prefs"] = json!({ "profile.default_content_setting_values.cookies": 2 });
        }
        if let Some(program) = std::env::var_os("CHROME") {
            chrome["binary"] = json!(program.to_string_lossy());
        }
        let capabilities = json!({
            "browserName": "chrome",
            "goog:chromeOptions": chrome,
            "goog:loggingPrefs": { "browser": "ALL" },
        });
        let Value::Object(capabilities) = capabilities else {
            bail!("capabilities are an object");
        };
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(driver)
            .await
            .map_err(|error| {
                let text = error.to_string();
                if text.contains("cannot find Chrome binary") || text.contains("no chrome binary") {
                    anyhow::Error::new(Missing(format!("no Chromium: {text}")))
                } else {
                    anyhow::Error::new(error).context("the browser did not start")
                }
            })?;
        let tab = Self {
            engine: options.engine,
            client,
            base: match options.gpu {
                Gpu::Absent => server.unencrypted_url(),
                _ => server.url(),
            },
            motion: options.motion,
            device: Cell::new(options.device),
            dark: Cell::new(options.dark),
            console: RefCell::default(),
            profile,
        };
        tab.emulate().await?;
        if let Some(source) = options.before_page {
            tab.cdp(
                "Page.addScriptToEvaluateOnNewDocument",
                json!({ "source": source }),
            )
            .await?;
        }
        Ok(tab)
    }

    async fn start_other(
        driver: &str,
        server: &Server,
        options: &Options,
        profile: TempDir,
    ) -> Result<Self> {
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(options.engine.capabilities()?)
            .connect(driver)
            .await
            .with_context(|| format!("{} did not start", options.engine.name()))?;
        let timeouts = TimeoutConfiguration::new(Some(PATIENCE), Some(PATIENCE), None);
        client.update_timeouts(timeouts).await?;
        Ok(Self {
            engine: options.engine,
            client,
            base: server.url(),
            motion: options.motion,
            device: Cell::new(Device::Desktop),
            dark: Cell::new(false),
            console: RefCell::default(),
            profile,
        })
    }

    /// The browser.
    pub fn engine(&self) -> BrowserEngine {
        self.engine
    }

    /// Ends the browser.
    ///
    /// # Errors
    ///
    /// If the browser does not respond.
    pub async fn close(self) -> Result<()> {
        self.client.close().await.context("closing the browser")
    }

    /// Opens the page. `address` is the query and fragment: `""`, `"?backend=flex"`.
    ///
    /// # Errors
    ///
    /// If the browser does not respond; likewise for the methods below.
    pub async fn open(&self, address: &str) -> Result<()> {
        self.goto(&format!("{}{address}", self.base)).await
    }

    /// Opens any URL.
    pub async fn goto(&self, url: &str) -> Result<()> {
        // Via a blank page, so that a URL that differs only in its fragment is loaded as well.
        self.client.goto("about:blank").await?;
        self.client.goto(url).await.context("opening the page")
    }

    /// From now on, the methods apply to the page in the frame of this index.
    ///
    /// # Errors
    ///
    /// If there is no such frame.
    pub async fn enter_frame(&self, index: u16) -> Result<()> {
        self.client.enter_frame(index).await?;
        Ok(())
    }

    /// Reloads the page.
    pub async fn reload(&self) -> Result<()> {
        self.client.refresh().await.context("reloading the page")
    }

    /// The current URL.
    pub async fn url(&self) -> Result<String> {
        Ok(self.client.current_url().await?.to_string())
    }

    /// Runs a script in the page and returns its result.
    pub async fn script(&self, script: &str, arguments: Vec<Value>) -> Result<Value> {
        self.client
            .execute(script, arguments)
            .await
            .with_context(|| format!("running in the page: {script}"))
    }

    /// Sets the timeout of scripts that return a promise (30 seconds by default).
    pub async fn allow_scripts(&self, time: Duration) -> Result<()> {
        let timeouts = TimeoutConfiguration::new(Some(time), None, None);
        Ok(self.client.update_timeouts(timeouts).await?)
    }

    /// Sends a Chrome DevTools command to the page.
    pub async fn cdp(&self, command: &str, parameters: Value) -> Result<Value> {
        let body = json!({ "cmd": command, "params": parameters });
        let extra = Extra {
            endpoint: "goog/cdp/execute",
            body,
        };
        let answer = self.client.issue_cmd(extra).await;
        answer.with_context(|| format!("DevTools command {command}"))
    }

    /// Emulates screen, pointer and preferences in the current window.
    pub(super) async fn emulate(&self) -> Result<()> {
        self.set_device(self.device.get()).await?;
        self.set_dark(self.dark.get()).await
    }

    /// The folder of the browser's profile.
    pub(super) fn profile(&self) -> &Path {
        self.profile.path()
    }

    /// Changes screen and pointer.
    pub async fn set_device(&self, device: Device) -> Result<()> {
        let phone = device == Device::Phone;
        let (width, height) = if phone { (360, 740) } else { (1280, 800) };
        self.cdp(
            "Emulation.setDeviceMetricsOverride",
            json!({
                "width": width,
                "height": height,
                "deviceScaleFactor": if phone { 2 } else { 1 },
                "mobile": phone,
                "screenOrientation": if phone {
                    json!({ "type": "portraitPrimary", "angle": 0 })
                } else {
                    json!({ "type": "landscapePrimary", "angle": 0 })
                },
            }),
        )
        .await?;
        let touch = json!({ "enabled": phone, "maxTouchPoints": 5 });
        self.cdp("Emulation.setTouchEmulationEnabled", touch)
            .await?;
        self.device.set(device);
        Ok(())
    }

    /// Changes `prefers-color-scheme`.
    pub async fn set_dark(&self, dark: bool) -> Result<()> {
        self.dark.set(dark);
        let scheme = if dark { "dark" } else { "light" };
        let motion = if self.motion {
            "no-preference"
        } else {
            "reduce"
        };
        let features = json!([
            { "name": "prefers-color-scheme", "value": scheme },
            { "name": "prefers-reduced-motion", "value": motion },
        ]);
        self.cdp(
            "Emulation.setEmulatedMedia",
            json!({ "features": features }),
        )
        .await?;
        Ok(())
    }

    /// A screenshot as PNG.
    pub async fn screenshot(&self) -> Result<Vec<u8>> {
        self.capture(json!({ "format": "png" })).await
    }

    async fn capture(&self, parameters: Value) -> Result<Vec<u8>> {
        if self.engine != BrowserEngine::Chromium {
            return Ok(self.client.screenshot().await?);
        }
        let answer = self.cdp("Page.captureScreenshot", parameters).await?;
        let data = answer["data"]
            .as_str()
            .context("the screenshot has no data")?;
        BASE64_STANDARD
            .decode(data)
            .context("the screenshot is not valid base64")
    }

    /// Writes a [`screenshot`](Self::screenshot) to a file.
    pub async fn save_screenshot(&self, file: &Path) -> Result<()> {
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let image = self.screenshot().await?;
        std::fs::write(file, image).with_context(|| format!("writing {}", file.display()))
    }

    /// Writes a screenshot of the whole page, also of what is outside the window, to a file.
    pub async fn save_full_screenshot(&self, file: &Path) -> Result<()> {
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let image = self
            .capture(json!({ "format": "png", "captureBeyondViewport": true, "fromSurface": true }))
            .await?;
        std::fs::write(file, image).with_context(|| format!("writing {}", file.display()))
    }

    /// All lines of the console so far; none in other browsers than Chromium, whose drivers do not return them.
    /// chromedriver returns each line once, so they are stored here.
    pub async fn console(&self) -> Result<Vec<(Severity, String)>> {
        if self.engine != BrowserEngine::Chromium {
            return Ok(Vec::new());
        }
        let extra = Extra {
            endpoint: "se/log",
            body: json!({ "type": "browser" }),
        };
        let lines = self.client.issue_cmd(extra).await?;
        let mut console = self.console.borrow_mut();
        for line in lines.as_array().into_iter().flatten() {
            let severity = match line["level"].as_str() {
                Some("SEVERE") => Severity::Error,
                _ => Severity::Other,
            };
            let text = line["message"].as_str().unwrap_or_default().to_owned();
            console.push((severity, text));
        }
        Ok(console.clone())
    }

    // --- Waiting ---

    /// Waits until `look` returns a value.
    ///
    /// # Errors
    ///
    /// If it does not within a minute; the message contains `what`.
    pub async fn until<T>(
        &self,
        what: impl Display,
        look: impl AsyncFnMut() -> Result<Option<T>>,
    ) -> Result<T> {
        self.until_within(PATIENCE, what, look).await
    }

    /// The same with another timeout.
    pub async fn until_within<T>(
        &self,
        patience: Duration,
        what: impl Display,
        mut look: impl AsyncFnMut() -> Result<Option<T>>,
    ) -> Result<T> {
        let start = Instant::now();
        loop {
            if let Some(found) = look().await? {
                return Ok(found);
            }
            ensure!(
                start.elapsed() < patience,
                "timed out after {patience:?} waiting until {what}"
            );
            sleep(POLL).await;
        }
    }

    /// Waits until `look` has returned the same value for `calm`, and returns it.
    pub async fn settled<T: PartialEq>(
        &self,
        calm: Duration,
        what: impl Display,
        mut look: impl AsyncFnMut() -> Result<Option<T>>,
    ) -> Result<T> {
        let mut last: Option<(T, Instant)> = None;
        self.until(what, async || {
            let Some(now) = look().await? else {
                return Ok(None);
            };
            match &last {
                Some((before, since)) if *before == now => {
                    Ok((since.elapsed() >= calm).then_some(now))
                }
                _ => {
                    last = Some((now, Instant::now()));
                    Ok(None)
                }
            }
        })
        .await
    }

    /// Waits until the page has handled all input so far and painted the result.
    pub async fn painted(&self) -> Result<()> {
        let script = "return new Promise((done) =>
            requestAnimationFrame(() => requestAnimationFrame(() => done(true))));";
        self.script(script, vec![]).await?;
        Ok(())
    }

    /// Waits until a script returns a truthy value, and returns it.
    pub async fn until_script(&self, what: &str, script: &str) -> Result<Value> {
        self.until_script_within(PATIENCE, what, script).await
    }

    /// The same with another timeout.
    pub async fn until_script_within(
        &self,
        patience: Duration,
        what: &str,
        script: &str,
    ) -> Result<Value> {
        self.until_within(patience, what, async || {
            let value = self.script(script, vec![]).await?;
            let falsy = matches!(value, Value::Null | Value::Bool(false))
                || value == json!(0)
                || value == json!("");
            Ok((!falsy).then_some(value))
        })
        .await
    }

    // --- Elements, by data-testid ---

    /// Whether the element exists and is visible.
    pub async fn visible(&self, id: &str) -> Result<bool> {
        let script = "const e = document.querySelector(`[data-testid='${arguments[0]}']`);
            return !!e && e.checkVisibility({ visibilityProperty: true, opacityProperty: true });";
        Ok(self.script(script, vec![json!(id)]).await? == json!(true))
    }

    /// The element's text; `None` if there is no such element.
    pub async fn text(&self, id: &str) -> Result<Option<String>> {
        let script = "const e = document.querySelector(`[data-testid='${arguments[0]}']`);
            return e && e.textContent.trim();";
        let text = self.script(script, vec![json!(id)]).await?;
        Ok(text.as_str().map(str::to_owned))
    }

    /// Waits until the element's text satisfies `wanted`, and returns it.
    pub async fn wait_text(
        &self,
        id: &str,
        what: &str,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<String> {
        let mut last = None;
        let found = self
            .until(format!("\"{id}\" {what}"), async || {
                last = self.text(id).await?;
                Ok(last.clone().filter(|text| wanted(text)))
            })
            .await;
        found.with_context(|| format!("the text of \"{id}\" is {last:?}"))
    }

    /// The value of an input or select.
    pub async fn value(&self, id: &str) -> Result<String> {
        let script = "const e = document.querySelector(`[data-testid='${arguments[0]}']`);
            return e && e.value;";
        let value = self.script(script, vec![json!(id)]).await?;
        let value = value.as_str().map(str::to_owned);
        value.with_context(|| format!("no value at \"{id}\""))
    }

    /// Sets the value of an input or select once it exists, and dispatches the events that user input causes.
    /// Uses the setter of the element's prototype, which frameworks do not override.
    pub async fn set_value(&self, id: &str, value: &str) -> Result<()> {
        let script = "const e = document.querySelector(`[data-testid='${arguments[0]}']`);
            if (!e) return false;
            const kind = Object.getPrototypeOf(e);
            Object.getOwnPropertyDescriptor(kind, 'value').set.call(e, arguments[1]);
            e.dispatchEvent(new Event('input', { bubbles: true }));
            e.dispatchEvent(new Event('change', { bubbles: true }));
            return true;";
        self.until(format!("there is a \"{id}\" on the page"), async || {
            let done = self.script(script, vec![json!(id), json!(value)]).await?;
            Ok((done == json!(true)).then_some(()))
        })
        .await
    }

    /// Clicks an element once it exists, wherever it is on the page.
    pub async fn click(&self, id: &str) -> Result<()> {
        let script = "const e = document.querySelector(`[data-testid='${arguments[0]}']`);
            if (e) e.click();
            return !!e;";
        self.until(format!("there is a \"{id}\" on the page"), async || {
            let done = self.script(script, vec![json!(id)]).await?;
            Ok((done == json!(true)).then_some(()))
        })
        .await
    }

    /// The element's bounding rectangle in the viewport.
    pub async fn bounds(&self, id: &str) -> Result<Rect> {
        let script = "const e = document.querySelector(`[data-testid='${arguments[0]}']`);
            if (!e) return null;
            const r = e.getBoundingClientRect();
            return [r.x, r.y, r.width, r.height];";
        let place = self.script(script, vec![json!(id)]).await?;
        let at = |i: usize| place[i].as_f64();
        match (at(0), at(1), at(2), at(3)) {
            (Some(x), Some(y), Some(width), Some(height)) => Ok(Rect {
                x,
                y,
                width,
                height,
            }),
            _ => bail!("there is no \"{id}\" on the page"),
        }
    }

    /// Scrolls the element to the middle of the viewport, once it exists.
    pub async fn scroll_to(&self, id: &str) -> Result<()> {
        let script = "const e = document.querySelector(`[data-testid='${arguments[0]}']`);
            if (e) e.scrollIntoView({ block: 'center', behavior: 'instant' });
            return !!e;";
        self.until(format!("there is a \"{id}\" on the page"), async || {
            let done = self.script(script, vec![json!(id)]).await?;
            Ok((done == json!(true)).then_some(()))
        })
        .await?;
        // The page follows the scroll position: its stage may be larger or smaller now.
        self.painted().await
    }

    /// The `data-testid` of all elements that have one.
    pub async fn ids(&self) -> Result<Vec<String>> {
        let script = "return [...document.querySelectorAll('[data-testid]')]
            .map((e) => e.dataset.testid);";
        let ids = self.script(script, vec![]).await?;
        Ok(serde_json::from_value(ids)?)
    }

    // --- The latent controls ---

    /// The values of all z sliders, in order.
    pub async fn z(&self) -> Result<Vec<f32>> {
        let script = "const z = [];
            for (let i = 0; ; i++) {
                const e = document.querySelector(`[data-testid='z-${i}']`);
                if (!e) return z;
                z.push(Number(e.value));
            }";
        Ok(serde_json::from_value(self.script(script, vec![]).await?)?)
    }

    /// Sets a z slider.
    pub async fn set_z(&self, dimension: usize, value: f32) -> Result<()> {
        self.set_value(&format!("z-{dimension}"), &value.to_string())
            .await
    }

    // --- Real input ---

    /// Focuses an element and presses a key `times` times.
    pub async fn press(&self, id: &str, key: Key, times: usize) -> Result<()> {
        let pressed = std::iter::repeat_n(char::from(key), times);
        self.type_keys(id, pressed).await
    }

    /// Sends text to an element. A file input takes it as the names of files.
    ///
    /// # Errors
    ///
    /// If there is no such element, or it takes no text.
    pub(super) async fn send_keys(&self, id: &str, text: &str) -> Result<()> {
        let selector = format!("[data-testid='{id}']");
        let element = self.client.find(Locator::Css(&selector)).await?;
        Ok(element.send_keys(text).await?)
    }

    /// Focuses a field and types into it, replacing the selection.
    pub async fn type_text(&self, id: &str, text: &str) -> Result<()> {
        self.type_keys(id, text.chars()).await
    }

    async fn type_keys(&self, id: &str, keys: impl Iterator<Item = char>) -> Result<()> {
        let script = "const e = document.querySelector(`[data-testid='${arguments[0]}']`);
            if (e) e.focus();
            return !!e && document.activeElement === e;";
        let focused = self.script(script, vec![json!(id)]).await?;
        ensure!(focused == json!(true), "\"{id}\" can't take the focus");
        let mut actions = KeyActions::new("keyboard".to_owned());
        for value in keys {
            actions = actions
                .then(KeyAction::Down { value })
                .then(KeyAction::Up { value });
        }
        Ok(self.client.perform_actions(actions).await?)
    }

    /// Drags along points in the viewport, by mouse or, on a phone, by touch. `step` is the time from one point
    /// to the next.
    pub async fn drag(&self, points: &[(f64, f64)], step: Duration) -> Result<()> {
        let mut actions = Vec::new();
        for (i, &(x, y)) in points.iter().enumerate() {
            let duration = Some(if i == 0 { Duration::ZERO } else { step });
            actions.push(PointerAction::MoveTo { duration, x, y });
            if i == 0 {
                let button = MOUSE_BUTTON_LEFT;
                actions.push(PointerAction::Down { button });
            }
        }
        let button = MOUSE_BUTTON_LEFT;
        actions.push(PointerAction::Up { button });
        match self.device.get() {
            Device::Desktop => {
                let mouse = MouseActions::new("mouse".to_owned());
                let mouse = actions.into_iter().fold(mouse, InputSource::then);
                self.client.perform_actions(mouse).await?;
            }
            Device::Phone => {
                let finger = TouchActions::new("finger".to_owned());
                let finger = actions.into_iter().fold(finger, InputSource::then);
                self.client.perform_actions(finger).await?;
            }
        }
        Ok(())
    }

    /// Drags along points in an element, given as fractions of its width and height.
    pub async fn drag_in(&self, id: &str, points: &[(f64, f64)], step: Duration) -> Result<()> {
        self.scroll_to(id).await?;
        let place = self.bounds(id).await?;
        let points: Vec<_> = points
            .iter()
            .map(|(x, y)| (place.x + x * place.width, place.y + y * place.height))
            .collect();
        self.drag(&points, step).await
    }

    // --- The decoded image ---

    /// The decoded image, 28×28 grey levels; `None` before anything was drawn.
    pub async fn pixels(&self) -> Result<Option<Vec<u8>>> {
        self.grey_values("decoded").await
    }

    /// The 28×28 grey levels of a canvas; `None` before anything was drawn on it.
    pub async fn grey_values(&self, id: &str) -> Result<Option<Vec<u8>>> {
        // Through a copy, because the canvas may be controlled by a worker.
        let script = "const shown = document.querySelector(`[data-testid='${arguments[0]}']`);
            if (!shown || shown.width !== 28 || shown.height !== 28) return null;
            const copy = document.createElement('canvas');
            copy.width = copy.height = 28;
            const c = copy.getContext('2d', { willReadFrequently: true });
            c.drawImage(shown, 0, 0);
            const rgba = c.getImageData(0, 0, 28, 28).data;
            const grey = [];
            let opaque = true;
            for (let i = 0; i < rgba.length; i += 4) {
                if (rgba[i] !== rgba[i + 1] || rgba[i] !== rgba[i + 2]) return 'colour';
                opaque &&= rgba[i + 3] === 255;
                grey.push(rgba[i]);
            }
            return opaque ? grey : null;";
        let pixels = self.script(script, vec![json!(id)]).await?;
        ensure!(
            pixels != json!("colour"),
            "the image {id} is not grey: red, green and blue differ"
        );
        Ok(serde_json::from_value(pixels)?)
    }

    /// 28×28 grey levels of a larger canvas, starting at a pixel; `None` if not all of them were drawn.
    pub async fn canvas_pixels(
        &self,
        selector: &str,
        [left, top]: [usize; 2],
    ) -> Result<Option<Vec<u8>>> {
        let script = "const shown = document.querySelector(arguments[0]);
            if (!shown) return null;
            const c = shown.getContext('2d');
            const rgba = c.getImageData(arguments[1], arguments[2], 28, 28).data;
            const grey = [];
            for (let i = 0; i < rgba.length; i += 4) {
                if (rgba[i + 3] !== 255) return null;
                grey.push(rgba[i]);
            }
            return grey;";
        let arguments = vec![json!(selector), json!(left), json!(top)];
        let pixels = self.script(script, arguments).await?;
        Ok(serde_json::from_value(pixels)?)
    }

    /// Waits until the given backend, or any, is active, and returns its name. Starting WebGPU in software
    /// (10 MB of wasm, then its shaders) can take minutes on a busy machine.
    pub async fn wait_backend(&self, wanted: Option<&str>) -> Result<String> {
        const BACKENDS: [&str; 3] = ["webgpu", "ndarray", "flex"];
        let what = format!("\"backend-active\" says {}", wanted.unwrap_or("a backend"));
        let patience = match wanted {
            Some("webgpu") => 5 * PATIENCE,
            _ => 2 * PATIENCE,
        };
        self.until_within(patience, what, async || {
            let active = self.text("backend-active").await?;
            Ok(active.filter(|active| match wanted {
                Some(wanted) => active == wanted,
                None => BACKENDS.contains(&active.as_str()),
            }))
        })
        .await
    }

    /// Waits until the decoded image has not changed for `calm`, and returns it.
    pub async fn settled_pixels(&self, calm: Duration) -> Result<Vec<u8>> {
        self.settled(calm, "the image stays the same", async || {
            Ok(self.pixels().await?.filter(|pixels| has_ink(pixels)))
        })
        .await
    }

    /// Waits until the decoded image differs from `before`, and returns it.
    pub async fn changed_pixels(&self, before: &[u8]) -> Result<Vec<u8>> {
        self.until("another image is shown", async || {
            let now = self.pixels().await?;
            Ok(now.filter(|now| now != before && has_ink(now)))
        })
        .await
    }
}

/// Whether an image has enough contrast to show something.
fn has_ink(pixels: &[u8]) -> bool {
    let (low, high) = pixels
        .iter()
        .fold((255, 0), |(low, high), &p| (p.min(low), p.max(high)));
    high > 60 && high - low > 60
}
