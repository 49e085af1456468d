//! A set of emoji as an npm package of Iconify: all drawings in one JSON file.

use anyhow::{Context, Result};
use serde::{Deserialize, de::DeserializeOwned};
use std::{collections::BTreeMap, fs, path::Path};

/// A set of drawings.
#[derive(Debug, Clone)]
pub(crate) struct IconSet {
    /// The package's version.
    pub(crate) version: String,
    /// The set's title.
    pub(crate) title: String,
    /// Who drew it.
    pub(crate) author: String,
    /// SPDX identifier of the licence.
    pub(crate) licence: String,
    /// Where the drawings come from.
    pub(crate) source: String,
    /// The drawings of each category, in the order of the set.
    pub(crate) categories: BTreeMap<String, Vec<Icon>>,
}

/// A drawing.
#[derive(Debug, Clone)]
pub(crate) struct Icon {
    /// Its name, in lower case with hyphens.
    pub(crate) name: String,
    /// The SVG document.
    pub(crate) svg: String,
}

/// The part of `icons.json` that is used.
#[derive(Deserialize)]
struct Icons {
    icons: BTreeMap<String, Body>,
    #[serde(default = "default_size")]
    width: f32,
    #[serde(default = "default_size")]
    height: f32,
}

/// Iconify's default size of a drawing.
fn default_size() -> f32 {
    16.0
}

#[derive(Deserialize)]
struct Body {
    body: String,
    width: Option<f32>,
    height: Option<f32>,
    #[serde(default)]
    left: f32,
    #[serde(default)]
    top: f32,
}

/// The part of `metadata.json` that is used.
#[derive(Deserialize)]
struct Metadata {
    categories: BTreeMap<String, Vec<String>>,
}

/// The part of `info.json` that is used.
#[derive(Deserialize)]
struct Info {
    name: String,
    author: Author,
    license: License,
    version: Option<String>,
}

#[derive(Deserialize)]
struct Author {
    name: String,
    url: String,
}

#[derive(Deserialize)]
struct License {
    spdx: String,
}

#[derive(Deserialize)]
struct Manifest {
    version: String,
}

impl IconSet {
    /// Reads the package in `folder`, `node_modules/@iconify-json/NAME`.
    pub(crate) fn read(folder: &Path) -> Result<Self> {
        let icons: Icons = json(folder, "icons.json")?;
        let metadata: Metadata = json(folder, "metadata.json")?;
        let info: Info = json(folder, "info.json")?;
        let manifest: Manifest = json(folder, "package.json")?;
        let categories = metadata
            .categories
            .into_iter()
            .map(|(category, names)| {
                let drawings = names
                    .into_iter()
                    // Some names are aliases of other drawings; a drawing counts once.
                    .filter_map(|name| {
                        let svg = icons.svg(icons.icons.get(&name)?);
                        Some(Icon { name, svg })
                    })
                    .collect();
                (category, drawings)
            })
            .collect();
        Ok(Self {
            version: manifest.version,
            title: match info.version {
                Some(version) => format!("{} {version}", info.name),
                None => info.name,
            },
            author: info.author.name,
            licence: info.license.spdx,
            source: info.author.url,
            categories,
        })
    }
}

impl Icons {
    fn svg(&self, icon: &Body) -> String {
        let (width, height) = (
            icon.width.unwrap_or(self.width),
            icon.height.unwrap_or(self.height),
        );
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" \
             width=\"{width}\" height=\"{height}\" viewBox=\"{} {} {width} {height}\">{}</svg>",
            icon.left, icon.top, icon.body
        )
    }
}

fn json<T: DeserializeOwned>(folder: &Path, name: &str) -> Result<T> {
    let path = folder.join(name);
    let text =
        fs::read_to_string(&path).with_context(|| format!("can't read {}", path.display()))?;
    serde_json::from_str(&text).with_context(|| path.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn icon_set_has_each_drawing_once_in_its_category() {
        let folder = std::env::temp_dir().join(format!("elbo-room-icons-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("creates");
        for (name, text) in [
            ("package.json", r#"{"version": "1.2.3"}"#),
            (
                "info.json",
                r#"{"name": "Set", "author": {"name": "Author", "url": "its repository"},
                    "license": {"title": "MIT", "spdx": "MIT"}}"#,
            ),
            (
                "metadata.json",
                r#"{"categories": {"Food": ["apple", "red-apple"], "Animals": ["cat"]}}"#,
            ),
            (
                "icons.json",
                r#"{"prefix": "set", "width": 36, "height": 36, "aliases": {"red-apple": {"parent": "apple"}},
                    "icons": {"apple": {"body": "<path/>"}, "cat": {"body": "<g/>", "width": 40, "left": -2}}}"#,
            ),
        ] {
            fs::write(folder.join(name), text).expect("writes");
        }
        let set = IconSet::read(&folder).expect("reads");
        fs::remove_dir_all(&folder).expect("deletes");
        assert_eq!((&set.version[..], &set.licence[..]), ("1.2.3", "MIT"));
        assert_eq!(
            set.categories.keys().collect::<Vec<_>>(),
            ["Animals", "Food"]
        );
        let drawings = &set.categories["Food"];
        assert_eq!(drawings.len(), 1);
        assert!(
            drawings[0]
                .svg
                .contains("viewBox=\"0 0 36 36\"><path/></svg>")
        );
        assert!(
            set.categories["Animals"][0]
                .svg
                .contains("viewBox=\"-2 0 40 36\"")
        );
    }
}
