//! Puts chunks beside the module that they belong to.

use std::path::Path;

use anyhow::{Context, Result, ensure};

use super::{LOADER, PAGE, PROGRAMS, wasm_files};

/// Copies the chunks of the programs in `dist` from `folder` to it, under names that begin with that of their program, and adds the code that
/// fetches them to its script.
///
/// # Errors
///
/// If a file cannot be read or written, or lacks what it is expected to contain.
pub(crate) fn publish(dist: &Path, folder: &Path) -> Result<()> {
    for program in PROGRAMS {
        let chunks = folder.join(program);
        // A served page begins with one engine; others may have chunks of an earlier build.
        let is_built = program == PAGE || dist.join(format!("{program}.js")).exists();
        if is_built && chunks.exists() {
            publish_program(program, dist, &chunks)
                .with_context(|| format!("cannot publish the chunks of {program}"))?;
        }
    }
    Ok(())
}

fn publish_program(program: &str, dist: &Path, chunks: &Path) -> Result<()> {
    let (name, end) = match program {
        // trunk has added a hash.
        PAGE => (page_name(dist)?, ".wasm"),
        // The rule for fused modules (`fuse.rs`) holds for chunks, too.
        engine => (engine.to_owned(), "_bg.wasm"),
    };
    let mut loader = std::fs::read_to_string(chunks.join(LOADER))?;
    for file in wasm_files(chunks)? {
        let chunk = chunk_name(&file);
        std::fs::copy(
            chunks.join(&file),
            dist.join(format!("{name}-{chunk}{end}")),
        )?;
        loader = replace(
            &loader,
            &format!("new URL(\"./{file}\", import.meta.url)"),
            &format!("chunkAddress(\"{chunk}\")"),
        )?;
    }
    let path = dist.join(format!("{name}.js"));
    let script = std::fs::read_to_string(&path)
        .with_context(|| format!("cannot read {}", path.display()))?;
    let script =
        with_loader(&script, &loader)? + &ADDRESS.replace("NAME", &name).replace("END", end);
    std::fs::write(path, script + INSTANTIATE)?;
    Ok(())
}

/// The script with the loader in it instead of an import of it. A file of its own would have to import the script, and
/// an address with another query would make that a second instance.
fn with_loader(script: &str, loader: &str) -> Result<String> {
    let mut exported = Vec::new();
    let mut lines = String::new();
    for line in loader.lines() {
        if line.starts_with("import ") {
            ensure!(line.contains("{ initSync }"), "unexpected: {line}");
            continue;
        }
        let line = match line.strip_prefix("export ") {
            Some(line) => {
                let name = line
                    .strip_prefix("const ")
                    .and_then(|line| line.split(' ').next())
                    .with_context(|| format!("unexpected: {line}"))?;
                exported.push(name);
                line
            }
            None => line,
        };
        lines.push_str(line);
        lines.push('\n');
    }
    ensure!(!exported.is_empty(), "the loader exports nothing");
    lines = replace(&lines, "WebAssembly.instantiateStreaming(", "instantiate(")?;
    let source = format!("from \"{LOADER}\"");
    let mut imports = Vec::new();
    let mut result = String::new();
    for line in script.lines() {
        match line
            .strip_prefix("import * as ")
            .and_then(|line| line.split_once(&source))
        {
            Some((name, _)) => imports.push(name.trim()),
            None => {
                result.push_str(line);
                result.push('\n');
            }
        }
    }
    ensure!(!imports.is_empty(), "the script does not import {LOADER}");
    result.push_str(&lines);
    for import in imports {
        result.push_str(&format!(
            "const {import} = {{ {} }};\n",
            exported.join(", ")
        ));
    }
    Ok(result)
}

/// Where a chunk is. The script of an engine has a version in its address, and `fused` if the browser supports relaxed
/// SIMD (`www/engine-worker.js`).
const ADDRESS: &str = r#"
function chunkAddress(chunk) {
    const { search, searchParams } = new URL(import.meta.url);
    const fused = searchParams.has("fused") ? "-fused" : "";
    return new URL(`./NAME-${chunk}${fused}END${search}`, import.meta.url);
}
"#;

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

/// `train` for `split_train.wasm`, and `shared-5` for `chunk_5.wasm`, which several chunks use.
fn chunk_name(file: &str) -> String {
    let name = file.trim_end_matches(".wasm");
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

#[cfg(test)]
mod tests {
    use super::*;

    const LOADER_SCRIPT: &str = "import { initSync } from \"./page.js\";
const shared = () => fetch(new URL(\"./chunk_5.wasm\", import.meta.url));
export const load_train = () => WebAssembly.instantiateStreaming(fetch(new URL(\"./split_train.wasm\", import.meta.url)), shared);
";
    const SCRIPT: &str = "import * as import1 from \"./__wasm_split.js\"
import * as import2 from \"./__wasm_split.js\"
const imports = () => ({ \"./__wasm_split.js\": import1, \"./__wasm_split.js\": import2 });
function initSync() {}
";

    fn write(folder: &Path, files: &[(&str, &str)]) {
        std::fs::create_dir_all(folder).unwrap();
        for (name, text) in files {
            std::fs::write(folder.join(name), text).unwrap();
        }
    }

    #[test]
    fn publish_names_chunks_after_their_program_and_adds_the_loader() {
        let (dist, chunks) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        write(
            dist.path(),
            &[
                ("page-1a_bg.wasm", "main"),
                ("page-1a.js", SCRIPT),
                ("engine-flex_bg.wasm", "main"),
                ("engine-flex.js", SCRIPT),
            ],
        );
        for program in ["page", "engine-flex"] {
            write(
                &chunks.path().join(program),
                &[
                    ("split_train.wasm", "train"),
                    ("chunk_5.wasm", "shared"),
                    ("__wasm_split.js", LOADER_SCRIPT),
                ],
            );
        }
        publish(dist.path(), chunks.path()).unwrap();
        let read = |name: &str| std::fs::read_to_string(dist.path().join(name)).unwrap();
        assert_eq!(read("page-1a-train.wasm"), "train");
        assert_eq!(read("page-1a-shared-5.wasm"), "shared");
        assert_eq!(read("engine-flex-train_bg.wasm"), "train");
        for (script, address) in [
            (
                read("page-1a.js"),
                "`./page-1a-${chunk}${fused}.wasm${search}`",
            ),
            (
                read("engine-flex.js"),
                "`./engine-flex-${chunk}${fused}_bg.wasm${search}`",
            ),
        ] {
            for part in [
                "const shared = () => fetch(chunkAddress(\"shared-5\"));\n",
                "\nconst load_train = () => instantiate(fetch(chunkAddress(\"train\")), shared);\n",
                "\nconst import1 = { load_train };\nconst import2 = { load_train };\n",
                "async function instantiate(",
                address,
            ] {
                assert!(script.contains(part), "{part} in {script}");
            }
            assert!(!script.contains("import * as"), "{script}");
        }
    }

    #[test]
    fn publish_rejects_a_script_that_does_not_import_the_loader() {
        let (dist, chunks) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        write(dist.path(), &[("page_bg.wasm", ""), ("page.js", "")]);
        write(
            &chunks.path().join("page"),
            &[
                ("split_train.wasm", ""),
                ("chunk_5.wasm", ""),
                ("__wasm_split.js", LOADER_SCRIPT),
            ],
        );
        assert!(publish(dist.path(), chunks.path()).is_err());
    }
}
