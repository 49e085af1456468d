//! Checks of the chapters' files: they are complete, and refer only to what the page has.

use super::{figures, live, measures};
use course::{Action, Block, Chapter, convert};
use std::path::Path;

fn chapters() -> Vec<Chapter> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../www/learn");
    convert::read(&folder).expect("chapters that can be converted")
}

fn blocks(chapters: &[Chapter]) -> impl Iterator<Item = &Block> {
    chapters.iter().flat_map(convert::blocks_of)
}

/// All HTML of a block.
fn texts(block: &Block) -> Vec<&str> {
    match block {
        Block::Prose { html } | Block::Figure { html, .. } | Block::Erratum { html } => vec![html],
        Block::Equation { live, .. } => live.iter().map(String::as_str).collect(),
        Block::Question(question) => vec![&question.html, &question.hint, &question.reason],
    }
}

#[test]
fn chapters_have_every_equation_and_figure_of_the_notes_once() {
    let chapters = chapters();
    assert_eq!(chapters.len(), 10);
    let mut equations = Vec::new();
    let mut numbered = Vec::new();
    for block in blocks(&chapters) {
        match block {
            Block::Equation { number, .. } => equations.extend(*number),
            Block::Figure { number, .. } => numbered.extend(*number),
            Block::Prose { .. } | Block::Erratum { .. } | Block::Question(_) => {}
        }
    }
    equations.sort_unstable();
    numbered.sort_unstable();
    assert_eq!(equations, (1..=27).collect::<Vec<_>>());
    assert_eq!(numbered, (1..=9).collect::<Vec<_>>());
}

#[test]
fn chapters_have_two_to_four_questions_and_two_to_five_screens() {
    for chapter in chapters() {
        let title = &chapter.outline.title;
        let questions = chapter.outline.questions.iter().flatten().count();
        assert!(
            (2..=4).contains(&questions),
            "{title}: {questions} questions"
        );
        assert!((2..=5).contains(&chapter.screens.len()), "{title}");
        assert!(!chapter.hooks.complete.is_empty(), "{title}");
    }
}

#[test]
fn chapters_refer_to_known_figures_measurements_and_live_values() {
    let chapters = chapters();
    let mut measured: Vec<&str> = Vec::new();
    let mut shown: Vec<&str> = Vec::new();
    for block in blocks(&chapters) {
        match block {
            Block::Figure { name, .. } => shown.push(name),
            Block::Question(question) => measured.push(&question.measure),
            Block::Prose { .. } | Block::Erratum { .. } | Block::Equation { .. } => {}
        }
        for text in texts(block) {
            for name in text.split("data-live=\"").skip(1) {
                let name = name.split('"').next().unwrap_or_default();
                let known = live::names::NAMES.iter().any(|(known, _)| *known == name);
                assert!(known, "{name} is not a live value");
            }
        }
    }
    measured.sort_unstable();
    shown.sort_unstable();
    let sorted = |names: &[&'static str]| {
        let mut names = names.to_vec();
        names.sort_unstable();
        names
    };
    assert_eq!(measured, sorted(&measures::NAMES));
    assert_eq!(shown, sorted(&figures::NAMES));
}

#[test]
fn chapters_name_models_and_digits_that_exist() {
    let catalog = crate::state::catalog::Catalog::built_in().expect("a list");
    for chapter in chapters() {
        let screens = chapter.screens.iter().map(|screen| &screen.hooks);
        for hooks in screens.chain([&chapter.hooks]) {
            let mut size = None;
            for action in hooks
                .enter
                .iter()
                .chain(&hooks.leave)
                .chain(&hooks.complete)
            {
                match action {
                    Action::Model(name) => {
                        let entry = catalog.find(name).expect("an included model");
                        size = Some(entry.latent_size);
                    }
                    Action::Z(z) => assert_eq!(Some(z.len()), size, "{z:?}"),
                    Action::Digit(class, _) => assert!(*class < 10),
                    Action::Play | Action::Stop | Action::Follow | Action::Say(_) => {}
                }
            }
        }
    }
}

/// `www/start-up.js` rejects HTML that could contain code, with an expression that also matches such text.
#[test]
fn chapters_have_no_text_that_looks_like_an_event_handler() {
    let chapters = chapters();
    for block in blocks(&chapters) {
        for text in texts(block) {
            let words: Vec<&str> = text.split_whitespace().collect();
            let looks_like_code = words.windows(2).any(|pair| {
                let name = pair[0].split('=').next().unwrap_or_default();
                let assigned = pair[0].contains('=') || pair[1].starts_with('=');
                let is_word = name.len() > 2 && name.chars().all(|c| c.is_alphanumeric());
                name.to_lowercase().starts_with("on") && is_word && assigned
            });
            assert!(!looks_like_code && !text.contains("<script"), "{text}");
        }
    }
}

/// Numbers of nats in the text must be live values, except these constants, which no model changes.
#[test]
fn chapters_state_no_number_of_nats_that_a_model_could_change() {
    let constants = [100_f64.ln(), 784.0 * 2_f64.ln()];
    let chapters = chapters();
    for block in blocks(&chapters) {
        for text in texts(block) {
            let words: Vec<&str> = text.split_whitespace().collect();
            for pair in words.windows(2) {
                let (Ok(number), true) = (pair[0].parse::<f64>(), pair[1].starts_with("nats"))
                else {
                    continue;
                };
                let known = constants
                    .iter()
                    .any(|constant| (constant / number - 1.0).abs() < 0.005);
                assert!(known, "{number} nats are stated in: {text}");
            }
        }
    }
}

#[test]
fn chapters_link_to_existing_panels_sections_and_models() {
    use crate::features::evidence::sections::Section;
    let catalog = crate::state::catalog::Catalog::built_in().expect("a list");
    let chapters = chapters();
    let mut links = 0;
    for block in blocks(&chapters) {
        for text in texts(block) {
            for link in text.split("data-model=\"").skip(1) {
                let name = link.split('"').next().unwrap_or_default();
                assert!(catalog.find(name).is_some(), "model:{name}");
            }
            for link in text.split("data-open=\"").skip(1) {
                let mut parts = link.split('"');
                let panel = parts.next().unwrap_or_default();
                let section = parts.nth(1).unwrap_or_default();
                let known = match panel {
                    "explore" | "train" => section.is_empty(),
                    "evidence" => {
                        section.is_empty() || Section::ALL.iter().any(|known| known.id == section)
                    }
                    _ => false,
                };
                assert!(known, "open:{panel}#{section}");
                links += 1;
            }
        }
    }
    assert!(links >= 5, "{links} links");
}
