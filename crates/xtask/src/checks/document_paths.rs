//! Checks that the files and folders that documents mention exist.

use std::path::Path;

use anyhow::{Context, Result, bail};

/// The documents. CHANGELOG.md is not among them: it has names of removed files.
const DOCUMENTS: [&str; 7] = [
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "README.md",
    "tests/bench/LAB-NOTES.md",
    "tests/bench/README.md",
    "tests/bench/RESULTS.md",
    "weights/README.md",
];

/// A code span that begins with one of these is a path.
const FOLDERS: [&str; 6] = ["crates/", "tests/", "weights/", "www/", ".ci/", ".github/"];

/// A code span that begins with one of these is a path within the page's sources.
const PAGE_FOLDERS: [&str; 8] = [
    "dom/",
    "features/",
    "latent/",
    "number/",
    "platform/",
    "shell/",
    "state/",
    "ui/",
];

const PAGE_SOURCES: &str = "crates/page/src";

/// Stands for a name that a reader chooses.
const PLACEHOLDER: &str = "NAME";

/// Checks all documents and returns a line about them.
pub(crate) fn run(root: &Path) -> Result<String> {
    let mut missing = Vec::new();
    let mut count = 0;
    for document in DOCUMENTS {
        let text = std::fs::read_to_string(root.join(document))
            .with_context(|| format!("cannot read {document}"))?;
        let folder = root.join(document);
        let folder = folder.parent().unwrap_or(root);
        let spans = paths_in_code(&text)
            .into_iter()
            .map(|path| (root.join(&path), path));
        let links = link_targets(&text)
            .into_iter()
            .map(|path| (folder.join(&path), path));
        for (file, path) in spans.chain(links) {
            count += 1;
            if !file.exists() {
                missing.push(format!("{document}: {path}"));
            }
        }
    }
    if !missing.is_empty() {
        bail!(
            "documents mention files that do not exist:\n{}",
            missing.join("\n")
        );
    }
    Ok(format!("documents: all {count} paths exist"))
}

/// The paths in code spans such as `crates/a/src/{b,c}.rs`, which stands for two.
fn paths_in_code(markdown: &str) -> Vec<String> {
    // Every second part of a text that is split at backticks is a code span.
    markdown
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|span| !span.contains(char::is_whitespace) && !span.contains(['*', '…']))
        .filter(|span| !span.contains(PLACEHOLDER))
        .filter_map(|span| {
            let begins_with =
                |folders: &[&str]| folders.iter().any(|folder| span.starts_with(folder));
            if begins_with(&PAGE_FOLDERS) {
                Some(format!("{PAGE_SOURCES}/{span}"))
            } else {
                begins_with(&FOLDERS).then(|| span.to_owned())
            }
        })
        .flat_map(|path| expand(&path))
        .collect()
}

/// Expands the first `{a,b}`, then the others.
fn expand(path: &str) -> Vec<String> {
    let Some((before, rest)) = path.split_once('{') else {
        return vec![path.to_owned()];
    };
    let Some((alternatives, after)) = rest.split_once('}') else {
        return vec![path.to_owned()];
    };
    alternatives
        .split(',')
        .flat_map(|alternative| expand(&format!("{before}{}{after}", alternative.trim())))
        .collect()
}

/// The relative targets of links such as `[text](target)`.
fn link_targets(markdown: &str) -> Vec<String> {
    markdown
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split_once(')'))
        .map(|(target, _)| target.split('#').next().unwrap_or_default().to_owned())
        .filter(|target| !target.is_empty() && !target.contains("://"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_in_code_expands_braces() {
        let text = "`crates/a/{b,c}/d.rs`, `cargo test`, `tests/*.rs`, `www/NAME.css`, `ui/x.rs`";
        assert_eq!(
            paths_in_code(text),
            [
                "crates/a/b/d.rs",
                "crates/a/c/d.rs",
                "crates/page/src/ui/x.rs"
            ]
        );
    }

    #[test]
    fn link_targets_lists_relative_ones() {
        let text = "[a](A.md#part) [b](https://example.org) ![c](www/c.png) [d](#here)";
        assert_eq!(link_targets(text), ["A.md", "www/c.png"]);
    }

    #[test]
    fn run_accepts_this_workspace() {
        run(&crate::paths::workspace_root().unwrap()).unwrap();
    }
}
