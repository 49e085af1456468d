//! What was read from files.

use super::blocks::ImageBlocks;
use crate::{
    classes::{ClassNames, NO_CLASS},
    raster::Raster,
    sheet::Sheet,
};
use spec::ImageShape;

/// What was read from files that were brought together.
#[derive(Debug, Clone)]
pub struct ReadResult {
    /// The shape of the images.
    pub shape: ImageShape,
    /// The images.
    pub images: ImageBlocks,
    /// The class of each image, an index of `class_names`, or [`NO_CLASS`].
    pub classes: Vec<u8>,
    /// The names of the classes: numbers by value, then text.
    pub class_names: ClassNames,
    /// Photos or scans with several digits, to be reviewed before their digits are cropped.
    pub sheets: Vec<(String, Sheet)>,
    /// Images that only the browser can decode.
    pub undecoded: Vec<UndecodedImage>,
    /// Files, and parts of files, that were left out.
    pub problems: Vec<Problem>,
    /// What was changed or assumed.
    pub notes: Vec<Problem>,
    /// The sizes of the images before the conversion, the most frequent first.
    pub own_shapes: Vec<OwnShape>,
    /// Some images before the conversion, from all of the set, for previews of other choices.
    pub samples: Vec<Raster>,
    /// Whether the images were dark on light, judged by their borders and mean levels. As digits they were inverted,
    /// unless the options say otherwise.
    pub is_dark_on_light: bool,
    /// Whether rows and columns were swapped.
    pub is_transposed: bool,
    /// The sets in an archive of several, such as EMNIST's; [`ReadOptions::subset`](spec::ReadOptions::subset)
    /// chooses one.
    pub subsets: Vec<String>,
    pub(super) sources: Vec<SourceRun>,
}

/// A size of images before the conversion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnShape {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Whether they have colours.
    pub is_color: bool,
    /// Number of images.
    pub count: usize,
}

/// A file, or a part of one, with a message about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file's name, with the path within an archive.
    pub file: String,
    /// What is wrong and what to do about it, in lower case without a full stop.
    pub reason: String,
}

/// An image of a format that browsers decode and this crate does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UndecodedImage {
    /// The file's path, whose folders tell the label.
    pub path: String,
    /// The format for messages, with an article.
    pub format: &'static str,
    /// The media type.
    pub media_type: &'static str,
    /// The file.
    pub bytes: Vec<u8>,
}

impl UndecodedImage {
    /// What to tell the user if the browser can't decode it.
    pub fn advice(&self) -> String {
        let way = if self.media_type == "image/heic" {
            "save it as JPEG or PNG (on an iPhone: Settings, Camera, Formats, Most Compatible), or take a screenshot of it"
        } else {
            "save it as JPEG or PNG"
        };
        format!(
            "this is {}, which this browser can't decode: {way}",
            self.format
        )
    }
}

/// Images that follow each other in a set and come from one file.
#[derive(Debug, Clone)]
pub(super) struct SourceRun {
    /// The index of the first image.
    pub(super) start: usize,
    /// The file.
    pub(super) file: String,
    /// The number of the first image within the file, if it has several.
    pub(super) number: Option<usize>,
}

impl ReadResult {
    /// Appends what was read from other files with the same options.
    pub fn append(&mut self, mut other: Self) {
        let start = self.images.len();
        for image in other.images.iter() {
            self.images.push(image);
        }
        let names = std::mem::take(&mut other.class_names);
        let indices: Vec<u8> = names
            .names()
            .iter()
            .map(|name| self.class_names.index(name).unwrap_or(NO_CLASS))
            .collect();
        let classes = other.classes.iter();
        self.classes.extend(
            classes.map(|&class| indices.get(usize::from(class)).copied().unwrap_or(NO_CLASS)),
        );
        let new_index = self.class_names.sort();
        for class in &mut self.classes {
            *class = new_index
                .get(usize::from(*class))
                .copied()
                .unwrap_or(NO_CLASS);
        }
        self.sources
            .extend(other.sources.into_iter().map(|run| SourceRun {
                start: run.start + start,
                ..run
            }));
        for shape in other.own_shapes {
            let is_same = |own: &&mut OwnShape| {
                OwnShape { count: 0, ..**own } == OwnShape { count: 0, ..shape }
            };
            match self.own_shapes.iter_mut().find(is_same) {
                Some(own) => own.count += shape.count,
                None => self.own_shapes.push(shape),
            }
        }
        self.own_shapes
            .sort_by_key(|shape| std::cmp::Reverse(shape.count));
        self.sheets.append(&mut other.sheets);
        self.undecoded.append(&mut other.undecoded);
        self.problems.append(&mut other.problems);
        self.notes.append(&mut other.notes);
        self.samples.append(&mut other.samples);
        self.is_dark_on_light |= other.is_dark_on_light;
        self.is_transposed |= other.is_transposed;
    }

    /// The name of an image's class.
    pub fn class_name(&self, index: usize) -> Option<&str> {
        let class = *self.classes.get(index)?;
        if class == NO_CLASS {
            return None;
        }
        let name = self.class_names.names().get(usize::from(class))?;
        Some(name)
    }

    /// Where an image comes from, for display: `photo.jpg`, `train.idx, image 17`, `mine.zip/7/a.png`.
    pub fn source(&self, index: usize) -> String {
        let run = self.sources.partition_point(|run| run.start <= index);
        match run.checked_sub(1).and_then(|run| self.sources.get(run)) {
            Some(SourceRun {
                start,
                file,
                number: Some(number),
            }) => format!("{file}, image {}", number + index - start),
            Some(run) => run.file.clone(),
            None => String::new(),
        }
    }
}
