//! Reads one file after another into a set.

use super::{
    InputFile, MAX_DECODED_PIXELS, ReadResult, file_names,
    pairing::{ArrayPart, LabelPart, pair},
    rejection::Rejection,
    result::UndecodedImage,
    set::SetBuilder,
    sideways::{lie_on_their_side, swap},
    unknown::unknown,
};
use crate::{
    archive::{ArchiveError, MAX_DEPTH, MAX_UNPACKED_BYTES, is_emnist_mapping},
    arrays::{self, Meaning, interpret},
    classes::NO_CLASS,
    content::Content,
    file_format::{FileFormat, HEAD_BYTES},
    polarity::BorderLevels,
    raster::Raster,
    sheet::Sheet,
};
use spec::{Conversion, ImageShape, ReadOptions, Transposition};
use std::collections::HashMap;

/// Reads files into a set.
pub(super) struct Reader<'o> {
    pub(super) options: &'o ReadOptions,
    pub(super) set: SetBuilder,
    /// The name of the file that is being read, without the path within it.
    pub(super) file: String,
    pub(super) sheets: Vec<(String, Sheet)>,
    pub(super) undecoded: Vec<UndecodedImage>,
    pub(super) arrays: Vec<ArrayPart>,
    pub(super) labels: Vec<LabelPart>,
    /// Pictures, each with its index in the set and the folders that may be its class.
    pub(super) pictures: Vec<(usize, FolderNames)>,
    /// The folder names of pictures, and the number of each.
    pub(super) folders: Vec<String>,
    pub(super) folder_numbers: HashMap<String, u32>,
    /// The picture files so far, by a digest of their bytes.
    pub(super) digests: HashMap<(u64, u64), usize>,
    /// Number of pictures that were left out because they were there already.
    pub(super) duplicates: usize,
    pub(super) pictures_left_out: usize,
    pub(super) decoded_pixels: usize,
    pub(super) undecoded_bytes: usize,
    /// Number of bytes that may still be decompressed.
    pub(super) unpacked: u64,
    /// Whether many files were brought together.
    pub(super) is_collection: bool,
    /// Of the pictures.
    pub(super) borders: BorderLevels,
    /// Whether images of an array are.
    pub(super) is_dark_on_light: bool,
    pub(super) is_transposed: bool,
    pub(super) subsets: Vec<String>,
}

/// Folders of a picture: the innermost digit, or the innermost name and the one around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FolderNames {
    Digit(u32),
    Names([Option<u32>; 2]),
}

/// Number of files from which they count as a collection, in which each shows one thing.
pub(super) const MIN_COLLECTION: usize = 4;

impl<'o> Reader<'o> {
    pub(super) fn new(options: &'o ReadOptions, files: usize) -> Self {
        Self {
            options,
            set: SetBuilder::new(options),
            file: String::new(),
            sheets: Vec::new(),
            undecoded: Vec::new(),
            arrays: Vec::new(),
            labels: Vec::new(),
            pictures: Vec::new(),
            folders: Vec::new(),
            folder_numbers: HashMap::new(),
            digests: HashMap::new(),
            duplicates: 0,
            pictures_left_out: 0,
            decoded_pixels: MAX_DECODED_PIXELS,
            undecoded_bytes: 0,
            unpacked: MAX_UNPACKED_BYTES,
            is_collection: files >= MIN_COLLECTION,
            borders: BorderLevels::default(),
            is_dark_on_light: false,
            is_transposed: false,
            subsets: Vec::new(),
        }
    }

    pub(super) fn read_file(&mut self, file: &InputFile<'_>) {
        if crate::archive::is_system_file(&file.path) {
            return;
        }
        self.file = file.path.clone();
        let content = Content::Source(file.content);
        if let Err(rejection) = self.read_content(&file.path, &content, 0) {
            self.reject(&file.path, &rejection);
        }
    }

    /// Reads a file, or an entry of an archive, at this depth of archives.
    pub(super) fn read_content(
        &mut self,
        path: &str,
        content: &Content<'_>,
        depth: usize,
    ) -> Result<(), Rejection> {
        let head = content.head(HEAD_BYTES).map_err(|error| {
            // A reader of compressed data fails at its first bytes.
            match content {
                Content::Source(_) => Rejection::Unreadable(error),
                _ => arrays::ArrayError::from(error).into(),
            }
        })?;
        if head.is_empty() {
            return Err(Rejection::NoBytes);
        }
        match FileFormat::detect(&head) {
            FileFormat::Gzip if depth >= MAX_DEPTH => Err(ArchiveError::TooDeep.into()),
            FileFormat::Gzip => self.read_content(path, &Content::Gzip(content), depth + 1),
            FileFormat::Zip => self.read_zip(path, content, depth),
            FileFormat::Tar => self.read_tar(path, content, depth),
            FileFormat::Idx => {
                let (header, start) = arrays::idx::header(&mut content.open()?)?;
                self.read_array(path, content, header, start)
            }
            FileFormat::Npy => {
                let (header, start) = arrays::npy::header(&mut content.open()?)?;
                self.read_array(path, content, header, start)
            }
            FileFormat::BrowserImage(format, media_type) => {
                self.keep_undecoded(path, content, format, media_type)
            }
            format if format.is_image() => self.read_picture(path, content),
            FileFormat::Unsupported(name, advice) => Err(Rejection::Unsupported { name, advice }),
            // A ZIP after the program that extracts it, or without its beginning: the list of entries is at the end.
            FileFormat::Unknown if has_extension(path, ".zip") => {
                self.read_zip(path, content, depth)
            }
            // The tables that map EMNIST's labels to characters are known.
            _ if is_emnist_mapping(path) => Ok(()),
            FileFormat::Table => self.read_table(path, content),
            _ => Err(unknown(path, &head)),
        }
    }

    fn read_array(
        &mut self,
        path: &str,
        content: &Content<'_>,
        mut header: arrays::ArrayHeader,
        start: u64,
    ) -> Result<(), Rejection> {
        // Labels in a row, as they come with images in columns.
        if header.axes.len() == 2 && header.axes[0] == 1 && arrays::names_labels(path) {
            header.axes.remove(0);
        }
        match interpret(&header, path)? {
            Meaning::Labels(columns) => {
                let mut reader = content.open()?;
                std::io::copy(
                    &mut std::io::Read::take(&mut reader, start),
                    &mut std::io::sink(),
                )?;
                let labels = arrays::LabelColumn::read(path, &header, columns, &mut reader)?;
                self.labels.push(LabelPart {
                    file: self.file.clone(),
                    name: path.to_owned(),
                    labels,
                });
                Ok(())
            }
            Meaning::Images(layout) => {
                let stack = arrays::ArrayStack::new(content, start, header, layout)?;
                self.read_stack(path, &stack)
            }
        }
    }

    /// Reads an image that was decoded elsewhere.
    pub(super) fn read_raster(&mut self, path: &str, image: Raster) {
        self.file = path.to_owned();
        if let Err(rejection) = self.add_picture(path, image) {
            self.reject(path, &rejection);
        }
    }

    pub(super) fn reject(&mut self, part: &str, rejection: &Rejection) {
        let file = self.file.clone();
        self.set.reject(&file, part, rejection);
    }

    /// Assigns classes, and gives the result.
    pub(super) fn finish(mut self) -> ReadResult {
        self.assign_labels();
        self.turn_digits();
        self.assign_file_names();
        self.assign_folders();
        if self.duplicates > 0 {
            let text = match self.duplicates {
                1 => "1 image is there twice: it was added once".to_owned(),
                count => format!("{count} images are there several times: each was added once"),
            };
            self.set.note("", text);
        }
        if self.pictures_left_out > 0 {
            let file = self.file.clone();
            let full = Rejection::Full {
                limit: self.set.limit(),
                left_out: self.pictures_left_out,
            };
            self.set.reject(&file, &file, &full);
        }
        let mut set = self.set;
        let new_index = set.names.sort();
        for class in set.classes.iter_mut().filter(|class| **class != NO_CLASS) {
            *class = new_index[usize::from(*class)];
        }
        ReadResult {
            shape: self.options.shape,
            own_shapes: set.own_shapes(),
            problems: set.take_problems(),
            images: set.images,
            classes: set.classes,
            class_names: set.names,
            sheets: self.sheets,
            undecoded: self.undecoded,
            notes: set.notes,
            samples: set.samples.into_images(),
            is_dark_on_light: self.is_dark_on_light || self.borders.is_dark_on_light(),
            is_transposed: self.is_transposed,
            subsets: self.subsets,
            sources: set.sources,
        }
    }

    /// Gives the images of arrays the labels of other files.
    fn assign_labels(&mut self) {
        let labels = std::mem::take(&mut self.labels);
        let pairs = pair(&self.arrays, &labels);
        for (part, images) in labels.iter().zip(&pairs) {
            let Some(images) = images.map(|at| &self.arrays[at]) else {
                // The same labels as those of another file, which belong to the same images.
                let is_copy = labels
                    .iter()
                    .zip(&pairs)
                    .any(|(other, images)| images.is_some() && other.labels == part.labels);
                if !is_copy {
                    let mut images: Vec<usize> = self.arrays.iter().map(|a| a.count).collect();
                    images.truncate(3);
                    let rejection = Rejection::NoImages {
                        labels: part.labels.classes.len(),
                        images,
                    };
                    self.set.reject(&part.file, &part.name, &rejection);
                }
                continue;
            };
            for (offset, number) in images.kept.numbers().enumerate() {
                if let Some(&class) = part.labels.classes.get(number) {
                    let name = &part.labels.names.names()[usize::from(class)];
                    self.set.set_class(images.start + offset, name);
                }
            }
        }
    }

    /// Swaps rows and columns of labelled digits of arrays that lie on their side.
    fn turn_digits(&mut self) {
        let may_lie = self.options.conversion == Conversion::AsDigits
            && self.options.shape == ImageShape::MNIST
            && self.options.transposition == Transposition::ByName
            && !self.is_transposed
            && self.pictures.is_empty();
        if !may_lie {
            return;
        }
        let digits: Vec<Option<usize>> = self
            .set
            .names
            .names()
            .iter()
            .map(|name| name.parse().ok().filter(|digit| *digit < 10))
            .collect();
        if digits.iter().any(Option::is_none) {
            return;
        }
        let classes = &self.set.classes;
        let digit = |index: usize| *digits.get(usize::from(classes[index]))?;
        if !lie_on_their_side(&self.set.images, digit) {
            return;
        }
        for index in 0..self.set.images.len() {
            self.set.images.change(index, swap);
        }
        self.set.samples.transpose();
        self.is_transposed = true;
        self.set.note(
            "",
            "the digits lie on their side, as EMNIST's do: rows and columns were swapped",
        );
    }

    /// Gives the images of arrays the names of their files as classes, if none has a label and the names tell them apart.
    fn assign_file_names(&mut self) {
        let is_labelled = |part: &ArrayPart| {
            let classes = self.set.classes[part.start..].iter();
            let mut classes = classes.take(part.kept.numbers().count());
            classes.any(|&class| class != NO_CLASS)
        };
        if self.arrays.iter().any(is_labelled) {
            return;
        }
        let names: Vec<&str> = self.arrays.iter().map(|part| part.name.as_str()).collect();
        let Some(classes) = file_names::classes(&names) else {
            return;
        };
        if classes.len() > crate::MAX_CLASSES {
            return;
        }
        for (part, class) in self.arrays.iter().zip(&classes) {
            for offset in 0..part.kept.numbers().count() {
                self.set.set_class(part.start + offset, class);
            }
        }
        let text = "there are no labels: the names of the files became labels";
        self.set.note("", text);
    }

    /// Gives pictures the names of their folders as classes, if these tell them apart.
    fn assign_folders(&mut self) {
        let mut distinct = [Vec::new(), Vec::new()];
        for (_, folders) in &self.pictures {
            if let FolderNames::Names(names) = folders {
                for (level, name) in names.iter().enumerate() {
                    distinct[level].extend(*name);
                }
            }
        }
        for names in &mut distinct {
            names.sort_unstable();
            names.dedup();
        }
        let level = distinct
            .iter()
            .position(|names| (2..=crate::MAX_CLASSES).contains(&names.len()));
        let most = distinct.iter().map(Vec::len).max().unwrap_or(0);
        if level.is_none() && most > crate::MAX_CLASSES {
            let text = format!(
                "the images are in {most} folders, more than the {} classes of a set: they have no labels",
                crate::MAX_CLASSES
            );
            self.set.note("", text);
        }
        for (index, folders) in std::mem::take(&mut self.pictures) {
            let name = match folders {
                FolderNames::Digit(name) => Some(name),
                FolderNames::Names(names) => level.and_then(|level| names[level]),
            };
            if let Some(name) = name {
                let name = self.folders[name as usize].clone();
                self.set.set_class(index, &name);
            }
        }
    }
}

/// Whether a path ends like this, in upper or lower case.
fn has_extension(path: &str, extension: &str) -> bool {
    let start = path.len().saturating_sub(extension.len());
    path.get(start..)
        .is_some_and(|end| end.eq_ignore_ascii_case(extension))
}
