//! Two columns of a screen on wide windows: the blocks keep their order, and both columns get about the same height.

use course::{Answer, Block};

/// Characters of a line, and the height of one in pixels.
const LINE: (usize, f64) = (62, 26.0);

/// The number of blocks of the first column; all of them if one column is enough.
pub(crate) fn first_column(blocks: &[Block]) -> usize {
    let heights: Vec<f64> = blocks.iter().map(height).collect();
    let total: f64 = heights.iter().sum();
    let is_text = |block: &Block| !matches!(block, Block::Figure { .. } | Block::Question(_));
    if blocks.iter().all(is_text) && total < 700.0 {
        return blocks.len();
    }
    let taller = |split: usize| {
        let first: f64 = heights[..split].iter().sum();
        first.max(total - first)
    };
    (1..blocks.len())
        // An equation belongs to the text before it.
        .filter(|&split| !matches!(blocks[split], Block::Equation { .. }))
        .min_by(|&a, &b| taller(a).total_cmp(&taller(b)))
        .unwrap_or(blocks.len())
}

/// About the height of a block, in pixels.
fn height(block: &Block) -> f64 {
    match block {
        Block::Prose { html } => text(html),
        Block::Erratum { html } => text(html) + 60.0,
        Block::Equation { live, .. } => 80.0 + if live.is_some() { 28.0 } else { 0.0 },
        Block::Figure { name, html, .. } => text(html) + figure(name),
        Block::Question(question) => {
            let answer = match &question.answer {
                Answer::Choice(options) => 44.0 * options.len() as f64,
                Answer::Number { .. } => 50.0,
                Answer::Place => 350.0,
                Answer::Curve { .. } => 340.0,
            };
            text(&question.html) + answer + 130.0
        }
    }
}

/// The height of a figure without its caption. Cards of other panels and computation graphs are tall.
fn figure(name: &str) -> f64 {
    match name {
        "naive" | "mcmc" => 700.0,
        "be-the-encoder" | "likelihoods" | "train-run" => 520.0,
        "reparameterization" | "samples" | "jensen" | "exact-posterior" => 420.0,
        "graph-inside" | "graph-outside" | "graph-training" => 480.0,
        _ => 260.0,
    }
}

/// The height of text: its characters outside of tags.
fn text(html: &str) -> f64 {
    let mut is_tag = false;
    let mut characters = 0_usize;
    for character in html.chars() {
        match character {
            '<' => is_tag = true,
            '>' => is_tag = false,
            _ if !is_tag => characters += 1,
            _ => {}
        }
    }
    characters.div_ceil(LINE.0) as f64 * LINE.1 + 12.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use course::Question;

    fn prose(characters: usize) -> Block {
        Block::Prose {
            html: format!("<p>{}</p>", "a".repeat(characters)),
        }
    }

    fn equation() -> Block {
        Block::Equation {
            number: None,
            html: "<math></math>".into(),
            live: None,
        }
    }

    fn figure() -> Block {
        Block::Figure {
            number: None,
            name: "generate".into(),
            html: String::new(),
        }
    }

    fn question(answer: Answer) -> Block {
        Block::Question(Question {
            id: String::new(),
            html: String::new(),
            answer,
            measure: String::new(),
            hint: String::new(),
            reason: String::new(),
        })
    }

    #[test]
    fn first_column_balances_the_heights() {
        let blocks = [prose(300), figure(), question(Answer::Place)];
        assert_eq!(first_column(&blocks), 2);
        let blocks = [
            prose(900),
            equation(),
            figure(),
            question(Answer::Choice(vec![])),
        ];
        assert_eq!(first_column(&blocks), 2);
    }

    #[test]
    fn first_column_keeps_equations_behind_their_text() {
        let blocks = [prose(900), equation(), prose(10), figure()];
        assert_ne!(first_column(&blocks), 1);
    }

    #[test]
    fn first_column_has_all_of_a_short_text() {
        assert_eq!(first_column(&[prose(100), equation()]), 2);
        assert_eq!(first_column(&[]), 0);
        assert_eq!(first_column(&[figure()]), 1);
    }
}
