//! The browser engines that tests can drive, and how each is started.

use super::driver::Missing;
use anyhow::{Result, bail};
use serde_json::{Map, Value, json};
use std::{env, ffi::OsString, net::TcpListener, path::PathBuf, process::Command};

/// A browser engine.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum BrowserEngine {
    /// Chromium, by chromedriver.
    #[default]
    Chromium,
    /// Firefox, by geckodriver.
    Firefox,
    /// WebKitGTK's MiniBrowser, by WebKitWebDriver, on a virtual screen. The nearest to Safari outside of macOS.
    WebKitGtk,
}

impl BrowserEngine {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Chromium => "Chromium",
            Self::Firefox => "Firefox",
            Self::WebKitGtk => "WebKitGTK",
        }
    }

    /// The WebDriver server: the environment variable with its path, and its name on `PATH`.
    fn driver(self) -> (&'static str, &'static str) {
        match self {
            Self::Chromium => ("CHROMEDRIVER", "chromedriver"),
            Self::Firefox => ("GECKODRIVER", "geckodriver"),
            Self::WebKitGtk => ("WEBKIT_DRIVER", "WebKitWebDriver"),
        }
    }

    /// The WebDriver server's command and, if it does not say which port it listens on, the port.
    ///
    /// # Errors
    ///
    /// [`Missing`] if the server is not installed.
    pub(super) fn command(self) -> Result<(Vec<OsString>, Option<u16>)> {
        let (variable, name) = self.driver();
        let program: OsString = find(variable, name)?.into();
        Ok(match self {
            Self::Chromium => (
                vec![program, "--port=0".into(), "--log-level=SEVERE".into()],
                None,
            ),
            Self::Firefox => (vec![program, "--port".into(), "0".into()], None),
            Self::WebKitGtk => {
                let screen = find("XVFB_RUN", "xvfb-run")?.into();
                let port = free_port()?;
                let arguments = ["-a", "-s", "-screen 0 1400x1000x24"].map(OsString::from);
                let mut command = vec![screen];
                command.extend(arguments);
                command.extend([program, format!("--port={port}").into()]);
                (command, Some(port))
            }
        })
    }

    /// Settings of the server's process.
    pub(super) fn set_env(self, command: &mut Command) {
        if self == Self::WebKitGtk {
            command
                // With its sandbox it does not run as root, which is usual in containers.
                .env("WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS", "1")
                .env("LIBGL_ALWAYS_SOFTWARE", "1");
        }
    }

    /// The capabilities of a session of Firefox or WebKitGTK, in a state as after its installation.
    ///
    /// # Errors
    ///
    /// For Chromium, whose capabilities depend on more than the engine.
    pub(super) fn capabilities(self) -> Result<Map<String, Value>> {
        let capabilities = match self {
            Self::Firefox => json!({
                "browserName": "firefox",
                "moz:firefoxOptions": {
                    "args": ["-headless", "-width", "1280", "-height", "900"],
                    "prefs": {
                        // Software drawing has no GPU process that could fail to start.
                        "ui.prefersReducedMotion": 1,
                        "datareporting.policy.dataSubmissionEnabled": false,
                        "app.update.disabledForTesting": true,
                    },
                },
            }),
            Self::WebKitGtk => json!({
                "webkitgtk:browserOptions": {
                    "binary": mini_browser()?,
                    "args": ["--automation"],
                },
            }),
            Self::Chromium => bail!("the capabilities of Chromium are those of its tab"),
        };
        match capabilities {
            Value::Object(capabilities) => Ok(capabilities),
            _ => bail!("capabilities are an object"),
        }
    }
}

/// The path in an environment variable, or the program on `PATH`.
fn find(variable: &str, name: &str) -> Result<PathBuf> {
    if let Some(named) = env::var_os(variable) {
        let named = PathBuf::from(named);
        if named.is_file() {
            return Ok(named);
        }
        let text = format!("{variable} is not the path of a file: {}", named.display());
        return Err(Missing(text).into());
    }
    env::var_os("PATH")
        .iter()
        .flat_map(env::split_paths)
        .map(|folder| folder.join(name))
        .find(|program| program.is_file())
        .ok_or_else(|| {
            let text = format!("{name} was not found: neither {variable} nor PATH leads to it");
            Missing(text).into()
        })
}

/// WebKitGTK's small browser, which is not on `PATH`.
fn mini_browser() -> Result<String> {
    let folders = std::fs::read_dir("/usr/lib")
        .into_iter()
        .flatten()
        .flatten();
    folders
        .flat_map(|folder| {
            ["webkit2gtk-4.1", "webkitgtk-6.0", "webkit2gtk-4.0"]
                .map(|version| folder.path().join(version).join("MiniBrowser"))
        })
        .find(|program| program.is_file())
        .map(|program| program.display().to_string())
        .ok_or_else(|| Missing("WebKitGTK's MiniBrowser was not found".to_owned()).into())
}

/// A port that is free now.
fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
