//! A titled section of a panel.

use leptos::prelude::*;

/// A section with a heading, a reference, an equation and the content.
#[component]
pub(crate) fn Card(
    /// The id, which links refer to.
    id: &'static str,
    /// The heading.
    title: &'static str,
    /// Where the notes treat the subject.
    source: &'static str,
    /// The equation as HTML with MathML; empty for none.
    #[prop(default = "")]
    equation: &'static str,
    /// The content.
    children: Children,
) -> impl IntoView {
    view! {
        <section class="view-box card" id=id tabindex="-1" aria-label=title>
            <header class="card-head">
                <h3>{title}</h3>
                <span class="card-source">{source}</span>
            </header>
            {(!equation.is_empty()).then(|| view! { <div class="equation" tabindex="0" inner_html=equation></div> })}
            {children()}
        </section>
    }
}
