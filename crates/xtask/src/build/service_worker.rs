//! The service worker, which keeps the page usable without a network.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::sizes;

/// The service worker without the list of files.
const TEMPLATE: &str = include_str!("../../../../www/service-worker.js");
/// The line of the template that is replaced.
const PLACEHOLDER: &str = "const BUILD = { version: \"\", files: {} };";
/// Its name in the build.
const NAME: &str = "service-worker.js";
/// Tells the page that there is a service worker.
const META: &str = "<meta name=\"service-worker\" content=\"service-worker.js\">";

/// Writes the service worker with the digests of all files in `dist`, which must be final, and names it in `index.html`.
///
/// # Errors
///
/// If a file cannot be read or written, or `index.html` has no head.
pub(crate) fn write(dist: &Path) -> Result<()> {
    let page = dist.join("index.html");
    let html = std::fs::read_to_string(&page)
        .with_context(|| format!("cannot read {}", page.display()))?;
    std::fs::write(&page, with_meta(&html)?)?;
    let mut digests = BTreeMap::new();
    for path in sizes::files(dist)? {
        let name = path.strip_prefix(dist)?.display().to_string();
        let name = name.replace(std::path::MAIN_SEPARATOR, "/");
        if name != NAME {
            digests.insert(name, STANDARD.encode(Sha256::digest(std::fs::read(&path)?)));
        }
    }
    std::fs::write(dist.join(NAME), script(&digests)?)?;
    Ok(())
}

/// The template with the list of files.
fn script(digests: &BTreeMap<String, String>) -> Result<String> {
    ensure!(
        TEMPLATE.contains(PLACEHOLDER),
        "www/service-worker.js lacks the line {PLACEHOLDER}"
    );
    let files = serde_json::to_string_pretty(digests)?;
    let all: Sha256 = digests
        .iter()
        .flat_map(|(name, digest)| [name, digest])
        .fold(Sha256::new(), |hash, text| hash.chain_update(text));
    let version = STANDARD.encode(&all.finalize()[..9]);
    let list = format!("const BUILD = {{ version: \"{version}\", files: {files} }};");
    Ok(TEMPLATE.replace(PLACEHOLDER, &list))
}

/// The page with the meta element, which it has once however often it is added.
fn with_meta(html: &str) -> Result<String> {
    if html.contains(META) {
        return Ok(html.to_owned());
    }
    let head = html.find("</head>").context("index.html has no </head>")?;
    Ok(format!("{}  {META}\n  {}", &html[..head], &html[head..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn write_lists_all_files_but_compressed_copies_and_itself() {
        let folder = tempfile::tempdir().unwrap();
        let dist = folder.path();
        std::fs::create_dir(dist.join("weights")).unwrap();
        for (name, text) in [
            ("index.html", "<html><head></head></html>"),
            ("weights/a.json", "{}"),
            ("weights/a.json.br", "x"),
        ] {
            std::fs::write(dist.join(name), text).unwrap();
        }
        write(dist).unwrap();
        let first = std::fs::read_to_string(dist.join(NAME)).unwrap();
        // The digest of `{}`.
        let line = "\"weights/a.json\": \"RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o=\"";
        assert!(first.contains(line), "{first}");
        assert!(first.contains("\"index.html\""));
        assert!(!first.contains("a.json.br"));
        // The same build has the same version; any change is another one.
        write(dist).unwrap();
        assert_eq!(first, std::fs::read_to_string(dist.join(NAME)).unwrap());
        std::fs::write(dist.join("weights/a.json"), "[]").unwrap();
        write(dist).unwrap();
        let second = std::fs::read_to_string(dist.join(NAME)).unwrap();
        let version = |text: &str| {
            text.split("version: ")
                .nth(1)
                .map(|text| text[..14].to_owned())
        };
        assert_ne!(version(&first), version(&second));
    }

    #[test]
    fn with_meta_needs_a_head() {
        let html = with_meta("<head></head>").unwrap();
        assert!(html.contains(META));
        assert!(with_meta("<html>").is_err());
    }
}
