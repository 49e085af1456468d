//! Lets the page's program wait for the first digit.
//!
//! trunk's page fetches its program at once, which would take most of a slow line's capacity from the decoder that draws
//! the first digit (`www/first-digit.js`).

use std::path::Path;

use anyhow::{Context, Result, ensure};
use sha2::{Digest, Sha256};

/// The line of `www/first-digit.js` that is replaced.
const PLACEHOLDER: &str = "const VERSION = \"\";";
/// The files of the decoder besides those of models.
const FILES: [&str; 3] = ["decoder-worker.js", "decoder.js", "decoder_bg.wasm"];
/// The folder with models.
const MODELS: &str = "weights";

/// Gives the script of the first digit the version of the decoder's files, and lets the page's program wait for it.
///
/// # Errors
///
/// If a file cannot be read or written, or trunk's page has another form.
pub(crate) fn run(dist: &Path) -> Result<()> {
    let page = dist.join("index.html");
    let html = std::fs::read_to_string(&page)
        .with_context(|| format!("cannot read {}", page.display()))?;
    let html = with_version(&html, &version(dist)?)?;
    std::fs::write(&page, with_deferred_program(&html)?)?;
    Ok(())
}

/// A digest of the decoder's files, whose names have none.
fn version(dist: &Path) -> Result<String> {
    let mut paths: Vec<_> = FILES.map(|name| dist.join(name)).to_vec();
    for entry in std::fs::read_dir(dist.join(MODELS))? {
        let path = entry?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "decoder")
        {
            paths.push(path);
        }
    }
    paths.sort();
    let mut hash = Sha256::new();
    for path in &paths {
        let content =
            std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        hash.update(Sha256::digest(content));
    }
    Ok(hash.finalize()[..8]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect())
}

fn with_version(html: &str, version: &str) -> Result<String> {
    ensure!(
        html.contains(PLACEHOLDER),
        "www/first-digit.js lacks the line {PLACEHOLDER}"
    );
    Ok(html.replace(PLACEHOLDER, &format!("const VERSION = \"{version}\";")))
}

/// The page whose script waits for the decoder, and whose links to the program are followed then: `first-digit.js` gives
/// them the `rel` that they have as `data-rel`.
fn with_deferred_program(html: &str) -> Result<String> {
    let (before, after) = html
        .split_once("import init")
        .context("trunk's script does not import the page's program")?;
    let (names, after) = after
        .split_once(" from '")
        .context("an import has no module")?;
    let (module, after) = after.split_once("';").context("an import does not end")?;
    let bindings = names.split_once("* as ").map(|(_, name)| name);
    let import = match bindings {
        Some(name) => {
            format!("const {name} = await import('{module}');\nconst init = {name}.default;")
        }
        None => format!("const {{ default: init }} = await import('{module}');"),
    };
    let html = format!("{before}await globalThis.firstDigit?.loaded;\n{import}{after}");
    let program = module
        .rsplit('/')
        .next()
        .unwrap_or(module)
        .trim_end_matches(".js");
    let mut deferred = String::with_capacity(html.len());
    let mut count = 0;
    for (i, part) in html.split("<link rel=\"").enumerate() {
        let is_programs = part.starts_with("modulepreload\"") || part.starts_with("preload\"");
        if i > 0 {
            let link = part.split('>').next().unwrap_or(part);
            let deferred_link = is_programs && link.contains(program);
            deferred.push_str(if deferred_link {
                "<link data-rel=\""
            } else {
                "<link rel=\""
            });
            count += usize::from(deferred_link);
        }
        deferred.push_str(part);
    }
    ensure!(count > 0, "trunk's page does not preload its program");
    Ok(deferred)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "<head><link rel=\"icon\" href=\"x\"><script type=\"module\">\nimport init, * as bindings from \
        './page-1a.js';\nconst wasm = await init({ module_or_path: './page-1a_bg.wasm' });\n</script>\
        <link rel=\"modulepreload\" href=\"./page-1a.js\"><link rel=\"preload\" href=\"./page-1a_bg.wasm\" as=\"fetch\">\
        <link rel=\"preload\" href=\"./other.wasm\"></head>";

    #[test]
    fn with_deferred_program_waits_for_the_decoder() {
        let html = with_deferred_program(PAGE).unwrap();
        let script = "await globalThis.firstDigit?.loaded;\nconst bindings = await import('./page-1a.js');\n\
            const init = bindings.default;\nconst wasm = await init(";
        assert!(html.contains(script), "{html}");
        assert!(html.contains("<link data-rel=\"modulepreload\" href=\"./page-1a.js\">"));
        assert!(html.contains("<link data-rel=\"preload\" href=\"./page-1a_bg.wasm\""));
        assert!(html.contains("<link rel=\"preload\" href=\"./other.wasm\">"));
        assert!(html.starts_with("<head><link rel=\"icon\""));
        let without = PAGE.replace(", * as bindings", "");
        let html = with_deferred_program(&without).unwrap();
        assert!(html.contains("const { default: init } = await import('./page-1a.js');"));
    }

    #[test]
    fn with_deferred_program_rejects_pages_of_another_form() {
        assert!(with_deferred_program("<head></head>").is_err());
        assert!(with_deferred_program("import init from './page.js';").is_err());
    }

    #[test]
    fn version_changes_with_each_file_of_the_decoder() {
        let folder = tempfile::tempdir().unwrap();
        let dist = folder.path();
        std::fs::create_dir(dist.join(MODELS)).unwrap();
        for name in FILES
            .into_iter()
            .chain(["weights/a.decoder", "weights/a.json"])
        {
            std::fs::write(dist.join(name), name).unwrap();
        }
        let first = version(dist).unwrap();
        std::fs::write(dist.join("weights/a.json"), "changed").unwrap();
        assert_eq!(version(dist).unwrap(), first);
        for name in ["weights/a.decoder", "decoder.js"] {
            let before = version(dist).unwrap();
            std::fs::write(dist.join(name), "changed").unwrap();
            assert_ne!(version(dist).unwrap(), before, "{name}");
        }
    }

    #[test]
    fn with_version_replaces_the_placeholder() {
        let script = include_str!("../../../../www/first-digit.js");
        let script = with_version(script, "0a1b").unwrap();
        assert!(script.contains("const VERSION = \"0a1b\";"));
        assert!(with_version("", "0a1b").is_err());
    }
}
