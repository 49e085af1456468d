//! A chapter as the page reads it. Strings named `html` are trusted: they come from files that are served with the page.

use crate::{Hooks, Question};
use serde::{Deserialize, Serialize};

/// The list entry of a chapter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outline {
    /// The number, from 1.
    pub number: usize,
    /// The title.
    pub title: String,
    /// The chapter's idea, in one sentence.
    pub idea: String,
    /// The sections, equations and figures of the notes that it treats.
    pub source: String,
    /// The time that a reader needs, in minutes.
    pub minutes: usize,
    /// The titles of its screens.
    pub screens: Vec<String>,
    /// The ids of its questions, by screen.
    pub questions: Vec<Vec<String>>,
}

/// A chapter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Chapter {
    /// The list entry.
    pub outline: Outline,
    /// What the page does when the chapter is entered, left and completed.
    pub hooks: Hooks,
    /// The screens, in order.
    pub screens: Vec<Screen>,
}

/// A part of a chapter that is shown at once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Screen {
    /// The title.
    pub title: String,
    /// What the page does when the screen is entered, left and completed.
    pub hooks: Hooks,
    /// The content, in order.
    pub blocks: Vec<Block>,
}

/// A part of a screen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Block {
    /// Text. An element with `data-live="NAME"` shows a live value.
    Prose {
        /// Paragraphs and lists.
        html: String,
    },
    /// A displayed equation.
    Equation {
        /// Its number in the notes.
        number: Option<usize>,
        /// MathML.
        html: String,
        /// A line with live values below it.
        live: Option<String>,
    },
    /// An interactive figure.
    Figure {
        /// Its number in the notes.
        number: Option<usize>,
        /// The name of the page's component.
        name: String,
        /// The caption.
        html: String,
    },
    /// A correction of the notes, with the reason.
    Erratum {
        /// Paragraphs.
        html: String,
    },
    /// A question.
    Question(Question),
}
