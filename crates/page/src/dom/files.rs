//! Files chosen by the user, and files that are served with the page.

use crate::dom::describe;
use js_sys::Uint8Array;
use protocol::NamedFile;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{File, FileList, Response};
use worker::Attachment;

/// Largest file that is read, in bytes; each file format has a lower limit of its own.
pub(crate) const MAX_FILE_BYTES: f64 = (512u32 << 20) as f64;

/// A file that was picked, dropped or pasted.
#[derive(Clone)]
pub(crate) struct PickedFile {
    /// Its name, or its path if it belongs to a folder that was picked or dropped.
    pub(crate) path: String,
    /// The file.
    pub(crate) file: File,
}

/// The files of a `FileList` (file input, drop or clipboard).
pub(crate) fn files_of_list(list: Option<FileList>) -> Vec<PickedFile> {
    let list = list.map(|list| (0..list.length()).filter_map(|i| list.get(i)).collect());
    let files: Vec<File> = list.unwrap_or_default();
    let picked = files.into_iter().map(|file| {
        let path = js_sys::Reflect::get(&file, &"webkitRelativePath".into()).ok();
        let path = path.and_then(|path| path.as_string());
        PickedFile {
            path: path
                .filter(|path| !path.is_empty())
                .unwrap_or_else(|| file.name()),
            file,
        }
    });
    picked.collect()
}

/// A file as the file worker reads it.
pub(crate) fn attachment(picked: PickedFile) -> (String, Attachment) {
    #[cfg(target_arch = "wasm32")]
    let attachment = Attachment(picked.file.into());
    #[cfg(not(target_arch = "wasm32"))]
    let attachment = Attachment::default();
    (picked.path, attachment)
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
