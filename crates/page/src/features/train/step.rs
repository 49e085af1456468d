//! One of the three steps of the panel: images, model, training.

use leptos::{html, prelude::*};

/// A numbered section.
#[component]
pub(crate) fn TrainStep(
    /// Its number, from 1.
    number: u8,
    /// Its title.
    title: &'static str,
    /// Its CSS class.
    class: &'static str,
    /// Its element.
    #[prop(optional)]
    node_ref: NodeRef<html::Section>,
    /// The content.
    children: Children,
) -> impl IntoView {
    let id = format!("train-step-{number}");
    let labelled_by = id.clone();
    view! {
        <section class=format!("train-step {class}") node_ref=node_ref aria-labelledby=labelled_by>
            <h3 class="step-title" id=id>
                <span class="step-number">{number}</span>
                {title}
            </h3>
            {children()}
        </section>
    }
}
