//! Chromium and its driver, for tests in a browser.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::apt;

/// A browser and the program that drives it.
#[derive(Debug)]
pub(crate) struct Browser {
    chromium: PathBuf,
    chromedriver: PathBuf,
}

impl Browser {
    /// Tells `command` where they are, by the names that wasm-bindgen-test-runner and our own
    /// tests look for.
    pub(crate) fn name_to<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command
            .env("CHROMIUM", &self.chromium)
            .env("CHROMEDRIVER", &self.chromedriver)
    }
}

/// Finds them (the environment variables `CHROMIUM` and `CHROMEDRIVER` go first) or installs them.
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
            how(std::env::consts::OS)
        )
    })
}

fn how(os: &str) -> &'static str {
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
    let chromium = named("CHROMIUM")?
        .or_else(|| on_path(CHROMIUM))
        .or_else(|| {
            WELL_KNOWN
                .iter()
                .map(PathBuf::from)
                .find(|path| path.exists())
        });
    let chromedriver = named("CHROMEDRIVER")?.or_else(|| on_path(&["chromedriver"]));
    Ok(chromium
        .zip(chromedriver)
        .map(|(chromium, chromedriver)| Browser {
            chromium,
            chromedriver,
        }))
}

const CHROMIUM: &[&str] = &[
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
];

/// Where installers put Chrome without a word to PATH.
const WELL_KNOWN: &[&str] = &[
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
];

fn on_path(programs: &[&str]) -> Option<PathBuf> {
    programs
        .iter()
        .find_map(|program| which::which(program).ok())
}

fn named(variable: &str) -> Result<Option<PathBuf>> {
    let Some(path) = std::env::var_os(variable).map(PathBuf::from) else {
        return Ok(None);
    };
    if !path.is_file() {
        bail!("{variable} names no file: {}", path.display());
    }
    Ok(Some(path))
}
