//! Splits the page's module into chunks: what is needed for the first image, and each panel.
//!
//! The splitter works on the module as linked, with its relocations, so it has to run between the linker and
//! wasm-bindgen. trunk calls both. Therefore the `wasm-bindgen` that trunk finds first on PATH is a copy of this
//! program ([`install`]): for the page's module, it splits and passes only the main part on ([`wasm_bindgen`]).
//! The hook after trunk's build puts the chunks beside it ([`publish`]). `crates/page/src/ui/chunk.rs` is the page's
//! side.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, anyhow, ensure};
use wasm_split_cli_support::{Options, transform};

use crate::paths::Paths;

/// The folder of the chunks, for the page's build script, for [`wasm_bindgen`] and for [`publish`]. Without it the
/// page is one module.
pub(crate) const FOLDER: &str = "ELBO_ROOM_CHUNKS";

/// The real `wasm-bindgen`.
const WASM_BINDGEN: &str = "ELBO_ROOM_WASM_BINDGEN";

/// The name of the program that is replaced.
const PROGRAM: &str = "wasm-bindgen";

/// The page's module and JavaScript, without extension.
const PAGE: &str = "page";

/// The splitter's JavaScript, which fetches the chunks. The main part imports it by this name.
const LOADER: &str = "./__wasm_split.js";

/// Makes `command`, which calls wasm-bindgen, split the page's module. Returns the folder that must be first on its
/// PATH.
///
/// # Errors
///
/// If this program cannot be copied there.
pub(crate) fn install(
    paths: &Paths,
    wasm_bindgen: &Path,
    command: &mut Command,
) -> Result<PathBuf> {
    let folder = paths.tools().join("split");
    let program = folder.join(format!("{PROGRAM}{}", std::env::consts::EXE_SUFFIX));
    std::fs::create_dir_all(&folder)?;
    if program.exists() {
        std::fs::remove_file(&program)?;
    }
    let this = std::env::current_exe()?;
    std::fs::hard_link(&this, &program)
        .or_else(|_| std::fs::copy(&this, &program).map(drop))
        .with_context(|| format!("cannot write {}", program.display()))?;
    command
        .env(FOLDER, paths.target.join("chunks"))
        .env(WASM_BINDGEN, wasm_bindgen);
    Ok(folder)
}

/// Whether this process was started as `wasm-bindgen`.
pub(crate) fn is_wasm_bindgen() -> bool {
    std::env::args_os()
        .next()
        .is_some_and(|program| Path::new(&program).file_stem() == Some(PROGRAM.as_ref()))
}

/// Runs the real `wasm-bindgen` with the arguments of this process. The page's module is split first.
///
/// # Errors
///
/// If an environment variable is missing, the module cannot be split, or the program cannot be started.
pub(crate) fn wasm_bindgen() -> Result<ExitCode> {
    let variable =
        |name| std::env::var_os(name).with_context(|| format!("{name} is not set: see chunks.rs"));
    let mut arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    if let Some(module) = arguments
        .iter_mut()
        .find(|argument| Path::new(argument).ends_with(format!("{PAGE}.wasm")))
    {
        let main = split(Path::new(module), Path::new(&variable(FOLDER)?))
            .with_context(|| format!("cannot split {}", module.display()))?;
        *module = main.into_os_string();
        // The chunks import the function table, which the linker exports.
        arguments.push("--keep-lld-exports".into());
    }
    let status = Command::new(variable(WASM_BINDGEN)?)
        .args(arguments)
        .status()
        .context("cannot start wasm-bindgen")?;
    Ok(match status.success() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

/// Splits `module` into chunks in `folder`. Returns the path of the main part.
fn split(module: &Path, folder: &Path) -> Result<PathBuf> {
    if folder.exists() {
        // Chunks of an earlier build.
        std::fs::remove_dir_all(folder)?;
    }
    let main = folder.join("main").join(format!("{PAGE}.wasm"));
    std::fs::create_dir_all(folder.join("main"))?;
    let input = std::fs::read(module)?;
    let main_module = format!("./{PAGE}.js");
    let mut options = Options::new(&input);
    options.output_dir = folder;
    options.main_out_path = &main;
    options.main_module = &main_module;
    options.link_name = LOADER;
    let result = transform(options).map_err(|error| anyhow!("{error:#}"))?;
    ensure!(
        !result.split_modules.is_empty(),
        "the page has no chunks: the module was linked without {FOLDER} in the environment"
    );
    Ok(main)
}

/// Copies the chunks from `folder` to `dist`, under names with the hash that trunk has given the page.
///
/// # Errors
///
/// If a file cannot be read or written, or lacks what it is expected to contain.
pub(crate) fn publish(dist: &Path, folder: &Path) -> Result<()> {
    let page = page_name(dist)?;
    let mut loader = std::fs::read_to_string(folder.join(LOADER))?;
    for name in wasm_files(folder)? {
        let published = format!("{page}-{}", published_name(&name));
        std::fs::copy(folder.join(&name), dist.join(&published))?;
        loader = replace(
            &loader,
            &format!("\"./{name}\""),
            &format!("\"./{published}\""),
        )?;
    }
    loader = replace(
        &loader,
        &format!("\"./{PAGE}.js\""),
        &format!("\"./{page}.js\""),
    )?;
    loader = replace(&loader, "WebAssembly.instantiateStreaming(", "instantiate(")?;
    loader.push_str(INSTANTIATE);
    let loader_name = format!("{page}-chunks.js");
    std::fs::write(dist.join(&loader_name), loader)?;
    edit(&dist.join(format!("{page}.js")), |script| {
        replace(
            script,
            &format!("from \"{LOADER}\""),
            &format!("from \"./{loader_name}\""),
        )
    })?;
    // Otherwise browsers would find it only after they have parsed the page's script.
    edit(&dist.join("index.html"), |html| {
        let element = html
            .split_inclusive('>')
            .find(|element| {
                element.contains("modulepreload") && element.contains(&format!("{page}.js"))
            })
            .and_then(|element| element.rfind('<').map(|start| &element[start..]))
            .context("index.html does not preload the page's script")?;
        let added = element.replace(&format!("{page}.js"), &loader_name);
        Ok(html.replacen(element, &format!("{element}{added}"), 1))
    })
}

/// What the loader calls in place of `WebAssembly.instantiateStreaming`, which fails if a server sends another type than
/// `application/wasm`.
const INSTANTIATE: &str = r#"
async function instantiate(request, imports) {
    const response = await request;
    if (!response.ok) {
        throw new Error(`${response.url}: status ${response.status}`);
    }
    const type = response.headers.get("Content-Type") ?? "";
    return type.startsWith("application/wasm")
        ? WebAssembly.instantiateStreaming(response, imports)
        : WebAssembly.instantiate(await response.arrayBuffer(), imports);
}
"#;

/// The page's files in `dist`, without `.js`: `page-` and a hash.
fn page_name(dist: &Path) -> Result<String> {
    let suffix = "_bg.wasm";
    wasm_files(dist)?
        .into_iter()
        .find_map(|name| {
            Some(name.strip_suffix(suffix)?.to_owned()).filter(|name| name.starts_with(PAGE))
        })
        .with_context(|| format!("{} has no module {PAGE}-…{suffix}", dist.display()))
}

/// The names of the modules in `folder`, sorted.
fn wasm_files(folder: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.ends_with(".wasm") {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

/// `train.wasm` instead of `split_train.wasm`, and `shared-5.wasm` instead of `chunk_5.wasm`, which several chunks use.
fn published_name(name: &str) -> String {
    match name.strip_prefix("split_") {
        Some(name) => name.to_owned(),
        None => name.replacen("chunk_", "shared-", 1),
    }
}

/// `text` with each `from` replaced.
fn replace(text: &str, from: &str, to: &str) -> Result<String> {
    ensure!(text.contains(from), "{from} is missing");
    Ok(text.replace(from, to))
}

fn edit(path: &Path, change: impl Fn(&str) -> Result<String>) -> Result<()> {
    let content =
        std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let content = change(&content).with_context(|| format!("cannot change {}", path.display()))?;
    std::fs::write(path, content)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn publish_names_chunks_after_the_page_and_links_them() {
        let (dist, chunks) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let write = |folder: &Path, name: &str, text: &str| {
            std::fs::write(folder.join(name), text).unwrap();
        };
        write(dist.path(), "page-1a_bg.wasm", "main");
        write(dist.path(), "engine-flex_bg.wasm", "engine");
        write(
            dist.path(),
            "page-1a.js",
            "import * as a from \"./__wasm_split.js\";\nimports = { \"./__wasm_split.js\": a };",
        );
        write(
            dist.path(),
            "index.html",
            "<head><link rel=\"modulepreload\" href=\"./page-1a.js\"><b>x</b></head>",
        );
        write(chunks.path(), "split_train.wasm", "train");
        write(chunks.path(), "chunk_5.wasm", "shared");
        write(
            chunks.path(),
            "__wasm_split.js",
            "import { initSync } from \"./page.js\";\n\
             fetch(\"./split_train.wasm\"); fetch(\"./chunk_5.wasm\");\n\
             WebAssembly.instantiateStreaming(a, b);",
        );
        publish(dist.path(), chunks.path()).unwrap();
        let read = |name: &str| std::fs::read_to_string(dist.path().join(name)).unwrap();
        assert_eq!(read("page-1a-train.wasm"), "train");
        assert_eq!(read("page-1a-shared-5.wasm"), "shared");
        assert_eq!(
            read("page-1a.js"),
            "import * as a from \"./page-1a-chunks.js\";\nimports = { \"./__wasm_split.js\": a };"
        );
        assert_eq!(
            read("index.html"),
            "<head><link rel=\"modulepreload\" href=\"./page-1a.js\">\
             <link rel=\"modulepreload\" href=\"./page-1a-chunks.js\"><b>x</b></head>"
        );
        let loader = read("page-1a-chunks.js");
        for part in [
            "from \"./page-1a.js\"",
            "fetch(\"./page-1a-train.wasm\"); fetch(\"./page-1a-shared-5.wasm\")",
            "\ninstantiate(a, b)",
            "async function instantiate(",
        ] {
            assert!(loader.contains(part), "{part} in {loader}");
        }
    }

    #[test]
    fn publish_rejects_a_page_that_does_not_import_the_loader() {
        let (dist, chunks) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        for (name, text) in [("page_bg.wasm", ""), ("page.js", ""), ("index.html", "")] {
            std::fs::write(dist.path().join(name), text).unwrap();
        }
        std::fs::write(
            chunks.path().join("__wasm_split.js"),
            "\"./page.js\" WebAssembly.instantiateStreaming(",
        )
        .unwrap();
        assert!(publish(dist.path(), chunks.path()).is_err());
    }
}
