//! A font family as an npm package of Fontsource.

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// A family: one package.
#[derive(Debug, Clone)]
pub(crate) struct Family {
    /// The package's name without its scope.
    pub(crate) id: String,
    /// The package's version.
    pub(crate) version: String,
    pub(crate) name: String,
    /// Fontsource's category, such as serif or handwriting.
    pub(crate) category: String,
    /// SPDX identifier of the licence.
    pub(crate) licence: String,
    /// The copyright notice.
    pub(crate) copyright: String,
    /// Where the package's fonts come from.
    pub(crate) source: String,
    /// Its styles, the one nearest to regular first.
    pub(crate) styles: Vec<Style>,
}

/// A font of a family.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Style {
    /// From 100, thin, to 900, black.
    pub(crate) weight: u16,
    pub(crate) italic: bool,
    /// The WOFF2 file with the Latin letters.
    pub(crate) file: PathBuf,
}

impl Style {
    /// Its name in lists, such as `400` or `700i`.
    pub(crate) fn name(&self) -> String {
        format!("{}{}", self.weight, if self.italic { "i" } else { "" })
    }
}

/// The part of a package's `metadata.json` that is used.
#[derive(Deserialize)]
struct Metadata {
    id: String,
    family: String,
    weights: Vec<u16>,
    styles: Vec<String>,
    category: String,
    license: License,
    source: String,
}

#[derive(Deserialize)]
struct License {
    #[serde(rename = "type")]
    spdx: String,
    #[serde(default)]
    attribution: String,
}

/// The part of a package's `package.json` that is used.
#[derive(Deserialize)]
struct Manifest {
    version: String,
}

/// Reads all families below `scope`, the folder `node_modules/@fontsource`, in alphabetical order.
pub(crate) fn families(scope: &Path) -> Result<Vec<Family>> {
    let mut folders = fs::read_dir(scope)
        .with_context(|| format!("can't read {}", scope.display()))?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<Vec<_>>>()?;
    folders.sort();
    let families = folders
        .iter()
        .map(|folder| family(folder).with_context(|| folder.display().to_string()))
        .collect::<Result<Vec<_>>>()?;
    ensure!(
        !families.is_empty(),
        "there are no font packages in {}",
        scope.display()
    );
    Ok(families)
}

fn family(folder: &Path) -> Result<Family> {
    let read = |name: &str| fs::read_to_string(folder.join(name)).context(name.to_owned());
    let metadata: Metadata = serde_json::from_str(&read("metadata.json")?)?;
    let manifest: Manifest = serde_json::from_str(&read("package.json")?)?;
    let mut styles = Vec::new();
    for &weight in &metadata.weights {
        for slope in &metadata.styles {
            let file = folder
                .join("files")
                .join(format!("{}-latin-{weight}-{slope}.woff2", metadata.id));
            // Not every weight exists in every slope.
            if file.is_file() {
                styles.push(Style {
                    weight,
                    italic: slope == "italic",
                    file,
                });
            }
        }
    }
    styles.sort_by_key(|style| (style.italic, style.weight.abs_diff(400), style.weight));
    Ok(Family {
        id: metadata.id,
        version: manifest.version,
        name: metadata.family,
        category: metadata.category,
        licence: metadata.license.spdx,
        copyright: metadata.license.attribution,
        source: metadata.source,
        styles,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_have_the_styles_whose_files_exist() {
        let scope = std::env::temp_dir().join(format!("elbo-room-fonts-{}", std::process::id()));
        let folder = scope.join("example");
        fs::create_dir_all(folder.join("files")).expect("creates");
        let write = |name: &str, text: &str| fs::write(folder.join(name), text).expect("writes");
        write(
            "package.json",
            r#"{"name": "@fontsource/example", "version": "5.1.2"}"#,
        );
        write(
            "metadata.json",
            r#"{"id": "example", "family": "Example", "subsets": ["latin"], "weights": [300, 400, 700],
                "styles": ["italic", "normal"], "category": "serif", "source": "its repository",
                "license": {"type": "OFL-1.1", "attribution": "Copyright its author"}}"#,
        );
        for style in ["300-normal", "400-italic", "400-normal", "700-normal"] {
            write(&format!("files/example-latin-{style}.woff2"), "");
        }
        write("files/example-cyrillic-700-italic.woff2", "");
        let found = families(&scope).expect("reads");
        fs::remove_dir_all(&scope).expect("deletes");
        let names: Vec<String> = found[0].styles.iter().map(Style::name).collect();
        assert_eq!(names, ["400", "300", "700", "400i"]);
        assert_eq!(found[0].version, "5.1.2");
        assert_eq!(found[0].licence, "OFL-1.1");
        assert_eq!(found[0].copyright, "Copyright its author");
    }
}
