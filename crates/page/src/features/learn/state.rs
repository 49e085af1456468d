//! State of the Learn panel that outlives it: links, storage and the page's frame read it.

use crate::features::learn::gaussian_search::gaussian::Gaussian;
use crate::features::learn::place::Place;
use crate::features::learn::progress::Progress;
use crate::state::engine_view::Image;
use course::{Chapter, Outline};
use leptos::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The seed of the random numbers in questions, unless the address has one.
pub(crate) const DEFAULT_SEED: u64 = 1;

/// An MNIST digit: its class, and its index among the samples of the class.
pub(crate) type DigitChoice = (usize, usize);

/// What the address says about the panel.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct LearnLink {
    /// The screen.
    pub(crate) place: Option<Place>,
    /// The image.
    pub(crate) digit: Option<DigitChoice>,
    /// The seed of the questions.
    pub(crate) seed: Option<u64>,
}

/// The reader's image.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum ReaderImage {
    /// One of the sample digits.
    Digit(DigitChoice),
    /// Drawn or opened, before binarization.
    Own(Arc<Image>),
}

/// See the [module](self).
#[derive(Debug, Clone, Copy)]
pub(crate) struct LearnState {
    /// The open screen; `None` for the list of chapters.
    pub(crate) place: RwSignal<Option<Place>>,
    /// What the reader has done.
    pub(crate) progress: RwSignal<Progress>,
    /// Whether a chapter is shown in large type, without the rest of the page.
    pub(crate) presenting: RwSignal<bool>,
    /// Whether all screens of the chapter are shown below each other.
    pub(crate) whole_chapter: RwSignal<bool>,
    /// Whether the reader has followed a link of the open chapter to another panel.
    pub(crate) visiting: RwSignal<bool>,
    /// The seed of the questions.
    pub(crate) seed: RwSignal<u64>,
    /// The reader's image, if one was chosen.
    pub(crate) image: RwSignal<Option<ReaderImage>>,
    /// The reader's q(z|x) in chapter 4.
    pub(crate) guess: RwSignal<Gaussian>,
    /// The chapters' list, once it is loaded.
    pub(crate) outlines: RwSignal<Option<Arc<Vec<Outline>>>>,
    /// The chapters that were loaded.
    pub(crate) chapters: StoredValue<BTreeMap<usize, Arc<Chapter>>>,
    /// Whether the address named model and z, so that the first chapter must not set them.
    pub(crate) linked: StoredValue<[bool; 2]>,
}

impl LearnState {
    /// As the address says; `linked` is whether it names a model and a z.
    pub(crate) fn new(link: &LearnLink, linked: [bool; 2]) -> Self {
        Self {
            place: RwSignal::new(link.place.clone()),
            progress: RwSignal::default(),
            presenting: RwSignal::new(false),
            whole_chapter: RwSignal::new(false),
            visiting: RwSignal::new(false),
            seed: RwSignal::new(link.seed.unwrap_or(DEFAULT_SEED)),
            image: RwSignal::new(link.digit.map(ReaderImage::Digit)),
            guess: RwSignal::new(Gaussian {
                mu: [0.0; 2],
                sigma: [1.0; 2],
            }),
            outlines: RwSignal::new(None),
            chapters: StoredValue::default(),
            linked: StoredValue::new(if link.place.is_some() {
                linked
            } else {
                [false; 2]
            }),
        }
    }

    /// What a link to the open screen contains. Tracks the signals.
    pub(crate) fn link(&self) -> LearnLink {
        let place = self.place.get();
        let digit = match self.image.get() {
            Some(ReaderImage::Digit(digit)) if place.is_some() => Some(digit),
            _ => None,
        };
        let seed = self.seed.get();
        LearnLink {
            seed: (place.is_some() && seed != DEFAULT_SEED).then_some(seed),
            place,
            digit,
        }
    }

    /// Opens a screen.
    pub(crate) fn go(&self, place: Place) {
        self.place.set(Some(place));
    }

    /// Closes the chapter.
    pub(crate) fn close_chapter(&self) {
        self.presenting.set(false);
        self.whole_chapter.set(false);
        self.place.set(None);
    }
}
