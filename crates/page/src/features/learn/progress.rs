//! What the reader has done. Stored in the browser.

use crate::features::learn::place::Place;
use course::Outline;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Progress through the course.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct Progress {
    /// Screens that were opened, as `chapter.screen`.
    #[serde(default)]
    seen: BTreeSet<String>,
    /// Questions that were answered correctly.
    #[serde(default)]
    correct: BTreeSet<String>,
    /// The number of wrong answers, by question.
    #[serde(default)]
    wrong: BTreeMap<String, usize>,
    /// The screen that was open last.
    #[serde(default)]
    last: Option<String>,
}

/// Answered and existing questions, seen and existing screens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Count {
    /// Questions answered correctly.
    pub(crate) correct: usize,
    /// All questions.
    pub(crate) questions: usize,
    /// Screens opened.
    pub(crate) seen: usize,
    /// All screens.
    pub(crate) screens: usize,
}

impl Progress {
    /// A screen was opened.
    pub(crate) fn visit(&mut self, place: &Place) {
        let screen = Place::new(place.chapter, place.screen).to_string();
        self.last = Some(screen.clone());
        self.seen.insert(screen);
    }

    /// Adds the progress of earlier visits.
    pub(crate) fn merge(&mut self, earlier: Self) {
        self.seen.extend(earlier.seen);
        self.correct.extend(earlier.correct);
        for (id, count) in earlier.wrong {
            let sum = self.wrong.entry(id).or_default();
            *sum = sum.saturating_add(count);
        }
        self.last = self.last.take().or(earlier.last);
    }

    /// A question was answered.
    pub(crate) fn answer(&mut self, id: &str, correctly: bool) {
        if correctly {
            self.correct.insert(id.to_owned());
        } else {
            *self.wrong.entry(id.to_owned()).or_default() += 1;
        }
    }

    /// Whether a question was answered correctly.
    pub(crate) fn is_correct(&self, id: &str) -> bool {
        self.correct.contains(id)
    }

    /// The screen that was open last.
    pub(crate) fn last(&self) -> Option<Place> {
        self.last.as_deref().and_then(Place::parse)
    }

    /// The progress through a chapter.
    pub(crate) fn count(&self, chapter: &Outline) -> Count {
        let questions = || chapter.questions.iter().flatten();
        let seen = (1..=chapter.screens.len())
            .filter(|screen| {
                let place = Place::new(chapter.number, *screen);
                self.seen.contains(&place.to_string())
            })
            .count();
        Count {
            correct: questions().filter(|id| self.is_correct(id)).count(),
            questions: questions().count(),
            seen,
            screens: chapter.screens.len(),
        }
    }
}

impl Count {
    /// The sum over chapters.
    pub(crate) fn plus(self, other: Self) -> Self {
        Self {
            correct: self.correct + other.correct,
            questions: self.questions + other.questions,
            seen: self.seen + other.seen,
            screens: self.screens + other.screens,
        }
    }

    /// Whether all questions are answered correctly.
    pub(crate) fn is_complete(self) -> bool {
        self.questions > 0 && self.correct == self.questions
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outline() -> Outline {
        Outline {
            number: 2,
            title: String::new(),
            idea: String::new(),
            source: String::new(),
            minutes: 5,
            screens: vec!["one".to_owned(), "two".to_owned()],
            questions: vec![vec!["a".to_owned()], vec!["b".to_owned()]],
        }
    }

    #[test]
    fn progress_counts_screens_and_correct_answers_once() {
        let mut progress = Progress::default();
        progress.visit(&Place::new(2, 1));
        progress.visit(&Place::new(2, 1));
        progress.visit(&Place::new(3, 1));
        progress.answer("a", false);
        progress.answer("a", true);
        progress.answer("a", true);
        let count = progress.count(&outline());
        assert_eq!((count.correct, count.seen), (1, 1));
        assert!(!count.is_complete());
        progress.answer("b", true);
        assert!(progress.count(&outline()).is_complete());
        assert_eq!(progress.last(), Some(Place::new(3, 1)));
        assert_eq!(progress.wrong["a"], 1);
    }

    #[test]
    fn progress_merges_earlier_visits() {
        let mut earlier = Progress::default();
        earlier.visit(&Place::new(2, 2));
        earlier.answer("a", true);
        earlier.answer("b", false);
        let mut progress = Progress::default();
        progress.answer("b", false);
        progress.merge(earlier.clone());
        assert_eq!(progress.count(&outline()).seen, 1);
        assert!(progress.is_correct("a"));
        assert_eq!(progress.wrong["b"], 2);
        assert_eq!(progress.last(), Some(Place::new(2, 2)));
        progress.visit(&Place::new(1, 1));
        progress.merge(earlier);
        assert_eq!(progress.last(), Some(Place::new(1, 1)));
    }

    #[test]
    fn progress_is_read_back_also_from_an_empty_record() {
        let mut progress = Progress::default();
        progress.visit(&Place::new(1, 2));
        progress.answer("a", true);
        let json = serde_json::to_string(&progress).expect("plain data");
        assert_eq!(serde_json::from_str::<Progress>(&json).ok(), Some(progress));
        assert_eq!(
            serde_json::from_str::<Progress>("{}").ok(),
            Some(Progress::default())
        );
    }
}
