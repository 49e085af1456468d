//! Chromium and chromedriver, for tests in a browser.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::apt;

/// Paths of the browser and of its WebDriver server.
#[derive(Debug)]
pub(crate) struct Browser {
    chromium: PathBuf,
    chromedriver: PathBuf,
}

impl Browser {
    /// Sets the environment variables in which wasm-bindgen-test-runner and the end-to-end tests
    /// look for the browser.
    pub(crate) fn set_env<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command
            .env("CHROMIUM", &self.chromium)
            .env("CHROMEDRIVER", &self.chromedriver)
    }
}

/// Finds or installs Chromium and chromedriver. The environment variables `CHROMIUM` and
/// `CHROMEDRIVER` take precedence.
pub(crate) fn ensure() -> Result<Browser> {
    if let Some(browser) = find()? {
        return Ok(browser);
    }
    if apt::is_debian_like() {
        apt::ensure(&["chromium", "chromium-driver"])
            .context("tests in a browser need Chromium and chromedriver")?;
    }
    find()?.with_context(|| {
        format!(
            "tests in a browser need Chromium or Chrome and a chromedriver of the same version; {}",
            install_hint(std::env::consts::OS)
        )
    })
}

fn install_hint(os: &str) -> &'static str {
    match os {
        "macos" => "install them with: brew install --cask google-chrome chromedriver",
        "windows" => {
            "install Chrome, put chromedriver.exe \
            (https://googlechromelabs.github.io/chrome-for-testing/) on PATH"
        }
        _ => {
            "install your distribution's packages (Fedora: chromium chromedriver, Arch: chromium), \
            or set the environment variables CHROMIUM and CHROMEDRIVER"
        }
    }
}

fn find() -> Result<Option<Browser>> {
    let chromium = from_env("CHROMIUM")?
        .or_else(|| on_path(PROGRAM_NAMES))
        .or_else(|| {
            INSTALL_PATHS
                .iter()
                .map(PathBuf::from)
                .find(|path| path.exists())
        });
    let chromedriver = from_env("CHROMEDRIVER")?.or_else(|| on_path(&["chromedriver"]));
    Ok(chromium
        .zip(chromedriver)
        .map(|(chromium, chromedriver)| Browser {
            chromium,
            chromedriver,
        }))
}

const PROGRAM_NAMES: &[&str] = &[
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
];

/// Where Chrome's installers put it; they do not add it to PATH.
const INSTALL_PATHS: &[&str] = &[
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
];

fn on_path(programs: &[&str]) -> Option<PathBuf> {
    programs
        .iter()
        .find_map(|program| which::which(program).ok())
}

fn from_env(variable: &str) -> Result<Option<PathBuf>> {
    let Some(path) = std::env::var_os(variable).map(PathBuf::from) else {
        return Ok(None);
    };
    if !path.is_file() {
        bail!(
            "the file that {variable} names does not exist: {}",
            path.display()
        );
    }
    Ok(Some(path))
}
