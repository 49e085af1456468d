//! A chapter: its head, the open screen, and the way on.

use crate::dom;
use crate::dom::listener::Listener;
use crate::features::encode::follow_mean::follow_mean;
use crate::features::evidence::log_likelihood_at_z::follow_log_likelihood_at_z;
use crate::features::evidence::query_sequence::run_queries;
use crate::features::learn::chapter_list::progress_text;
use crate::features::learn::drive::Driver;
use crate::features::learn::live::LiveValues;
use crate::features::learn::place::Place;
use crate::features::learn::reader_image::ReaderImageChoice;
use crate::features::learn::screen_view::ScreenView;
use crate::features::learn::state::LearnState;
use crate::state::engine_view::EngineView;
use crate::state::latent_vector::LatentVector;
use crate::ui::button::{Button, ButtonKind};
use course::{Action, Chapter, Hooks, Outline};
use leptos::{prelude::*, reactive::owner::LocalStorage};
use std::sync::Arc;
use std::time::Duration;
use wasm_bindgen::JsCast;

/// The time after a change of screen before it is scrolled to: its elements must exist.
const LAYOUT: Duration = Duration::from_millis(30);

/// The chapter.
#[component]
pub(crate) fn ChapterView(
    /// The content.
    chapter: Arc<Chapter>,
    /// All chapters.
    outlines: Arc<Vec<Outline>>,
) -> impl IntoView {
    let state = expect_context::<LearnState>();
    let driver = expect_context::<Driver>();
    let outline = chapter.outline.clone();
    let number = outline.number;
    let screens = chapter.screens.len();
    driver.remember();
    let keep = state
        .linked
        .try_update_value(std::mem::take)
        .unwrap_or_default();
    if chapter.hooks.enter.contains(&Action::Follow) {
        follow_mean();
        if keep[1] {
            keep_linked_z();
        }
    }
    run_queries();
    follow_log_likelihood_at_z();
    provide_context(LiveValues::new());
    driver.run(&chapter.hooks.enter, keep);
    let chapter_hooks = chapter.hooks.clone();
    let screen = Memo::new(move |_| {
        let wanted = state
            .place
            .with(|place| place.as_ref().map_or(1, |place| place.screen));
        wanted.clamp(1, screens)
    });
    run_hooks(&chapter, driver, screen, keep);
    announce_completion(&chapter, driver, state);
    record_and_scroll(state, number, screen);
    present_by_keys(state, screen, screens);

    let chapter_count = outlines.len();
    let next_title = outlines.get(number).map(|outline| outline.title.clone());
    let go_next = move || {
        let at = screen.get_untracked();
        if at < screens {
            state.go(Place::new(number, at + 1));
        } else if number < chapter_count {
            state.go(Place::new(number + 1, 1));
        } else {
            state.close_chapter();
        }
    };
    let go_back = move || {
        let at = screen.get_untracked();
        if at > 1 {
            state.go(Place::new(number, at - 1));
        } else {
            state.close_chapter();
        }
    };
    let next_text = move || {
        if screen.get() < screens {
            "Next".to_owned()
        } else {
            match &next_title {
                Some(title) => format!("Next chapter: {title}"),
                None => "Back to the list".to_owned(),
            }
        }
    };
    let titles = outline.screens.clone();
    let dots = titles
        .into_iter()
        .enumerate()
        .map(|(index, title)| {
            let is_open = move || screen.get() == index + 1;
            view! {
                <li>
                    <button
                        type="button"
                        class="screen-dot"
                        data-testid=format!("learn-screen-{}", index + 1)
                        aria-current=move || is_open().then_some("step")
                        title=title.clone()
                        aria-label=format!("Screen {}: {title}", index + 1)
                        on:click=move |_| state.go(Place::new(number, index + 1))
                    >
                        {index + 1}
                    </button>
                </li>
            }
        })
        .collect_view();
    let counted = outline.clone();
    let progress = move || {
        let count = state.progress.with(|progress| progress.count(&counted));
        progress_text(count)
    };
    let content = move || {
        let chapter = chapter.clone();
        let shown = screen.get();
        let all = state.whole_chapter.get();
        chapter
            .screens
            .iter()
            .cloned()
            .enumerate()
            .map(|(index, screen)| (index + 1, screen))
            .filter(|(number, _)| all || *number == shown)
            .map(|(number, screen)| view! { <ScreenView screen number /> })
            .collect_view()
    };
    view! {
        <article class="chapter" data-chapter=number.to_string()>
            <header class="chapter-head">
                <Button kind=ButtonKind::Quiet test_id="learn-list" on_click=move |_| state.close_chapter()>
                    "← All chapters"
                </Button>
                <div class="chapter-tools">
                    <Button
                        kind=ButtonKind::Quiet
                        test_id="learn-present"
                        pressed=state.presenting
                        title="Large type and arrow keys, for a projector"
                        on_click=move |_| state.presenting.update(|on| *on = !*on)
                    >
                        {move || if state.presenting.get() { "End presentation" } else { "Present" }}
                    </Button>
                    <Button
                        kind=ButtonKind::Quiet
                        test_id="learn-whole"
                        pressed=state.whole_chapter
                        title="All screens below each other"
                        on_click=move |_| state.whole_chapter.update(|on| *on = !*on)
                    >
                        "Whole chapter"
                    </Button>
                    <Button
                        kind=ButtonKind::Quiet
                        test_id="learn-print"
                        title="Print all screens of this chapter, with their figures as they are"
                        on_click=move |_| print_chapter(state)
                    >
                        "Print"
                    </Button>
                </div>
                <h3>{format!("{number}. {}", outline.title)}</h3>
                <p class="chapter-source">{outline.source.clone()}</p>
            </header>
            <ReaderImageChoice is_used=uses_image(&chapter_hooks) />
            <nav class="screen-dots" aria-label="Screens of this chapter">
                <ol>{dots}</ol>
                <span data-testid="learn-progress">{progress}</span>
            </nav>
            <div class="screens">{content}</div>
            <nav class="chapter-nav" aria-label="Previous and next screen">
                <Button test_id="learn-back" on_click=move |_| go_back()>
                    {move || if screen.get() > 1 { "Back" } else { "All chapters" }}
                </Button>
                <Button kind=ButtonKind::Primary test_id="learn-next" on_click=move |_| go_next()>
                    {next_text}
                </Button>
            </nav>
        </article>
    }
}

/// Whether a chapter is about an image: it begins with one.
fn uses_image(hooks: &Hooks) -> bool {
    let is_digit = |action: &Action| matches!(action, Action::Digit(..));
    hooks.enter.iter().any(is_digit)
}

/// Sets the z of the address again after the first image has moved it to its mean.
fn keep_linked_z() {
    let view = expect_context::<EngineView>();
    let latent = expect_context::<LatentVector>();
    let linked = StoredValue::new(Some(latent.z_untracked()));
    Effect::new(move |_| {
        if view.encoded.with(Option::is_some)
            && let Some(z) = linked.try_update_value(Option::take).flatten()
        {
            latent.set(z, dom::now());
        }
    });
}

/// Runs the hooks of screens, and those of the chapter when it is left.
fn run_hooks(chapter: &Arc<Chapter>, driver: Driver, screen: Memo<usize>, keep: [bool; 2]) {
    let hooks: Vec<Hooks> = chapter
        .screens
        .iter()
        .map(|screen| screen.hooks.clone())
        .collect();
    let open = StoredValue::new(None::<usize>);
    let of = StoredValue::new(hooks);
    Effect::new(move |_| {
        let now = screen.get() - 1;
        let before = open.get_value();
        open.set_value(Some(now));
        of.with_value(|hooks| {
            if let Some(before) = before.filter(|before| *before != now)
                && let Some(hooks) = hooks.get(before)
            {
                driver.run(&hooks.leave, [false; 2]);
            }
            if before != Some(now)
                && let Some(hooks) = hooks.get(now)
            {
                let keep = if before.is_none() { keep } else { [false; 2] };
                driver.run(&hooks.enter, keep);
            }
        });
    });
    let leave = chapter.hooks.leave.clone();
    on_cleanup(move || driver.run(&leave, [false; 2]));
}

/// Runs the hooks of a chapter or screen whose last question has just been answered.
fn announce_completion(chapter: &Arc<Chapter>, driver: Driver, state: LearnState) {
    let of_chapter = chapter.hooks.complete.clone();
    let of_screens: Vec<_> = chapter
        .screens
        .iter()
        .map(|screen| screen.hooks.complete.clone())
        .collect();
    let outline = chapter.outline.clone();
    Effect::new(move |before: Option<Vec<bool>>| {
        // For each screen, and for the chapter at the end.
        let mut complete: Vec<bool> = state.progress.with(|progress| {
            let screens = outline.questions.iter();
            screens
                .map(|ids| !ids.is_empty() && ids.iter().all(|id| progress.is_correct(id)))
                .collect()
        });
        complete.push(
            state
                .progress
                .with(|progress| progress.count(&outline).is_complete()),
        );
        if let Some(before) = before {
            let hooks = of_screens.iter().chain([&of_chapter]);
            for ((now, before), hook) in complete.iter().zip(before).zip(hooks) {
                if *now && !before {
                    driver.run(hook, [false; 2]);
                }
            }
        }
        complete
    });
}

/// Records the visit, and scrolls to the screen or to the question that a link names.
fn record_and_scroll(state: LearnState, number: usize, screen: Memo<usize>) {
    let is_first = StoredValue::new(true);
    Effect::new(move |_| {
        let at = screen.get();
        state
            .progress
            .update(|progress| progress.visit(&Place::new(number, at)));
        let question = state
            .place
            .with_untracked(|place| place.as_ref().and_then(|place| place.question.clone()));
        let first = is_first.get_value();
        is_first.set_value(false);
        let target = match question {
            Some(question) => format!("question-{question}"),
            None if first => return,
            None => format!("learn-screen-{at}"),
        };
        set_timeout(move || scroll_to(&target), LAYOUT);
    });
}

fn scroll_to(id: &str) {
    let element = web_sys::window()
        .and_then(|window| window.document())
        .and_then(|document| document.get_element_by_id(id))
        .and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok());
    if let Some(element) = element {
        element.scroll_into_view();
        // Screen readers go on from there; fails only for elements that can't be focused.
        let _ = element.focus();
    }
}

/// While presenting, arrow keys and Page Up and Page Down change the screen, and Escape ends.
fn present_by_keys(state: LearnState, screen: Memo<usize>, screens: usize) {
    let listener = StoredValue::<Option<Listener>, LocalStorage>::new_local(None);
    Effect::new(move |_| {
        if !state.presenting.get() {
            listener.set_value(None);
            return;
        }
        let Some(window) = web_sys::window() else {
            return;
        };
        listener.set_value(Some(Listener::new(&window, "keydown", move |event| {
            let Some(event) = event.dyn_ref::<web_sys::KeyboardEvent>() else {
                return;
            };
            if is_in_control(event) && event.key() != "Escape" {
                return;
            }
            let at = screen.get_untracked();
            let to = match event.key().as_str() {
                "ArrowRight" | "PageDown" => (at + 1).min(screens),
                "ArrowLeft" | "PageUp" => at.saturating_sub(1).max(1),
                "Escape" => return state.presenting.set(false),
                _ => return,
            };
            event.prevent_default();
            if let Some(place) = state.place.get_untracked()
                && to != at
            {
                state.go(Place::new(place.chapter, to));
            }
        })));
    });
    on_cleanup(move || listener.set_value(None));
}

/// Whether a control uses the key itself.
fn is_in_control(event: &web_sys::KeyboardEvent) -> bool {
    event
        .target()
        .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
        .is_some_and(|element| {
            matches!(
                element.closest("input, select, textarea, [role=application]"),
                Ok(Some(_))
            )
        })
}

/// Shows all screens, and opens the browser's print dialog once they are laid out and their figures computed.
fn print_chapter(state: LearnState) {
    const FIGURES: Duration = Duration::from_millis(700);
    let wait = if state.whole_chapter.get_untracked() {
        LAYOUT
    } else {
        FIGURES
    };
    state.whole_chapter.set(true);
    set_timeout(
        || {
            if let Some(window) = web_sys::window() {
                // Refused in a frame without permission to open dialogs.
                let _ = window.print();
            }
        },
        wait,
    );
}
