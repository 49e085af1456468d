//! Where files can be dropped.

use crate::dom::files::files_of_list;
use crate::dom::listener::Listener;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{ClipboardEvent, DragEvent, File};

/// What it holds, as a place to drop files on. Those that are pasted anywhere meanwhile are taken, too.
#[component]
pub(crate) fn DropZone(
    /// Takes the files; never none.
    on_files: impl Fn(Vec<File>) + Copy + 'static,
    /// A class for its looks. While files are held over it, it also has `over`.
    #[prop(default = "")]
    class: &'static str,
    children: Children,
) -> impl IntoView {
    let over = RwSignal::new(false);
    let take = move |files: Vec<File>| {
        if !files.is_empty() {
            on_files(files);
        }
    };
    let on_drop = move |event: DragEvent| {
        event.prevent_default();
        over.set(false);
        take(files_of_list(
            event.data_transfer().and_then(|data| data.files()),
        ));
    };
    let on_dragover = move |event: DragEvent| {
        event.prevent_default();
        over.set(true);
    };
    let paste = web_sys::window().map(|window| {
        Listener::new(&window, "paste", move |event| {
            let data = event.unchecked_into::<ClipboardEvent>().clipboard_data();
            take(files_of_list(data.and_then(|data| data.files())));
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
