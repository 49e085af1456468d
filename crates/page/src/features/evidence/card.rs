//! One question of the panel, with its equation.

use leptos::prelude::*;

/// A box with a heading, where the notes treat it, an equation, and what answers it.
#[component]
pub(crate) fn Room(
    /// What it is about.
    title: &'static str,
    /// Where the notes treat it.
    source: &'static str,
    /// MathML, or nothing.
    #[prop(default = "")]
    equation: &'static str,
    /// The answer.
    children: Children,
) -> impl IntoView {
    view! {
        <section class="view-box room" aria-label=title>
            <header class="room-head">
                <h3>{title}</h3>
                <span class="room-source">{source}</span>
            </header>
            {(!equation.is_empty()).then(|| view! { <div class="equation" tabindex="0" inner_html=equation></div> })}
            {children()}
        </section>
    }
}
