//! Firefox and WebKitGTK, in which the tests make one tour of the page. Chromium has a module of its own, because it has all
//! other tests.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use super::apt;
use super::cargo_install::Package;
use crate::paths::Paths;
use crate::versions;

/// The Debian packages: two browsers, WebKitGTK's WebDriver server, and a virtual screen for it.
const PACKAGES: [&str; 4] = ["firefox-esr", "webkit2gtk-driver", "xvfb", "xauth"];

/// Paths of the WebDriver servers.
#[derive(Debug)]
pub(crate) struct OtherBrowsers {
    geckodriver: PathBuf,
}

impl OtherBrowsers {
    /// Sets the environment variables in which the end-to-end tests look for the WebDriver servers.
    pub(crate) fn set_env<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command.env("GECKODRIVER", &self.geckodriver)
    }
}

/// Finds or installs the browsers and their WebDriver servers.
///
/// # Errors
///
/// Names what to install, if this program cannot.
pub(crate) fn ensure(paths: &Paths) -> Result<OtherBrowsers> {
    if apt::is_debian_like() {
        apt::ensure(&PACKAGES).context("the tour of the page needs Firefox and WebKitGTK")?;
    }
    let [geckodriver] = Package {
        name: "geckodriver",
        version: versions::GECKODRIVER.to_owned(),
        opt_level: "0",
    }
    .ensure(paths, ["geckodriver"])?;
    Ok(OtherBrowsers { geckodriver })
}
