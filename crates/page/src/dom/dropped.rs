//! Files that were dropped, with those in dropped folders.

use crate::dom::files::PickedFile;
use js_sys::{Array, Function, Promise, Reflect};
use std::collections::VecDeque;
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;
use web_sys::{DataTransfer, File};

/// Maximum number of files that are taken from dropped folders.
const MAX_FILES: usize = 200_000;

#[wasm_bindgen]
extern "C" {
    /// A `FileSystemEntry`: a file or a folder.
    #[derive(Clone)]
    type Entry;
    #[wasm_bindgen(method, getter, js_name = isDirectory)]
    fn is_directory(this: &Entry) -> bool;
    /// The path from the dropped folder on, with a slash before it.
    #[wasm_bindgen(method, getter, js_name = fullPath)]
    fn full_path(this: &Entry) -> String;
    #[wasm_bindgen(method)]
    fn file(this: &Entry, done: &Function, failed: &Function);
    #[wasm_bindgen(method, js_name = createReader)]
    fn create_reader(this: &Entry) -> DirectoryReader;

    type DirectoryReader;
    #[wasm_bindgen(method, js_name = readEntries)]
    fn read_entries(this: &DirectoryReader, done: &Function, failed: &Function);
}

/// The dropped files and folders, to be listed with [`files`]. Browsers give them during the event only.
pub(crate) struct Dropped {
    entries: Vec<JsValue>,
    files: Vec<PickedFile>,
}

/// What was dropped.
pub(crate) fn dropped(data: Option<DataTransfer>) -> Dropped {
    let files = data.as_ref().and_then(DataTransfer::files);
    let files = crate::dom::files::files_of_list(files);
    let items = data.and_then(|data| Reflect::get(&data, &"items".into()).ok());
    let items = items.map(|items| Array::from(&items)).unwrap_or_default();
    let entry = |item: JsValue| {
        let get = Reflect::get(&item, &"webkitGetAsEntry".into()).ok()?;
        let entry = get.dyn_into::<Function>().ok()?.call0(&item).ok()?;
        entry.is_object().then_some(entry)
    };
    Dropped {
        entries: items.iter().filter_map(entry).collect(),
        files,
    }
}

impl Dropped {
    /// Whether nothing was dropped that is a file or a folder.
    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.files.is_empty()
    }
}

/// All dropped files. Those of folders have their paths.
pub(crate) async fn files(dropped: Dropped) -> Vec<PickedFile> {
    let has_folder = dropped
        .entries
        .iter()
        .any(|entry| entry.unchecked_ref::<Entry>().is_directory());
    if !has_folder {
        return dropped.files;
    }
    let mut waiting: VecDeque<Entry> = dropped
        .entries
        .into_iter()
        .map(JsCast::unchecked_into)
        .collect();
    let mut found = Vec::new();
    while let Some(entry) = waiting.pop_front() {
        if entry.is_directory() {
            let reader = entry.create_reader();
            // Browsers give the entries of a folder in parts, and an empty one at its end.
            loop {
                let part = call(|done, failed| reader.read_entries(done, failed)).await;
                let part = part.map(|part| Array::from(&part)).unwrap_or_default();
                if part.length() == 0 || waiting.len() > MAX_FILES {
                    break;
                }
                waiting.extend(part.iter().map(|entry| entry.unchecked_into::<Entry>()));
            }
        } else if let Ok(file) = call(|done, failed| entry.file(done, failed)).await {
            let path = entry.full_path().trim_start_matches('/').to_owned();
            found.push(PickedFile {
                path,
                file: file.unchecked_into::<File>(),
            });
        }
        if found.len() >= MAX_FILES {
            break;
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// The result of a function that calls one of two functions when it is done.
async fn call(mut start: impl FnMut(&Function, &Function)) -> Result<JsValue, JsValue> {
    JsFuture::from(Promise::new(&mut |done, failed| start(&done, &failed))).await
}
