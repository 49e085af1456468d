//! The set that is being read: images, classes, sources, and what the user should know.

use super::{
    MAX_PROBLEMS,
    blocks::ImageBlocks,
    rejection::Rejection,
    result::{OwnShape, Problem, SourceRun},
    samples::Samples,
    set_size::max_images,
};
use crate::{
    classes::{ClassNames, NO_CLASS},
    raster::Raster,
};
use spec::ReadOptions;
use std::collections::HashMap;

/// Number of parts of a file that are listed with the same reason; further ones are only counted.
const MAX_SAME_REASON: usize = 3;

/// The set that is being read.
pub(super) struct SetBuilder {
    pub(super) images: ImageBlocks,
    pub(super) classes: Vec<u8>,
    pub(super) names: ClassNames,
    pub(super) sources: Vec<SourceRun>,
    pub(super) samples: Samples,
    own_shapes: HashMap<(usize, usize, bool), usize>,
    limit: usize,
    pub(super) problems: Vec<Problem>,
    /// The problems of each file that are only counted.
    more_problems: Vec<(String, usize)>,
    /// Further parts of a file that are left out for the same reason: the file, the reason, their number.
    repeats: Vec<(String, String, usize)>,
    pub(super) notes: Vec<Problem>,
}

impl SetBuilder {
    pub(super) fn new(options: &ReadOptions) -> Self {
        Self {
            images: ImageBlocks::new(options.shape.values()),
            classes: Vec::new(),
            names: ClassNames::default(),
            sources: Vec::new(),
            samples: Samples::new(),
            own_shapes: HashMap::new(),
            limit: max_images(options.shape).min(options.room.unwrap_or(usize::MAX)),
            problems: Vec::new(),
            more_problems: Vec::new(),
            repeats: Vec::new(),
            notes: Vec::new(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.images.len()
    }

    pub(super) fn limit(&self) -> usize {
        self.limit
    }

    pub(super) fn is_full(&self) -> bool {
        self.len() >= self.limit
    }

    /// Appends an image without a label. `number` is its number within its file, if the file has several.
    pub(super) fn push(&mut self, image: &[u8], file: &str, number: Option<usize>) {
        let follows = self.sources.last().is_some_and(|run| {
            let expected = run
                .number
                .map(|first| first + self.images.len() - run.start);
            number.is_some() && expected == number && run.file == file
        });
        if !follows {
            self.sources.push(SourceRun {
                start: self.images.len(),
                file: file.to_owned(),
                number,
            });
        }
        self.images.push(image);
        self.classes.push(NO_CLASS);
    }

    /// Gives an image the class of this name. An image of too many classes stays without one.
    pub(super) fn set_class(&mut self, index: usize, name: &str) {
        if let (Some(class), Some(to)) = (self.names.index(name), self.classes.get_mut(index)) {
            *to = class;
        }
    }

    /// Whether the next image will be a sample.
    pub(super) fn wants_sample(&self) -> bool {
        self.samples.wants_next()
    }

    /// Counts images of this size before the conversion, and keeps some as samples.
    ///
    /// Only samples are decoded in colour, unless the set has colours; the other images of a size are like these.
    pub(super) fn observe_shape(&mut self, image: &Raster) {
        let size = (image.width, image.height);
        let is_color = if image.channels == 1 && !self.wants_sample() {
            self.own_shapes.contains_key(&(size.0, size.1, true))
        } else {
            image.has_color()
        };
        *self
            .own_shapes
            .entry((size.0, size.1, is_color))
            .or_default() += 1;
        self.samples.observe(image);
    }

    /// The sizes before the conversion, the most frequent first.
    pub(super) fn own_shapes(&self) -> Vec<OwnShape> {
        let mut shapes: Vec<OwnShape> = self
            .own_shapes
            .iter()
            .map(|(&(width, height, is_color), &count)| OwnShape {
                width,
                height,
                is_color,
                count,
            })
            .collect();
        shapes.sort_by_key(|s| (std::cmp::Reverse(s.count), s.width, s.height, s.is_color));
        shapes
    }

    pub(super) fn note(&mut self, file: &str, text: impl Into<String>) {
        let note = Problem {
            file: file.to_owned(),
            reason: text.into(),
        };
        if self.notes.len() < MAX_PROBLEMS && !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// Reports a part of a file that is left out. `file` is the name of the file that was brought.
    pub(super) fn reject(&mut self, file: &str, part: &str, rejection: &Rejection) {
        let is_same = |problem: &&Problem| {
            problem.file == file || problem.file.strip_prefix(file).is_some_and(is_part)
        };
        let reason = rejection.to_string();
        let same_file = || self.problems.iter().filter(is_same);
        if same_file().filter(|p| p.reason == reason).count() >= MAX_SAME_REASON {
            let mut repeats = self.repeats.iter_mut();
            match repeats.find(|(name, text, _)| name == file && *text == reason) {
                Some((_, _, count)) => *count += 1,
                None => self.repeats.push((file.to_owned(), reason, 1)),
            }
            return;
        }
        if same_file().count() < MAX_PROBLEMS {
            self.problems.push(Problem {
                file: part.to_owned(),
                reason,
            });
            return;
        }
        match self
            .more_problems
            .last_mut()
            .filter(|(name, _)| name == file)
        {
            Some((_, count)) => *count += 1,
            None => self.more_problems.push((file.to_owned(), 1)),
        }
    }

    /// The present state, to which [`reset`](Self::reset) returns.
    pub(super) fn mark(&self) -> Mark {
        Mark {
            images: self.images.len(),
            problems: self.problems.len(),
            more_problems: self.more_problems.clone(),
            repeats: self.repeats.clone(),
            notes: self.notes.len(),
            samples: self.samples.clone(),
            own_shapes: self.own_shapes.clone(),
        }
    }

    /// Forgets what was added since this mark, except for names of classes.
    pub(super) fn reset(&mut self, mark: &Mark) {
        self.images.truncate(mark.images);
        self.classes.truncate(mark.images);
        self.sources.retain(|run| run.start < mark.images);
        self.problems.truncate(mark.problems);
        self.more_problems.clone_from(&mark.more_problems);
        self.repeats.clone_from(&mark.repeats);
        self.notes.truncate(mark.notes);
        self.samples.clone_from(&mark.samples);
        self.own_shapes.clone_from(&mark.own_shapes);
    }

    /// All problems; those beyond [`MAX_PROBLEMS`] of a file as a number.
    pub(super) fn take_problems(&mut self) -> Vec<Problem> {
        let mut problems = std::mem::take(&mut self.problems);
        for (file, reason, count) in self.repeats.drain(..) {
            problems.push(Problem {
                file,
                reason: format!("{count} more: {reason}"),
            });
        }
        for (file, count) in self.more_problems.drain(..) {
            problems.push(Problem {
                file,
                reason: Rejection::More(count).to_string(),
            });
        }
        problems
    }
}

/// A state of a set.
pub(super) struct Mark {
    images: usize,
    problems: usize,
    more_problems: Vec<(String, usize)>,
    repeats: Vec<(String, String, usize)>,
    notes: usize,
    samples: Samples,
    own_shapes: HashMap<(usize, usize, bool), usize>,
}

/// Whether this follows a file's name in the name of one of its parts.
fn is_part(rest: &str) -> bool {
    rest.starts_with(['/', ','])
}
