//! Runs `wasm-opt` on the built modules and caches the results.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use super::fuse;
use crate::paths::Paths;
use crate::process;
use crate::setup::wasm_opt::WasmOpt;
use crate::stopwatch::Stopwatch;

/// The features that the modules use. `--all-features` would let `wasm-opt` emit instructions that
/// browsers do not support yet.
const FEATURES: &[&str] = &[
    "--enable-simd",
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
];

/// Puts similar functions next to each other, since their names share a prefix: wasm-bindgen keeps the
/// names, and `wasm-opt` drops them only when it writes the module. Compression finds what they have in
/// common; the page is 6 kB of 486 smaller with brotli, 25 kB of 650 with gzip.
const ORDER: &str = "--reorder-functions-by-name";

/// Optimizes each module of `dist` in place.
///
/// The files keep the names that trunk derived from the hash of their unoptimized content, which
/// determines the optimized content, too.
pub(crate) fn run(paths: &Paths, dist: &Path, wasm_opt: &WasmOpt) -> Result<()> {
    let cache = paths.wasm_opt_cache();
    std::fs::create_dir_all(&cache)?;
    for module in modules(dist)? {
        if fuse::is_fused(&module) {
            continue;
        }
        optimize(&cache, &module, wasm_opt)
            .with_context(|| format!("cannot optimize {}", paths.display(&module)))?;
    }
    Ok(())
}

fn optimize(cache: &Path, module: &Path, wasm_opt: &WasmOpt) -> Result<()> {
    let name = module.file_name().unwrap_or_default().to_string_lossy();
    let level = level(&name);
    let input = std::fs::read(module)?;
    let cached = cache.join(format!(
        "{}.wasm",
        cache_key(wasm_opt.version, level, &input)
    ));
    if !cached.exists() {
        eprintln!(
            "wasm-opt {level} on {name} ({:.1} MB): takes minutes, but only once",
            input.len() as f64 / 1e6
        );
        let watch = Stopwatch::start();
        // Renamed when complete, so that an interrupted run leaves no truncated module in the cache.
        let partial = cached.with_extension("partial");
        process::output(
            process::command(&wasm_opt.program)
                .arg(level)
                .arg(ORDER)
                .args(FEATURES)
                .arg(module)
                .arg("-o")
                .arg(&partial),
        )?;
        std::fs::rename(&partial, &cached)?;
        eprintln!("wasm-opt {level} on {name} took {watch}");
    }
    std::fs::copy(&cached, module)?;
    Ok(())
}

/// Optimizes CPU engines for speed and everything else for size: the page spends its time waiting
/// for input, and the WebGPU engine waiting for the GPU.
fn level(module: &str) -> &'static str {
    if module.contains("flex") || module.contains("ndarray") {
        "-O3"
    } else {
        "-Oz"
    }
}

/// The cache's key: a hash of everything that the output depends on.
fn cache_key(version: u32, level: &str, input: &[u8]) -> String {
    let mut hash = Sha256::new();
    hash.update(format!(
        "wasm-opt {version} {level} {ORDER} {}\n",
        FEATURES.join(" ")
    ));
    hash.update(input);
    hash.finalize()
        .iter()
        .fold(String::new(), |mut text, byte| {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

fn modules(dist: &Path) -> Result<Vec<PathBuf>> {
    let mut modules = Vec::new();
    for entry in std::fs::read_dir(dist)? {
        let path = entry?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "wasm")
        {
            modules.push(path);
        }
    }
    modules.sort();
    Ok(modules)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn level_is_o3_for_cpu_engines() {
        assert_eq!(level("engine-flex-1a2b_bg.wasm"), "-O3");
        assert_eq!(level("engine-ndarray_bg.wasm"), "-O3");
        assert_eq!(level("engine-webgpu_bg.wasm"), "-Oz");
        assert_eq!(level("page-1a2b_bg.wasm"), "-Oz");
    }

    #[test]
    fn cache_key_depends_on_version_level_and_input() {
        let key_of_a = cache_key(132, "-O3", b"a");
        assert_eq!(key_of_a.len(), 64);
        assert_eq!(key_of_a, cache_key(132, "-O3", b"a"));
        for other in [
            cache_key(133, "-O3", b"a"),
            cache_key(132, "-Oz", b"a"),
            cache_key(132, "-O3", b"b"),
        ] {
            assert_ne!(key_of_a, other);
        }
    }

    #[test]
    fn modules_lists_wasm_files_only() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b.wasm", "a.wasm", "a.js"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        let names: Vec<_> = modules(folder.path())
            .unwrap()
            .iter()
            .map(|path| path.file_name().unwrap().to_owned())
            .collect();
        assert_eq!(names, ["a.wasm", "b.wasm"]);
    }
}
