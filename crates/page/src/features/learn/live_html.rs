//! HTML of a chapter, with its live values filled in.

use crate::features::learn::live::LiveValues;
use leptos::{html, prelude::*};
use wasm_bindgen::JsCast;

/// A block of HTML. Elements with `data-live` show the live value of that name.
#[component]
pub(crate) fn LiveHtml(
    /// From a chapter's file.
    html: String,
    /// The element's class.
    class: &'static str,
) -> impl IntoView {
    let live = expect_context::<LiveValues>();
    let element = NodeRef::<html::Div>::new();
    if html.contains("data-live") {
        Effect::new(move |_| {
            if let Some(element) = element.get() {
                fill(&element, live);
            }
        });
    }
    view! { <div node_ref=element class=class inner_html=html></div> }
}

/// Sets the texts, and tracks the values.
fn fill(element: &web_sys::HtmlElement, live: LiveValues) {
    let Ok(found) = element.query_selector_all("[data-live]") else {
        return;
    };
    for index in 0..found.length() {
        let output = found
            .get(index)
            .and_then(|node| node.dyn_into::<web_sys::Element>().ok());
        if let Some(output) = output {
            let name = output.get_attribute("data-live").unwrap_or_default();
            let text = live.text(&name).unwrap_or_else(|| "…".to_owned());
            set_text(&output, &text);
        }
    }
}

/// Changes the text node instead of replacing it: a replaced child makes browsers evaluate the rules with `:has()` of the
/// whole page again, several milliseconds for each z.
fn set_text(element: &web_sys::Element, text: &str) {
    match element.first_child() {
        Some(node) if node.node_type() == web_sys::Node::TEXT_NODE => {
            if node.node_value().as_deref() != Some(text) {
                node.set_node_value(Some(text));
            }
        }
        _ => element.set_text_content(Some(text)),
    }
}
