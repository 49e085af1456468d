//! Compares models: a table of the user's own ones, and two models side by side for the same z, image and map.

mod figures;
mod own_models;
mod rows;
mod second_model;
mod side_by_side;

use leptos::prelude::*;
use own_models::OwnModels;
use second_model::SecondModel;
use side_by_side::SideBySide;

/// The section. Its content is made when it is opened: the second model has a worker of its own.
#[component]
pub(crate) fn Compare() -> impl IntoView {
    let is_open = RwSignal::new(false);
    let was_open = Memo::new(move |before: Option<&bool>| is_open.get() || before == Some(&true));
    let on_toggle = move |event: web_sys::Event| {
        let open = event
            .target()
            .and_then(|target| js_sys::Reflect::get(&target, &"open".into()).ok());
        is_open.set(open.is_some_and(|open| open.is_truthy()));
    };
    view! {
        <details class="view-box compare" data-testid="compare" on:toggle=on_toggle>
            <summary>
                <h3>"Compare models"</h3>
            </summary>
            <Show when=move || was_open.get()>
                <Content />
            </Show>
        </details>
    }
}

#[component]
fn Content() -> impl IntoView {
    let second = SecondModel::new();
    provide_context(second);
    view! {
        <OwnModels />
        <SideBySide />
    }
}
