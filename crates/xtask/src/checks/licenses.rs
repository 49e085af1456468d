//! Checks the licences of all dependencies against the list in deny.toml, without installing anything.
//!
//! `cargo xtask audit` runs cargo-deny, which reads the same list and also the licence files.

use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use spdx::expression::Expression;
use spdx::{LicenseReq, ParseMode};

use crate::process;
use crate::setup::wasm_target::WASM;

/// Dependencies that only other platforms have are left to cargo-deny, because cargo would have to
/// download them.
const PLATFORMS: [&str; 2] = [WASM, "x86_64-unknown-linux-gnu"];

#[derive(Deserialize)]
struct DenyToml {
    licenses: Licenses,
}

/// The section `[licenses]` of deny.toml.
#[derive(Deserialize)]
struct Licenses {
    /// SPDX identifiers.
    allow: Vec<String>,
    /// Expressions for crates whose manifest has none.
    #[serde(default)]
    clarify: Vec<Clarification>,
}

#[derive(Deserialize)]
struct Clarification {
    #[serde(rename = "crate")]
    package: String,
    expression: String,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    resolve: Resolve,
}

#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
    version: String,
    license: Option<String>,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
}

/// Checks the workspace and returns a line about it.
pub(crate) fn run(root: &Path) -> Result<String> {
    let text = std::fs::read_to_string(root.join("deny.toml")).context("cannot read deny.toml")?;
    let deny: DenyToml = toml::from_str(&text).context("cannot parse deny.toml")?;
    let platforms = PLATFORMS.map(|platform| format!("--filter-platform={platform}"));
    let json = process::output(
        process::cargo()
            .args(["metadata", "--format-version", "1", "--all-features"])
            .args(platforms)
            .current_dir(root),
    )?;
    let mut metadata: Metadata = serde_json::from_str(&json)?;
    metadata.packages.retain(|package| {
        metadata
            .resolve
            .nodes
            .iter()
            .any(|node| node.id == package.id)
    });
    let rejected: Vec<_> = metadata
        .packages
        .iter()
        .filter_map(|package| deny.licenses.check(package).err())
        .collect();
    if !rejected.is_empty() {
        bail!(
            "licences that deny.toml does not allow:\n{}",
            rejected.join("\n")
        );
    }
    Ok(format!(
        "licences: those of {} packages are allowed (advisories: `cargo xtask audit`)",
        metadata.packages.len()
    ))
}

impl Licenses {
    /// # Errors
    ///
    /// The package with its licence, if that is not allowed or not known.
    fn check(&self, package: &Package) -> Result<(), String> {
        let clarified = || {
            let mut entries = self.clarify.iter();
            let entry = entries.find(|entry| entry.package == package.name)?;
            Some(entry.expression.as_str())
        };
        let name = format!("{} {}", package.name, package.version);
        let Some(license) = package.license.as_deref().or_else(clarified) else {
            return Err(format!("{name}: no licence expression"));
        };
        let allowed = Expression::parse_mode(license, ParseMode::LAX)
            .is_ok_and(|expression| expression.evaluate(|requirement| self.allows(requirement)));
        if allowed {
            Ok(())
        } else {
            Err(format!("{name}: {license}"))
        }
    }

    fn allows(&self, requirement: &LicenseReq) -> bool {
        self.allow.contains(&requirement.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(license: Option<&str>) -> Result<(), String> {
        let licenses = Licenses {
            allow: vec!["MIT".to_owned(), "ISC".to_owned()],
            clarify: Vec::new(),
        };
        licenses.check(&Package {
            id: String::new(),
            name: "some".to_owned(),
            version: "1.0.0".to_owned(),
            license: license.map(str::to_owned),
        })
    }

    #[test]
    fn check_evaluates_expressions() {
        for allowed in ["MIT", "Apache-2.0/MIT", "(MIT OR GPL-3.0-only) AND ISC"] {
            assert_eq!(check(Some(allowed)), Ok(()), "{allowed}");
        }
        for rejected in [
            "GPL-3.0-only",
            "MIT AND Apache-2.0",
            "Apache-2.0 WITH LLVM-exception",
            "?",
        ] {
            assert_eq!(
                check(Some(rejected)),
                Err(format!("some 1.0.0: {rejected}"))
            );
        }
        assert_eq!(
            check(None),
            Err("some 1.0.0: no licence expression".to_owned())
        );
    }

    #[test]
    fn check_uses_clarifications() {
        let licenses: DenyToml = toml::from_str(
            "[licenses]\nallow = [\"MIT\"]\n[[licenses.clarify]]\ncrate = \"some\"\nexpression = \"MIT\"\n",
        )
        .unwrap();
        let package = Package {
            id: String::new(),
            name: "some".to_owned(),
            version: "1.0.0".to_owned(),
            license: None,
        };
        assert_eq!(licenses.licenses.check(&package), Ok(()));
    }
}
