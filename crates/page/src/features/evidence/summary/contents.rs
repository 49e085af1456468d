//! The list of contents, which marks the section in view.

use crate::dom::listener::Listener;
use crate::features::evidence::sections::Section;
use leptos::{html, prelude::*};
use wasm_bindgen::JsCast;

/// A section is the current one from where its top is above this share of the viewport's height.
const READING_LINE: f64 = 0.45;

/// Links to all sections that are on the panel.
#[component]
pub(crate) fn Contents() -> impl IntoView {
    let current = RwSignal::new(Section::IMAGE);
    let list = NodeRef::<html::Nav>::new();
    let window = window();
    let update = move |_: web_sys::Event| {
        if let Some(section) = in_view() {
            let is_new = current.try_with_untracked(|current| *current != section);
            if is_new == Some(true) {
                current.set(section);
                // Where the list scrolls sideways, its entry comes into view.
                show_entry(list, section);
            }
        }
    };
    let listener = StoredValue::new_local(Listener::new(&window, "scroll", update));
    on_cleanup(move || listener.dispose());
    let links = Section::ALL
        .iter()
        .map(|&section| {
            view! {
                <li>
                    <a
                        href=format!("#{}", section.id)
                        aria-current=move || (current.get() == section).then_some("true")
                        // By itself, a browser does not scroll to a focused link that is partly in view.
                        on:focus=move |_| show_entry(list, section)
                    >
                        {section.name}
                    </a>
                </li>
            }
        })
        .collect_view();
    view! {
        <nav node_ref=list class="evidence-contents" aria-label="Contents of Evidence" data-testid="evidence-contents">
            <ul>{links}</ul>
        </nav>
    }
}

/// Space left of the current entry, in pixels.
const ENTRY_MARGIN: i32 = 24;

/// Scrolls the list sideways to the entry of this section.
fn show_entry(list: NodeRef<html::Nav>, section: Section) {
    let Some(list) = list.get_untracked() else {
        return;
    };
    let link = list.query_selector(&format!("a[href='#{}']", section.id));
    let link = link
        .ok()
        .flatten()
        .and_then(|link| link.dyn_into::<web_sys::HtmlElement>().ok());
    if let Some(link) = link {
        list.set_scroll_left(link.offset_left() - ENTRY_MARGIN);
    }
}

/// The last section whose top is above the reading line.
fn in_view() -> Option<Section> {
    let document = document();
    let height = window().inner_height().ok()?.as_f64()?;
    Section::ALL.iter().copied().rfind(|section| {
        document
            .get_element_by_id(section.id)
            .is_some_and(|element| element.get_bounding_client_rect().top() < READING_LINE * height)
    })
}
