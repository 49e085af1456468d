//! The programs of the fuzz targets.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::paths::Paths;
use crate::process;
use crate::setup::cargo_fuzz::{self, NIGHTLY};

/// The package that cargo-fuzz compiles.
const PACKAGE: &str = "tests/fuzz/libfuzzer";

/// Fuzz targets whose programs are built.
pub(crate) struct Programs {
    /// Their names.
    pub(crate) targets: Vec<String>,
    folder: PathBuf,
}

#[derive(Deserialize)]
struct Manifest {
    bin: Vec<Bin>,
}

#[derive(Deserialize)]
struct Bin {
    name: String,
    #[serde(default, rename = "required-features")]
    required_features: Vec<String>,
}

impl Programs {
    /// Builds the programs of these targets, or of all. Without `features`, those of the page and those that build models
    /// are left out, whose dependencies take minutes to compile.
    pub(crate) fn build(paths: &Paths, selected: &[String], features: bool) -> Result<Self> {
        let manifest = paths.root.join(PACKAGE).join("Cargo.toml");
        let text = std::fs::read_to_string(&manifest)
            .with_context(|| format!("cannot read {}", manifest.display()))?;
        let targets = select(&text, selected, features)?;
        let cargo_fuzz = cargo_fuzz::ensure(paths)?;
        copy_lock_file(paths)?;
        let target = paths.target.join("fuzz");
        let mut command = process::command(cargo_fuzz);
        command
            .args(["fuzz", "build", "--strip-dead-code", "--sanitizer", "none"])
            .args(["--fuzz-dir", PACKAGE])
            .arg("--target-dir")
            .arg(&target)
            .current_dir(&paths.root)
            .env("RUSTUP_TOOLCHAIN", NIGHTLY)
            // The cargo of the toolchain that runs xtask.
            .env_remove("CARGO")
            .env_remove("CARGO_TARGET_DIR");
        if !features {
            command.arg("--no-default-features");
        }
        if let [only] = targets.as_slice() {
            command.arg(only);
        }
        process::run(&mut command)?;
        let version =
            process::output(process::command("rustup").args(["run", NIGHTLY, "rustc", "-vV"]))?;
        let host = host(&version).context("rustc did not print its host")?;
        Ok(Self {
            targets,
            folder: target.join(host).join("release"),
        })
    }

    /// The program of a target.
    pub(crate) fn path(&self, target: &str) -> PathBuf {
        self.folder.join(target)
    }
}

fn select(manifest: &str, selected: &[String], features: bool) -> Result<Vec<String>> {
    let manifest: Manifest = toml::from_str(manifest).context("cannot read the manifest")?;
    let known: Vec<String> = manifest.bin.iter().map(|bin| bin.name.clone()).collect();
    if let Some(unknown) = selected.iter().find(|name| !known.contains(name)) {
        bail!(
            "there is no fuzz target {unknown}; there are {}",
            known.join(", ")
        );
    }
    let bins = manifest.bin.into_iter();
    let bins = bins.filter(|bin| selected.is_empty() || selected.contains(&bin.name));
    Ok(bins
        .filter(|bin| features || bin.required_features.is_empty())
        .map(|bin| bin.name)
        .collect())
}

/// Gives the package the versions of the workspace's lock file, whenever that is newer.
fn copy_lock_file(paths: &Paths) -> Result<()> {
    let (from, to) = (
        paths.root.join("Cargo.lock"),
        paths.root.join(PACKAGE).join("Cargo.lock"),
    );
    let modified = |path: &Path| path.metadata().and_then(|data| data.modified()).ok();
    if modified(&to) < modified(&from) {
        std::fs::copy(&from, &to).with_context(|| format!("cannot write {}", to.display()))?;
    }
    Ok(())
}

/// The host in the output of `rustc -vV`.
fn host(version: &str) -> Option<&str> {
    version.lines().find_map(|line| line.strip_prefix("host: "))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = "[[bin]]\nname = \"png\"\npath = \"a\"\n\n\
                            [[bin]]\nname = \"weights\"\nrequired-features = [\"models\"]\n";

    #[test]
    fn select_leaves_features_out_and_rejects_unknown_targets() {
        let of = |selected: &[&str], features| {
            let selected: Vec<String> = selected.iter().map(|&name| name.to_owned()).collect();
            select(MANIFEST, &selected, features)
        };
        assert_eq!(of(&[], true).unwrap(), ["png", "weights"]);
        assert_eq!(of(&[], false).unwrap(), ["png"]);
        assert_eq!(of(&["weights"], true).unwrap(), ["weights"]);
        let error = of(&["gif"], true).unwrap_err().to_string();
        assert!(error.contains("png, weights"), "{error}");
    }

    #[test]
    fn host_is_read_from_the_version() {
        assert_eq!(
            host("rustc 1.97\nhost: x86_64-unknown-linux-gnu\n"),
            Some("x86_64-unknown-linux-gnu")
        );
        assert_eq!(host("rustc"), None);
    }
}
