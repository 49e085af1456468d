//! Checks the dependencies between crates against the code map of ARCHITECTURE.md.
//!
//! Every package of the workspace must have a row there. A forbidden crate must not be reachable through
//! the manifests of the workspace's packages: normal dependencies, on all platforms, optional ones included.
//! What a third-party crate itself depends on does not count (`sha2` depends on `js-sys` in the browser).

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;

use anyhow::{Context, Result, bail};

use super::code_map::{self, Rule};
use super::packages::{self, Packages};

const DOCUMENT: &str = "ARCHITECTURE.md";

/// Checks the workspace and returns a line about it.
pub(crate) fn run(root: &Path) -> Result<String> {
    let markdown = std::fs::read_to_string(root.join(DOCUMENT))
        .with_context(|| format!("cannot read {DOCUMENT}"))?;
    let rules = code_map::parse(&markdown)
        .with_context(|| format!("cannot read the code map of {DOCUMENT}"))?;
    let packages = packages::load(root)?;
    let violations = violations(&packages, &rules);
    if !violations.is_empty() {
        bail!(
            "dependencies do not follow {DOCUMENT}:\n{}",
            violations.join("\n")
        );
    }
    Ok(format!(
        "dependencies: {} packages follow {DOCUMENT}",
        packages.len()
    ))
}

/// One message for each package that breaks its rule or has none, and for each rule without a package.
fn violations(packages: &Packages, rules: &BTreeMap<String, Rule>) -> Vec<String> {
    let mut messages = Vec::new();
    for (name, package) in packages {
        match rules.get(&package.folder) {
            None => messages.push(format!(
                "{name}: the code map has no row for `{}`",
                package.folder
            )),
            Some(Rule::AllowOnly(allowed)) => {
                let excess = package.dependencies.iter().filter(|dependency| {
                    !allowed.iter().any(|pattern| pattern.matches(dependency))
                });
                messages.extend(excess.map(|dependency| {
                    format!("{name} must not depend on {dependency}: {name} → {dependency}")
                }));
            }
            Some(Rule::Forbid(forbidden)) => {
                for path in paths_from(packages, name) {
                    let reached = path[path.len() - 1];
                    if forbidden.iter().any(|pattern| pattern.matches(reached)) {
                        messages.push(format!(
                            "{name} must not depend on {reached}: {}",
                            path.join(" → ")
                        ));
                    }
                }
            }
        }
    }
    for folder in rules.keys() {
        if !packages.values().any(|package| package.folder == *folder) {
            messages.push(format!(
                "the code map has a row for `{folder}`, which is no package"
            ));
        }
    }
    messages
}

/// A shortest path from `start` to each crate that it depends on through packages of the workspace.
fn paths_from<'a>(packages: &'a Packages, start: &'a str) -> Vec<Vec<&'a str>> {
    let mut paths: Vec<Vec<&str>> = Vec::new();
    let mut queue = VecDeque::from([vec![start]]);
    while let Some(path) = queue.pop_front() {
        let Some(package) = packages.get(path[path.len() - 1]) else {
            continue;
        };
        for dependency in &package.dependencies {
            let known =
                dependency == start || paths.iter().any(|path| path[path.len() - 1] == dependency);
            if !known {
                let path: Vec<&str> = path.iter().copied().chain([dependency.as_str()]).collect();
                paths.push(path.clone());
                queue.push_back(path);
            }
        }
    }
    paths
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::packages::Package;

    const MAP: &str = "\
| crate | what it is | must not depend on |
| --- | --- | --- |
| `crates/model` | | the web |
| `crates/files` | | |
| `crates/wire` | | anything but `serde` |

| group | crates |
| --- | --- |
| the web | `web-sys`, `leptos*` |
";

    fn check(packages: &[(&str, &[&str])]) -> Vec<String> {
        let packages = packages
            .iter()
            .map(|(name, dependencies)| {
                let package = Package {
                    folder: format!("crates/{name}"),
                    dependencies: dependencies.iter().map(|name| (*name).to_owned()).collect(),
                };
                ((*name).to_owned(), package)
            })
            .collect();
        violations(&packages, &code_map::parse(MAP).unwrap())
    }

    #[test]
    fn violations_is_empty_for_permitted_dependencies() {
        let found = check(&[
            ("model", &["burn"]),
            ("files", &["model", "web-sys"]),
            ("wire", &["serde"]),
        ]);
        assert_eq!(found, Vec::<String>::new());
    }

    #[test]
    fn violations_names_crate_dependency_and_path() {
        let found = check(&[
            ("model", &["files"]),
            ("files", &["web-sys", "leptos_dom"]),
            ("wire", &["serde", "model"]),
        ]);
        assert_eq!(
            found,
            [
                "model must not depend on web-sys: model → files → web-sys",
                "model must not depend on leptos_dom: model → files → leptos_dom",
                "wire must not depend on model: wire → model",
            ]
        );
    }

    #[test]
    fn violations_reports_missing_and_stale_rows() {
        let found = check(&[("model", &[]), ("files", &[]), ("other", &[])]);
        assert_eq!(
            found,
            [
                "other: the code map has no row for `crates/other`",
                "the code map has a row for `crates/wire`, which is no package",
            ]
        );
    }

    #[test]
    fn run_accepts_this_workspace() {
        let root = crate::paths::workspace_root().unwrap();
        run(&root).unwrap();
    }
}
