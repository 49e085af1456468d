//! Files chosen by the user, and files that are served with the page.

use crate::dom::describe;
use js_sys::Uint8Array;
use protocol::NamedFile;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{File, FileList, Response};

/// Largest file that is read, in bytes; each file format has a lower limit of its own.
pub(crate) const MAX_FILE_BYTES: f64 = (512u32 << 20) as f64;

/// The files of a `FileList` (file input, drop or clipboard).
pub(crate) fn files_of_list(list: Option<FileList>) -> Vec<File> {
    list.map(|list| (0..list.length()).filter_map(|i| list.get(i)).collect())
        .unwrap_or_default()
}

/// Reads a whole file.
///
/// # Errors
///
/// If it is larger than [`MAX_FILE_BYTES`], or the browser can't read it.
pub(crate) async fn read(file: &File) -> Result<NamedFile, String> {
    if file.size() > MAX_FILE_BYTES {
        return Err(format!(
            "it has {:.0} MiB; the limit is {:.0} MiB",
            file.size() / 1048576.0,
            MAX_FILE_BYTES / 1048576.0
        ));
    }
    let buffer = JsFuture::from(file.array_buffer())
        .await
        .map_err(|error| format!("the browser can't read it ({})", describe(&error)))?;
    Ok(NamedFile {
        name: file.name(),
        bytes: Uint8Array::new(&buffer).to_vec(),
    })
}

/// Fetches files that are served with the page, by their paths relative to it.
///
/// # Errors
///
/// If one of them can't be fetched.
pub(crate) async fn fetch_files(paths: &[&str]) -> Result<Vec<NamedFile>, String> {
    let mut files = Vec::new();
    for path in paths {
        let bytes = fetch(path)
            .await
            .map_err(|error| format!("{path} could not be fetched ({error}). Try again."))?;
        let name = path.rsplit('/').next().unwrap_or(path).to_owned();
        files.push(NamedFile { name, bytes });
    }
    Ok(files)
}

async fn fetch(path: &str) -> Result<Vec<u8>, String> {
    let message = |error: JsValue| describe(&error);
    let window = web_sys::window().ok_or("there is no window")?;
    let response: Response = JsFuture::from(window.fetch_with_str(&format!("./{path}")))
        .await
        .map_err(message)?
        .unchecked_into();
    if !response.ok() {
        return Err(format!("status {}", response.status()));
    }
    let buffer = JsFuture::from(response.array_buffer().map_err(message)?)
        .await
        .map_err(message)?;
    Ok(Uint8Array::new(&buffer).to_vec())
}
