//! Finds import cycles between the modules at the top level of each crate.
//!
//! Folders that only group modules are looked into: the page's `features` and `shell` are compared child by child.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use proc_macro2::TokenStream;

use super::{module_paths, packages};

/// Modules whose children are compared instead of themselves.
const GROUPS: [&str; 2] = ["features", "shell"];

/// The modules that each module imports, with one file that does.
type Imports = BTreeMap<String, BTreeMap<String, PathBuf>>;

/// Checks the workspace and returns a line about it.
pub(crate) fn run(root: &Path) -> Result<String> {
    let mut cycles = Vec::new();
    let packages = packages::load(root)?;
    for (name, package) in &packages {
        let sources = root.join(&package.folder).join("src");
        let imports = imports(&sources)?;
        if let Some(cycle) = cycle(&imports) {
            cycles.push(describe(name, &cycle, &imports, root));
        }
    }
    if !cycles.is_empty() {
        bail!(
            "modules import each other in a cycle:\n{}",
            cycles.join("\n")
        );
    }
    Ok(format!(
        "modules: no import cycle in {} packages",
        packages.len()
    ))
}

/// The imports of a crate with these sources. `src/bin` holds other crates.
fn imports(sources: &Path) -> Result<Imports> {
    let mut files = Vec::new();
    for (module, path) in modules(sources)? {
        let text = std::fs::read_to_string(&path)?;
        let tokens: TokenStream = text
            .parse()
            .map_err(|error| anyhow!("cannot read {}: {error}", path.display()))?;
        files.push((module, path, tokens));
    }
    let nodes: BTreeSet<String> = files
        .iter()
        .filter_map(|(module, ..)| node(module))
        .collect();
    let aliases: BTreeMap<_, _> = files
        .iter()
        .filter(|(module, ..)| module.is_empty())
        .flat_map(|(_, _, tokens)| module_paths::root_imports(tokens.clone()))
        .collect();
    let mut imports = Imports::new();
    for (module, path, tokens) in files {
        let Some(from) = node(&module) else {
            continue;
        };
        for target in module_paths::in_file(tokens, &module) {
            let alias = target.first().and_then(|name| aliases.get(name));
            let to = node(&target)
                .filter(|name| nodes.contains(name))
                .or_else(|| node(alias?).filter(|name| nodes.contains(name)));
            if let Some(to) = to.filter(|to| *to != from) {
                let files = imports.entry(from.clone()).or_default();
                files.entry(to).or_insert_with(|| path.clone());
            }
        }
    }
    Ok(imports)
}

/// The name under which a module is compared; `None` for the crate's root.
fn node(module: &[String]) -> Option<String> {
    match module {
        [] => None,
        [first, second, ..] if GROUPS.contains(&first.as_str()) => {
            Some(format!("{first}::{second}"))
        }
        [first, ..] => Some(first.clone()),
    }
}

/// The source files of a crate, each with its module's path.
fn modules(sources: &Path) -> Result<Vec<(Vec<String>, PathBuf)>> {
    let mut found = Vec::new();
    let mut folders = vec![(Vec::new(), sources.to_owned())];
    while let Some((module, folder)) = folders.pop() {
        let entries = std::fs::read_dir(&folder)
            .with_context(|| format!("cannot read {}", folder.display()))?;
        for entry in entries {
            let path = entry?.path();
            let stem = path
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            let child = [module.as_slice(), std::slice::from_ref(&stem)].concat();
            if path.is_dir() {
                if !(module.is_empty() && stem == "bin") {
                    folders.push((child, path));
                }
            } else if path.extension().is_some_and(|extension| extension == "rs")
                && stem != "tests"
                && !stem.ends_with("_tests")
            {
                let is_root = module.is_empty() && (stem == "lib" || stem == "main");
                let module = if is_root || stem == "mod" {
                    module.clone()
                } else {
                    child
                };
                found.push((module, path));
            }
        }
    }
    found.sort();
    Ok(found)
}

/// The modules of a cycle, the first one repeated at the end.
fn cycle(imports: &Imports) -> Option<Vec<String>> {
    let mut finished = BTreeSet::new();
    imports
        .keys()
        .find_map(|start| visit(imports, start, &mut Vec::new(), &mut finished))
}

/// Depth-first search; `path` leads to `module`, and no cycle is reachable from `finished`.
fn visit(
    imports: &Imports,
    module: &str,
    path: &mut Vec<String>,
    finished: &mut BTreeSet<String>,
) -> Option<Vec<String>> {
    if let Some(at) = path.iter().position(|name| name == module) {
        return Some([&path[at..], &[module.to_owned()]].concat());
    }
    if finished.contains(module) {
        return None;
    }
    path.push(module.to_owned());
    let targets = imports.get(module).into_iter().flatten();
    for (target, _) in targets {
        if let Some(cycle) = visit(imports, target, path, finished) {
            return Some(cycle);
        }
    }
    path.pop();
    finished.insert(module.to_owned());
    None
}

fn describe(package: &str, cycle: &[String], imports: &Imports, root: &Path) -> String {
    let mut text = format!("{package}: {}", cycle.join(" → "));
    for pair in cycle.windows(2) {
        let file = &imports[&pair[0]][&pair[1]];
        let file = file.strip_prefix(root).unwrap_or(file).display();
        text += &format!("\n  {file} imports {}", pair[1]);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crate_of(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        folder
    }

    #[test]
    fn cycle_is_found_through_reexports_and_nested_files() {
        let sources = crate_of(&[
            ("lib.rs", "mod a; mod b; mod c; pub use c::Item;"),
            ("a.rs", "use crate::b::X;"),
            ("b/mod.rs", "mod inner;"),
            ("b/inner.rs", "use crate::Item;"),
            ("c.rs", "use super::a::Y;"),
        ]);
        let imports = imports(sources.path()).unwrap();
        assert_eq!(cycle(&imports).unwrap(), ["a", "b", "c", "a"]);
        let text = describe(
            "some",
            &["a".to_owned(), "b".to_owned()],
            &imports,
            sources.path(),
        );
        assert_eq!(text, "some: a → b\n  a.rs imports b");
    }

    #[test]
    fn cycle_is_absent_from_layers() {
        let sources = crate_of(&[
            ("main.rs", "mod a; mod b;"),
            ("a.rs", "use crate::b; mod tests { use crate::a; }"),
            ("b.rs", "fn f() { self::g() }"),
            ("b_tests.rs", "use crate::a;"),
            ("bin/other.rs", "use crate::a;"),
        ]);
        assert_eq!(cycle(&imports(sources.path()).unwrap()), None);
    }

    #[test]
    fn cycle_compares_features_with_each_other() {
        let sources = crate_of(&[
            ("features/train/mod.rs", "use crate::features::explore;"),
            ("features/explore/mod.rs", "use super::train::x;"),
        ]);
        let imports = imports(sources.path()).unwrap();
        assert!(cycle(&imports).is_some());
    }

    #[test]
    fn run_accepts_this_workspace() {
        run(&crate::paths::workspace_root().unwrap()).unwrap();
    }
}
