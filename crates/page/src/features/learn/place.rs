//! A place in the course, as links contain it: `4`, `4.2` or `4.2.too-narrow`.

use std::fmt;

/// A screen of a chapter, both counted from 1, and perhaps a question on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// The chapter.
    pub(crate) chapter: usize,
    /// The screen.
    pub(crate) screen: usize,
    /// The question that a link points to.
    pub(crate) question: Option<String>,
}

impl Place {
    /// A screen of a chapter.
    pub(crate) fn new(chapter: usize, screen: usize) -> Self {
        Self {
            chapter,
            screen,
            question: None,
        }
    }

    /// Reads the value of the address; `None` if it is not a place.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '.');
        let mut number = |missing: Option<usize>| match parts.next() {
            Some(part) => part.parse().ok().filter(|number| (1..100).contains(number)),
            None => missing,
        };
        let (chapter, screen) = (number(None)?, number(Some(1))?);
        let question = match parts.next() {
            Some("") => return None,
            question => question.map(str::to_owned),
        };
        Some(Self {
            chapter,
            screen,
            question,
        })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.chapter, self.screen)?;
        match &self.question {
            Some(question) => write!(f, ".{question}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn place_parses_what_it_displays() {
        assert_eq!(Place::parse("4"), Some(Place::new(4, 1)));
        for text in ["4.2", "10.1.too-narrow", "1.1.a.b"] {
            let place = Place::parse(text).expect("a place");
            assert_eq!(place.to_string(), text);
        }
    }

    #[test]
    fn place_rejects_other_text() {
        for text in ["", "x", "0", "4.", "4.0", "4.x", "4.2.", "-1", "1000"] {
            assert_eq!(Place::parse(text), None, "{text}");
        }
    }
}
