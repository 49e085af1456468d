//! The web site on which `cargo xtask bench` compares the engine with other libraries: one folder with bundled
//! scripts, the libraries' wasm modules, and the engine as a separate program.

mod contender;
mod libraries;

use std::path::{Path, PathBuf};

pub(crate) use contender::BACKENDS;

use anyhow::{Context, Result};

use crate::paths::Paths;
use crate::process;

/// The scripts to bundle: pages, workers, and one module for each library.
const SCRIPTS: [&str; 12] = [
    "host.js",
    "gradient-worker.js",
    "worker.js",
    "first.js",
    "contenders/limits.js",
    "contenders/ours.js",
    "contenders/jax-wasm.js",
    "contenders/jax-webgpu.js",
    "contenders/ort-wasm.js",
    "contenders/ort-webgpu.js",
    "contenders/tfjs-wasm.js",
    "contenders/tfjs-webgpu.js",
];

/// Files that the libraries load at run time, and the folder in which they look for them.
const RUNTIME_FILES: [(&str, &str); 5] = [
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

/// Builds the site with our engine on `backends` and returns its folder. `quick` skips `wasm-opt`, which takes
/// minutes.
pub(crate) fn ensure(paths: &Paths, quick: bool, backends: &[&str]) -> Result<PathBuf> {
    let site = paths.target.join("bench").join("site");
    std::fs::create_dir_all(&site)?;
    let modules = libraries::ensure(paths)?;
    bundle(paths, &modules, &site)?;
    for (file, folder) in RUNTIME_FILES {
        copy(&modules.join(file), &site.join(folder))?;
    }
    for page in ["host.html", "first.html"] {
        copy(&sources(paths).join(page), &site)?;
    }
    for (file, name) in [
        ("weights/mnist-16d.safetensors", "weights.safetensors"),
        ("tests/fixtures/t10k-200-images-idx3-ubyte.gz", "digits.gz"),
    ] {
        std::fs::copy(paths.root.join(file), site.join(name))?;
    }
    contender::build(paths, &site.join("ours"), quick, backends)?;
    Ok(site)
}

/// The path of Lighthouse's program, installed if it is missing.
pub(crate) fn lighthouse(paths: &Paths) -> Result<PathBuf> {
    let programs = libraries::ensure_lighthouse(paths)?.join(".bin");
    which::which_in("lighthouse", Some(programs), &paths.root)
        .context("npm installed Lighthouse, but its program is missing")
}

fn sources(paths: &Paths) -> PathBuf {
    paths.root.join("tests/bench/peers")
}

fn bundle(paths: &Paths, modules: &Path, site: &Path) -> Result<()> {
    let esbuild = which::which_in("esbuild", Some(modules.join(".bin")), &paths.root)
        .context("npm installed esbuild, but its program is missing")?;
    let sources = sources(paths);
    process::output(
        process::command(esbuild)
            .args(SCRIPTS.map(|script| sources.join(script)))
            .args(["--bundle", "--minify", "--format=esm", "--platform=browser"])
            // The libraries' modules are imported at run time.
            .args(["--target=es2022", "--external:./contenders/*"])
            .arg("--log-level=warning")
            .arg(format!("--outbase={}", sources.display()))
            .arg(format!("--outdir={}", site.display()))
            // The packages are not installed beside the sources.
            .env("NODE_PATH", modules)
            .current_dir(&paths.root),
    )?;
    Ok(())
}

fn copy(file: &Path, folder: &Path) -> Result<()> {
    let name = file.file_name().context("the path has no file name")?;
    std::fs::create_dir_all(folder)?;
    std::fs::copy(file, folder.join(name))
        .with_context(|| format!("cannot copy {}", file.display()))?;
    Ok(())
}
