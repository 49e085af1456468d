//! Splits modules into chunks: what is needed for the first image, and what is fetched when it is needed, which are the
//! page's panels and parts of the engines.
//!
//! The splitter works on a module as linked, with its relocations, so it has to run between the linker and
//! wasm-bindgen. trunk calls both. Therefore the `wasm-bindgen` that trunk finds first on PATH is a copy of this
//! program ([`install`]): it splits these modules and passes only the main part on ([`wasm_bindgen`]). The hook after
//! trunk's build puts the chunks beside it ([`publish()`]). `crates/page/src/ui/chunk.rs` and `crates/engine/src/chunk.rs`
//! are the other side.

mod publish;
mod split;

pub(crate) use publish::publish;
pub(crate) use split::{install, is_wasm_bindgen, wasm_bindgen};

use anyhow::Result;
use std::path::Path;

/// The folder of the chunks, for build scripts, for [`wasm_bindgen`] and for [`publish()`]; it has a folder for each
/// program. Without this variable each program is one module.
pub(crate) const FOLDER: &str = "ELBO_ROOM_CHUNKS";

/// The page's module and JavaScript, without extension and without the hash that trunk adds.
const PAGE: &str = "page";

/// The programs that have chunks.
const PROGRAMS: [&str; 4] = [PAGE, "engine-flex", "engine-ndarray", "engine-webgpu"];

/// The splitter's JavaScript, which fetches the chunks. The main part imports it by this name.
const LOADER: &str = "./__wasm_split.js";

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
