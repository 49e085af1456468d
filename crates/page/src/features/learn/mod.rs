//! The Learn panel: a course in chapters, whose text is fetched with the panel.

pub(crate) mod answer;
pub(crate) mod chapter_list;
pub(crate) mod chapter_view;
#[cfg(test)]
mod content_tests;
pub(crate) mod drive;
pub(crate) mod encoder_layers;
pub(crate) mod figures;
pub(crate) mod gaussian_search;
pub(crate) mod live;
pub(crate) mod live_html;
pub(crate) mod load;
pub(crate) mod measures;
pub(crate) mod panel_links;
pub(crate) mod place;
pub(crate) mod probe;
pub(crate) mod progress;
pub(crate) mod question_card;
pub(crate) mod reader_image;
mod screen_layout;
pub(crate) mod screen_view;
pub(crate) mod state;

use crate::state::actions::Actions;
use chapter_list::ChapterList;
use chapter_view::ChapterView;
use course::{Chapter, Outline};
use drive::Driver;
use leptos::prelude::*;
use panel_links::{PanelLink, TextLink, followed};
use state::LearnState;
use std::sync::Arc;
use wasm_bindgen_futures::spawn_local;

/// What is open.
#[derive(Debug, Clone, PartialEq)]
enum Open {
    Loading,
    List,
    Chapter(Arc<Chapter>),
    Failed(String),
}

/// The panel: the list of chapters, or a chapter.
#[component]
pub(crate) fn Learn(
    /// Called when the reader follows a link to another panel.
    on_open: Callback<PanelLink>,
) -> impl IntoView {
    let state = expect_context::<LearnState>();
    let driver = expect_context::<Driver>();
    let actions = expect_context::<Actions>();
    let outlines = RwSignal::new(None::<Arc<Vec<Outline>>>);
    let open = RwSignal::new(Open::Loading);
    let chapter = Memo::new(move |_| {
        state
            .place
            .with(|place| place.as_ref().map(|place| place.chapter))
    });
    Effect::new(move |_| {
        let number = chapter.get();
        spawn_local(async move {
            let result = match load::outlines(state).await {
                Ok(all) => {
                    // A link may name a chapter that does not exist.
                    let number = number.filter(|number| *number <= all.len());
                    if number.is_none() {
                        state.place.try_set(None);
                    }
                    outlines.try_set(Some(all));
                    match number {
                        None => Open::List,
                        Some(number) => match load::chapter(state, number).await {
                            Ok(chapter) => Open::Chapter(chapter),
                            Err(error) => Open::Failed(error),
                        },
                    }
                }
                Err(error) => Open::Failed(error),
            };
            if chapter.try_get_untracked() == Some(number) {
                open.try_set(result);
            }
        });
    });
    // The reader's own state comes back when no chapter is open.
    Effect::new(move |_| {
        if open.with(|open| *open == Open::List) {
            driver.restore();
        }
    });
    state.visiting.set(false);
    on_cleanup(move || {
        state.presenting.set(false);
        if !state.visiting.get_untracked() {
            driver.restore();
        }
    });
    let follow_link = move |event: leptos::ev::MouseEvent| match followed(&event) {
        Some(TextLink::Panel(link)) => {
            state.visiting.set(true);
            on_open.run(link);
        }
        Some(TextLink::Model(name)) => actions.select_model(&name),
        None => {}
    };
    let content = move || match (open.get(), outlines.get()) {
        (Open::Failed(error), _) => view! {
            <p class="file-problems" role="alert" data-testid="error">
                "The course cannot be shown: "
                {error}
            </p>
        }
        .into_any(),
        (Open::List, Some(outlines)) => view! { <ChapterList outlines /> }.into_any(),
        (Open::Chapter(chapter), Some(outlines)) => {
            view! { <ChapterView chapter outlines /> }.into_any()
        }
        (Open::Loading | Open::List | Open::Chapter(_), _) => {
            view! { <p class="explore-empty" role="status">"Loading the course…"</p> }.into_any()
        }
    };
    view! {
        <div class="learn" on:click=follow_link>
            {content}
        </div>
    }
}
