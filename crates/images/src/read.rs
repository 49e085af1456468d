//! Reads files of any supported format: detects the format by content, extracts all usable images, and
//! reports a reason for everything that is skipped.

use crate::{
    archive::{self, ArchiveError, Entry},
    decode::{DecodeError, decode},
    file_format::FileFormat,
    grey_image::GreyImage,
    idx::{self, IdxContents, IdxError, IdxImages},
    image::{ExtractedImage, Pixels, SIDE},
    normalize::{BlankImage, normalize_image},
    sheet::Sheet,
};
use thiserror::Error;

/// Maximum size of an image file, in bytes.
pub const MAX_IMAGE_BYTES: usize = 64 << 20;

/// Maximum number of images in an IDX file.
pub const MAX_IDX_IMAGES: usize = 250_000;

/// Longer side, in pixels, from which an image is searched for several digits.
pub const MIN_SHEET_SIDE: usize = 100;

/// Maximum number of pixels decoded from one ZIP archive.
pub const MAX_ZIP_PIXELS: usize = 1_000_000_000;

/// Maximum number of problems reported one by one for a file; further ones are only counted.
pub const MAX_PROBLEMS: usize = 40;

/// What was read from a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileContents {
    /// The file's name.
    pub file: String,
    /// Images that are ready to use.
    pub images: Vec<ExtractedImage>,
    /// A photo or scan with several digits, to be reviewed before its digits are cropped.
    pub sheet: Option<Sheet>,
    /// The labels, 0 to 9, if it is an IDX file of labels.
    pub labels: Option<Vec<u8>>,
    /// What was skipped, and why.
    pub problems: Vec<Problem>,
}

/// A file, or a part of one, that was skipped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file's name, with the path within a ZIP.
    pub file: String,
    /// What is wrong and what to do about it, in lower case without a full stop.
    pub reason: String,
}

/// Why a file, or a part of one, is skipped.
#[derive(Debug, Error)]
enum Rejection {
    #[error(transparent)]
    Decode(#[from] DecodeError),
    #[error(transparent)]
    Idx(#[from] IdxError),
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    #[error(transparent)]
    Empty(#[from] BlankImage),
    #[error("the file is empty: download or save it again")]
    NoBytes,
    #[error(
        "the file has {} MiB; the limit for an image is {} MiB: scale it down",
        .0 >> 20,
        MAX_IMAGE_BYTES >> 20
    )]
    Bytes(usize),
    #[error("no digit was found: use a sharp close-up with dark ink on light paper")]
    NoDigits,
    #[error("it has {0} images; the limit is {MAX_IDX_IMAGES}: split it into several")]
    TooManyImages(usize),
    #[error(
        "label {value} of image {image} is out of range: labels are 0 to 9; the images can be added without them"
    )]
    Label { image: usize, value: u8 },
    #[error("there is no IDX file of {labels} images for these {labels} labels{}: add both files together", image_counts(.images))]
    NoImages { labels: usize, images: Vec<usize> },
    #[error(
        "it shows {0} digits; add it outside of a ZIP, so that you can review what was detected"
    )]
    SheetInZip(usize),
    #[error(
        "the images in the ZIP exceed {} million pixels in total: this one and those after it were skipped; split the ZIP into several",
        MAX_ZIP_PIXELS / 1_000_000
    )]
    TooManyZipPixels,
    #[error("it is neither an image nor an IDX file")]
    UnsupportedInZip,
    #[error("there are no images in the ZIP")]
    EmptyZip,
    #[error("{0} more were skipped for similar reasons")]
    More(usize),
}

fn image_counts(counts: &[usize]) -> String {
    if counts.is_empty() {
        return String::new();
    }
    let counts: Vec<String> = counts.iter().map(usize::to_string).collect();
    format!(
        " (the IDX files given have {} images)",
        counts.join(" and ")
    )
}

/// Reads a file of any supported format. `name` is used in messages only.
pub fn read_file(name: &str, bytes: &[u8]) -> FileContents {
    PendingFile::read(name, bytes).into_contents()
}

/// Reads files that belong together, each a name and its bytes.
///
/// An IDX file of labels is matched to an IDX file with the same number of images; among several, to
/// the one whose name has the longest common prefix with its own.
pub fn read_files(files: &[(String, Vec<u8>)]) -> Vec<FileContents> {
    let mut pending: Vec<PendingFile> = files
        .iter()
        .map(|(name, bytes)| PendingFile::read(name, bytes))
        .collect();
    assign_labels(&mut pending);
    pending
        .into_iter()
        .map(PendingFile::into_contents)
        .collect()
}

/// A file's contents before labels are assigned.
#[derive(Default)]
struct PendingFile {
    contents: FileContents,
    /// For an IDX file of images: the number of images, and the index of each image that was kept.
    idx: Option<(usize, Vec<usize>)>,
    /// Number of problems beyond [`MAX_PROBLEMS`].
    omitted_problems: usize,
}

impl PendingFile {
    fn read(name: &str, bytes: &[u8]) -> Self {
        let mut pending = Self::named(name);
        if let Err(rejection) = pending.fill(name, bytes) {
            pending.reject(name, &rejection);
        }
        pending
    }

    fn named(name: &str) -> Self {
        Self {
            contents: FileContents {
                file: name.to_owned(),
                ..FileContents::default()
            },
            ..Self::default()
        }
    }

    fn fill(&mut self, name: &str, bytes: &[u8]) -> Result<(), Rejection> {
        if bytes.is_empty() {
            return Err(Rejection::NoBytes);
        }
        match FileFormat::detect(bytes) {
            FileFormat::Zip => self.fill_from_zip(name, bytes),
            FileFormat::Gzip | FileFormat::Idx => self.fill_from_idx(name, bytes),
            _ => {
                match classify(&decode_within_limit(bytes)?)? {
                    Subject::SingleDigit(pixels) => self.push(*pixels, None, name.to_owned()),
                    Subject::Sheet(sheet) => self.contents.sheet = Some(sheet),
                }
                Ok(())
            }
        }
    }

    fn fill_from_idx(&mut self, name: &str, bytes: &[u8]) -> Result<(), Rejection> {
        match idx::parse(bytes)? {
            IdxContents::Labels(labels) => {
                if let Some((image, &value)) = labels.iter().enumerate().find(|(_, l)| **l > 9) {
                    return Err(Rejection::Label { image, value });
                }
                self.contents.labels = Some(labels);
                Ok(())
            }
            IdxContents::Images(images) => self.fill_from_images(name, &images),
        }
    }

    fn fill_from_images(&mut self, name: &str, images: &IdxImages) -> Result<(), Rejection> {
        let count = images.len();
        if count > MAX_IDX_IMAGES {
            return Err(Rejection::TooManyImages(count));
        }
        let mut kept = Vec::with_capacity(count);
        let each = images.pixels.chunks_exact(images.height * images.width);
        for (i, image) in each.enumerate() {
            let source = format!("{name}, image {i}");
            match idx_image(images, image) {
                Ok(pixels) => {
                    self.push(pixels, None, source);
                    kept.push(i);
                }
                Err(blank) => self.reject(&source, &blank.into()),
            }
        }
        self.idx = Some((count, kept));
        Ok(())
    }

    fn fill_from_zip(&mut self, name: &str, bytes: &[u8]) -> Result<(), Rejection> {
        let mut idx = Vec::new();
        let mut pixels = 0_usize;
        let mut files = 0_usize;
        archive::entries(bytes, |entry| {
            files += 1;
            let source = format!("{name}/{}", entry.name);
            match self.entry(&source, entry, &mut pixels) {
                Ok(Some(pending)) => idx.push(pending),
                Ok(None) => {}
                Err(rejection) => {
                    self.reject(&source, &rejection);
                    return !matches!(rejection, Rejection::TooManyZipPixels);
                }
            }
            true
        })?;
        assign_labels(&mut idx);
        for pending in idx {
            let FileContents {
                images, problems, ..
            } = pending.into_contents();
            self.contents.images.extend(images);
            for problem in problems {
                self.add_problem(problem);
            }
        }
        if files == 0 {
            return Err(Rejection::EmptyZip);
        }
        Ok(())
    }

    /// Adds an image from a ZIP. Returns an IDX file instead, whose labels may be in another entry.
    fn entry(
        &mut self,
        source: &str,
        entry: Entry,
        pixels: &mut usize,
    ) -> Result<Option<Self>, Rejection> {
        let bytes = entry.bytes?;
        let label = archive::label(&entry.name);
        match FileFormat::detect(&bytes) {
            FileFormat::Zip | FileFormat::Gzip => Err(ArchiveError::Nested.into()),
            FileFormat::Idx => Ok(Some(Self::read(source, &bytes))),
            kind if kind.is_image() => {
                let grey = decode_within_limit(&bytes)?;
                *pixels = pixels.saturating_add(grey.pixels().len());
                if *pixels > MAX_ZIP_PIXELS {
                    return Err(Rejection::TooManyZipPixels);
                }
                match classify(&grey)? {
                    Subject::SingleDigit(pixels) => self.push(*pixels, label, source.to_owned()),
                    // An image in a folder named by a digit shows a single digit, even if several
                    // pieces were detected.
                    Subject::Sheet(sheet) if label.is_some() => {
                        let whole = sheet.boxes().iter().copied().reduce(|a, b| a.union(&b));
                        let whole = whole.ok_or(Rejection::NoDigits)?;
                        self.push(sheet.crop(&whole)?, label, source.to_owned());
                    }
                    Subject::Sheet(sheet) => {
                        return Err(Rejection::SheetInZip(sheet.boxes().len()));
                    }
                }
                Ok(None)
            }
            FileFormat::Unsupported(_) => Err(decode(&bytes)
                .err()
                .map_or(Rejection::UnsupportedInZip, Into::into)),
            _ => Err(Rejection::UnsupportedInZip),
        }
    }

    fn push(&mut self, pixels: Pixels, label: Option<u8>, source: String) {
        self.contents.images.push(ExtractedImage {
            pixels,
            label,
            source,
        });
    }

    fn reject(&mut self, file: &str, rejection: &Rejection) {
        self.add_problem(Problem {
            file: file.to_owned(),
            reason: rejection.to_string(),
        });
    }

    fn add_problem(&mut self, problem: Problem) {
        if self.contents.problems.len() < MAX_PROBLEMS {
            self.contents.problems.push(problem);
        } else {
            self.omitted_problems += 1;
        }
    }

    fn into_contents(mut self) -> FileContents {
        if self.omitted_problems > 0 {
            self.contents.problems.push(Problem {
                file: self.contents.file.clone(),
                reason: Rejection::More(self.omitted_problems).to_string(),
            });
        }
        self.contents
    }
}

/// Assigns each file of labels to its file of images.
fn assign_labels(files: &mut [PendingFile]) {
    let mut labelled = vec![false; files.len()];
    for at in 0..files.len() {
        let Some(labels) = files[at].contents.labels.clone() else {
            continue;
        };
        let name = files[at].contents.file.clone();
        let images = (0..files.len()).filter(|&i| {
            let count = files[i].idx.as_ref().map(|(count, _)| *count);
            count == Some(labels.len()) && !labelled[i]
        });
        // Reversed, because `max_by_key` returns the last of several equal maxima.
        let Some(images) = images
            .rev()
            .max_by_key(|&i| common_prefix(&name, &files[i].contents.file))
        else {
            let mut counts: Vec<usize> = files
                .iter()
                .filter_map(|p| Some(p.idx.as_ref()?.0))
                .collect();
            counts.truncate(3);
            let rejection = Rejection::NoImages {
                labels: labels.len(),
                images: counts,
            };
            files[at].reject(&name, &rejection);
            continue;
        };
        labelled[images] = true;
        let PendingFile { contents, idx, .. } = &mut files[images];
        if let Some((_, kept)) = idx {
            for (image, &i) in contents.images.iter_mut().zip(kept.iter()) {
                image.label = labels.get(i).copied();
            }
        }
    }
}

/// Length of the common prefix of two names, in characters.
fn common_prefix(a: &str, b: &str) -> usize {
    a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count()
}

/// Normalizes an image of an IDX file. Images of MNIST's size keep their pixels.
fn idx_image(images: &IdxImages, image: &[u8]) -> Result<Pixels, BlankImage> {
    if (images.width, images.height) == (SIDE, SIDE)
        && let Ok(pixels) = Pixels::try_from(image)
    {
        return if pixels.iter().all(|p| *p == pixels[0]) {
            Err(BlankImage)
        } else {
            Ok(pixels)
        };
    }
    let grey =
        GreyImage::new(images.width, images.height, image.to_vec()).map_err(|_| BlankImage)?;
    normalize_image(&grey)
}

fn decode_within_limit(bytes: &[u8]) -> Result<GreyImage, Rejection> {
    if bytes.len() > MAX_IMAGE_BYTES && FileFormat::detect(bytes).is_image() {
        return Err(Rejection::Bytes(bytes.len()));
    }
    Ok(decode(bytes)?)
}

/// What an image shows.
enum Subject {
    SingleDigit(Box<Pixels>),
    Sheet(Sheet),
}

/// Decides whether an image shows one digit or several.
fn classify(grey: &GreyImage) -> Result<Subject, Rejection> {
    if grey.width().max(grey.height()) < MIN_SHEET_SIDE {
        return Ok(Subject::SingleDigit(Box::new(normalize_image(grey)?)));
    }
    // Images of one level get a specific message. Blank photos have noise and pass this check; sheet
    // detection then finds no digit.
    let is_blank = normalize_image(grey).is_err();
    if is_blank {
        return Err(BlankImage.into());
    }
    let sheet = Sheet::detect(grey);
    match sheet.boxes() {
        [] => Err(Rejection::NoDigits),
        [only] => Ok(Subject::SingleDigit(Box::new(sheet.crop(only)?))),
        _ => Ok(Subject::Sheet(sheet)),
    }
}
