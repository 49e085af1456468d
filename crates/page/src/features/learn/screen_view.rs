//! A screen of a chapter: its blocks in order, in one column or two.

use crate::features::learn::figures::Figure;
use crate::features::learn::live_html::LiveHtml;
use crate::features::learn::question_card::QuestionCard;
use crate::features::learn::screen_layout::first_column;
use course::{Block, Screen};
use leptos::prelude::*;

/// The screen.
#[component]
pub(crate) fn ScreenView(
    /// Its content.
    screen: Screen,
    /// Its number in the chapter, from 1.
    number: usize,
) -> impl IntoView {
    let id = format!("learn-screen-{number}");
    let labelled_by = id.clone();
    let mut first = screen.blocks;
    let second = first.split_off(first_column(&first));
    let is_spread = !second.is_empty();
    let second = is_spread.then(|| {
        view! { <div class="screen-column">{second.into_iter().map(block).collect_view()}</div> }
    });
    view! {
        <section class="screen" aria-labelledby=labelled_by>
            <h4 id=id tabindex="-1">{screen.title}</h4>
            <div class="screen-columns" class:two-columns=is_spread>
                <div class="screen-column">{first.into_iter().map(block).collect_view()}</div>
                {second}
            </div>
        </section>
    }
}

fn block(block: Block) -> AnyView {
    match block {
        Block::Prose { html } => view! { <LiveHtml html class="prose" /> }.into_any(),
        Block::Equation { number, html, live } => view! {
            <div class="learn-equation" data-equation=number.map(|number| number.to_string())>
                <div class="equation" tabindex="0" inner_html=html></div>
                {number.map(|number| view! { <span class="equation-number">{format!("({number})")}</span> })}
                {live.map(|html| view! { <LiveHtml html class="equation-live" /> })}
            </div>
        }
        .into_any(),
        Block::Figure { number, name, html } => view! { <Figure number name html /> }.into_any(),
        Block::Erratum { html } => view! {
            <div class="erratum" role="note" aria-label="Erratum">
                <b>"Erratum"</b>
                <LiveHtml html class="prose" />
            </div>
        }
        .into_any(),
        Block::Question(question) => view! { <QuestionCard question /> }.into_any(),
    }
}
