//! The pages of the bench beside other libraries: peers from npm, our engine as a program of its own, and what
//! is bundled of both, in one folder.

mod libraries;
mod program;

use std::path::{Path, PathBuf};

pub(crate) use program::BACKENDS;

use anyhow::{Context, Result};

use crate::places::Places;
use crate::process;

/// Scripts that are bundled: pages, workers, and a module for each contender.
const SCRIPTS: [&str; 10] = [
    "host.js",
    "helper.js",
    "worker.js",
    "first.js",
    "contenders/limits.js",
    "contenders/ours.js",
    "contenders/ort-wasm.js",
    "contenders/ort-webgpu.js",
    "contenders/tfjs-wasm.js",
    "contenders/tfjs-webgpu.js",
];

/// What the libraries load by themselves, and the folder where they look for it.
const LOADED: [(&str, &str); 5] = [
    (
        "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm",
        "tfjs",
    ),
    ("onnxruntime-web/dist/ort-wasm-simd-threaded.mjs", "ort"),
    ("onnxruntime-web/dist/ort-wasm-simd-threaded.wasm", "ort"),
    (
        "onnxruntime-web/dist/ort-wasm-simd-threaded.asyncify.mjs",
        "ort",
    ),
    (
        "onnxruntime-web/dist/ort-wasm-simd-threaded.asyncify.wasm",
        "ort",
    ),
];

/// Makes the folder, with our engine on these backends, and gives its path. A quick bench does without `wasm-opt`,
/// which takes minutes.
pub(crate) fn ensure(places: &Places, quick: bool, backends: &[&str]) -> Result<PathBuf> {
    let site = places.target.join("bench").join("site");
    std::fs::create_dir_all(&site)?;
    let modules = libraries::ensure(places)?;
    bundle(places, &modules, &site)?;
    for (file, folder) in LOADED {
        copy(&modules.join(file), &site.join(folder))?;
    }
    for page in ["host.html", "first.html"] {
        copy(&sources(places).join(page), &site)?;
    }
    for (file, name) in [
        ("weights/mnist-16d.safetensors", "weights.safetensors"),
        ("tests/fixtures/t10k-200-images-idx3-ubyte.gz", "digits.gz"),
    ] {
        std::fs::copy(places.root.join(file), site.join(name))?;
    }
    program::build(places, &site.join("ours"), quick, backends)?;
    Ok(site)
}

fn sources(places: &Places) -> PathBuf {
    places.root.join("tests/bench/peers")
}

fn bundle(places: &Places, modules: &Path, site: &Path) -> Result<()> {
    let esbuild = which::which_in("esbuild", Some(modules.join(".bin")), &places.root)
        .context("npm installed esbuild, but there is no program")?;
    let sources = sources(places);
    process::output(
        process::command(esbuild)
            .args(SCRIPTS.map(|script| sources.join(script)))
            .args(["--bundle", "--minify", "--format=esm", "--platform=browser"])
            // Who is asked for is loaded when it is asked for.
            .args(["--target=es2022", "--external:./contenders/*"])
            .arg("--log-level=warning")
            .arg(format!("--outbase={}", sources.display()))
            .arg(format!("--outdir={}", site.display()))
            // The sources lie elsewhere than the packages.
            .env("NODE_PATH", modules)
            .current_dir(&places.root),
    )?;
    Ok(())
}

fn copy(file: &Path, folder: &Path) -> Result<()> {
    let name = file.file_name().context("a file has a name")?;
    std::fs::create_dir_all(folder)?;
    std::fs::copy(file, folder.join(name))
        .with_context(|| format!("cannot copy {}", file.display()))?;
    Ok(())
}
