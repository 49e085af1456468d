//! An area on which files can be dropped.

use crate::dom::dropped::{dropped, files as dropped_files};
use crate::dom::files::{PickedFile, files_of_list};
use crate::dom::listener::Listener;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{ClipboardEvent, DragEvent};

/// Makes its children a drop target. Of a dropped folder, all files are taken. While it exists, files that are pasted anywhere on the page count as dropped.
#[component]
pub(crate) fn DropZone(
    /// Called with the files, at least one.
    on_files: impl Fn(Vec<PickedFile>) + Copy + 'static,
    /// Its CSS class. While files are dragged over it, it also has the class `over`.
    #[prop(default = "")]
    class: &'static str,
    children: Children,
) -> impl IntoView {
    let over = RwSignal::new(false);
    let accept = move |files: Vec<PickedFile>| {
        if !files.is_empty() {
            on_files(files);
        }
    };
    let on_drop = move |event: DragEvent| {
        event.prevent_default();
        over.set(false);
        let dropped = dropped(event.data_transfer());
        if !dropped.is_empty() {
            wasm_bindgen_futures::spawn_local(async move {
                accept(dropped_files(dropped).await);
            });
        }
    };
    let on_dragover = move |event: DragEvent| {
        event.prevent_default();
        over.set(true);
    };
    let paste = web_sys::window().map(|window| {
        Listener::new(&window, "paste", move |event| {
            let data = event.unchecked_into::<ClipboardEvent>().clipboard_data();
            accept(files_of_list(data.and_then(|data| data.files())));
        })
    });
    let paste = StoredValue::new_local(paste);
    on_cleanup(move || drop(paste.try_update_value(Option::take)));
    view! {
        <div
            class=class
            class:over=move || over.get()
            on:drop=on_drop
            on:dragover=on_dragover
            on:dragleave=move |_| over.set(false)
        >
            {children()}
        </div>
    }
}
