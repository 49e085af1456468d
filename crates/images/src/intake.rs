//! Whatever people bring: the kind of each file is told by its content, what is good goes in, and
//! for the rest there is a reason.

use crate::{
    archive::{self, ArchiveError, Entry},
    decode::{DecodeError, decode},
    digit::{Found, Pixels, SIDE},
    grey::Grey,
    idx::{Idx, IdxError, Images, parse_either},
    kind::Kind,
    normalise::{EmptyPicture, from_picture},
    sheet::Sheet,
};
use thiserror::Error;

/// The most bytes of a picture's file.
pub const MAX_PICTURE_BYTES: usize = 64 << 20;

/// The most images that are taken from an IDX file.
pub const MAX_IDX_IMAGES: usize = 250_000;

/// A picture with a side at least so long, in pixels, is looked over for more than one digit.
pub const SHEET_FROM: usize = 100;

/// The most pixels that are decoded from one ZIP.
pub const MAX_ZIP_PIXELS: usize = 1_000_000_000;

/// So many problems of a ZIP or an IDX file are told one by one, the others are counted.
pub const MAX_PROBLEMS: usize = 40;

/// What a file held.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Intake {
    /// The file's name.
    pub file: String,
    /// Digits that are ready.
    pub digits: Vec<Found>,
    /// A photo or scan of several digits, for people to look over first.
    pub sheet: Option<Sheet>,
    /// The labels, 0 to 9, of an IDX file of labels.
    pub labels: Option<Vec<u8>>,
    /// What was left out, and why.
    pub problems: Vec<Problem>,
}

/// Something that was left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file, with the path within a ZIP.
    pub file: String,
    /// What is wrong with it and what to do, in lower case and without a full stop.
    pub reason: String,
}

/// Why a file, or a part of it, is left out.
#[derive(Debug, Error)]
enum Refused {
    #[error(transparent)]
    Decode(#[from] DecodeError),
    #[error(transparent)]
    Idx(#[from] IdxError),
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    #[error(transparent)]
    Empty(#[from] EmptyPicture),
    #[error("the file is empty: fetch or save it again")]
    NoBytes,
    #[error(
        "the file has {} MiB; pictures of at most {} MiB are read: scale it down",
        .0 >> 20,
        MAX_PICTURE_BYTES >> 20
    )]
    Bytes(usize),
    #[error(
        "no digit was found on it: bring one with dark ink on light paper, sharp and from near"
    )]
    NoDigits,
    #[error("it has {0} images; at most {MAX_IDX_IMAGES} are taken: bring it in parts")]
    Images(usize),
    #[error(
        "label {value} of image {image} is no digit: labels are 0 to 9; the images can go in without them"
    )]
    Label { image: usize, value: u8 },
    #[error("{labels} labels, and no IDX file of {labels} images came with them{}: bring both files together", others(.images))]
    NoImages { labels: usize, images: Vec<usize> },
    #[error("it shows {0} digits; bring it outside of the ZIP, where you can check what was found")]
    SheetInZip(usize),
    #[error(
        "the ZIP's pictures have more than {} million pixels in all: it and what comes after it is left out; bring the ZIP in parts",
        MAX_ZIP_PIXELS / 1_000_000
    )]
    ZipPixels,
    #[error("it is no picture and no IDX file")]
    NotInZip,
    #[error("there are no pictures in the ZIP")]
    NothingInZip,
    #[error("{0} more were left out for such reasons")]
    More(usize),
}

fn others(counts: &[usize]) -> String {
    if counts.is_empty() {
        return String::new();
    }
    let counts: Vec<String> = counts.iter().map(usize::to_string).collect();
    format!(" (there are {} images)", counts.join(" and "))
}

/// Reads a file of any kind that is known. Its name is only for the messages.
pub fn read(name: &str, bytes: &[u8]) -> Intake {
    Part::read(name, bytes).into_intake()
}

/// Reads files that were brought together, each given as its name and its bytes. An IDX file of
/// labels labels the IDX file of as many images; where there are several, that whose name is most
/// like its own.
pub fn read_many(files: &[(String, Vec<u8>)]) -> Vec<Intake> {
    let mut parts: Vec<Part> = files
        .iter()
        .map(|(name, bytes)| Part::read(name, bytes))
        .collect();
    pair(&mut parts);
    parts.into_iter().map(Part::into_intake).collect()
}

/// A file's content before labels are given out.
#[derive(Default)]
struct Part {
    intake: Intake,
    /// Of an IDX file of images: how many it has, and which of them each digit is.
    idx: Option<(usize, Vec<usize>)>,
    /// Problems beyond [`MAX_PROBLEMS`].
    untold: usize,
}

impl Part {
    fn read(name: &str, bytes: &[u8]) -> Self {
        let mut part = Self::named(name);
        if let Err(refused) = part.fill(name, bytes) {
            part.refuse(name, &refused);
        }
        part
    }

    fn named(name: &str) -> Self {
        Self {
            intake: Intake {
                file: name.to_owned(),
                ..Intake::default()
            },
            ..Self::default()
        }
    }

    fn fill(&mut self, name: &str, bytes: &[u8]) -> Result<(), Refused> {
        if bytes.is_empty() {
            return Err(Refused::NoBytes);
        }
        match Kind::of(bytes) {
            Kind::Zip => self.fill_from_zip(name, bytes),
            Kind::Gzip | Kind::Idx => self.fill_from_idx(name, bytes),
            _ => {
                match picture(&decode_within_limit(bytes)?)? {
                    Picture::One(pixels) => self.push(*pixels, None, name.to_owned()),
                    Picture::Sheet(sheet) => self.intake.sheet = Some(sheet),
                }
                Ok(())
            }
        }
    }

    fn fill_from_idx(&mut self, name: &str, bytes: &[u8]) -> Result<(), Refused> {
        match parse_either(bytes)? {
            Idx::Labels(labels) => {
                if let Some((image, &value)) = labels.iter().enumerate().find(|(_, l)| **l > 9) {
                    return Err(Refused::Label { image, value });
                }
                self.intake.labels = Some(labels);
                Ok(())
            }
            Idx::Images(images) => self.fill_from_images(name, &images),
        }
    }

    fn fill_from_images(&mut self, name: &str, images: &Images) -> Result<(), Refused> {
        let count = images.len();
        if count > MAX_IDX_IMAGES {
            return Err(Refused::Images(count));
        }
        let mut kept = Vec::with_capacity(count);
        let each = images.pixels.chunks_exact(images.height * images.width);
        for (i, image) in each.enumerate() {
            let source = format!("{name}, image {i}");
            match idx_digit(images, image) {
                Ok(pixels) => {
                    self.push(pixels, None, source);
                    kept.push(i);
                }
                Err(empty) => self.refuse(&source, &empty.into()),
            }
        }
        self.idx = Some((count, kept));
        Ok(())
    }

    fn fill_from_zip(&mut self, name: &str, bytes: &[u8]) -> Result<(), Refused> {
        let mut idx = Vec::new();
        let mut pixels = 0_usize;
        let mut files = 0_usize;
        archive::entries(bytes, |entry| {
            files += 1;
            let source = format!("{name}/{}", entry.name);
            match self.entry(&source, entry, &mut pixels) {
                Ok(Some(part)) => idx.push(part),
                Ok(None) => {}
                Err(refused) => {
                    self.refuse(&source, &refused);
                    return !matches!(refused, Refused::ZipPixels);
                }
            }
            true
        })?;
        pair(&mut idx);
        for part in idx {
            let Intake {
                digits, problems, ..
            } = part.into_intake();
            self.intake.digits.extend(digits);
            for problem in problems {
                self.tell(problem);
            }
        }
        if files == 0 {
            return Err(Refused::NothingInZip);
        }
        Ok(())
    }

    /// Takes in a picture of a ZIP; hands back an IDX file, which may have to be paired.
    fn entry(
        &mut self,
        source: &str,
        entry: Entry,
        pixels: &mut usize,
    ) -> Result<Option<Self>, Refused> {
        let bytes = entry.bytes?;
        let label = archive::label(&entry.name);
        match Kind::of(&bytes) {
            Kind::Zip | Kind::Gzip => Err(ArchiveError::Nested.into()),
            Kind::Idx => Ok(Some(Self::read(source, &bytes))),
            kind if kind.is_picture() => {
                let grey = decode_within_limit(&bytes)?;
                *pixels = pixels.saturating_add(grey.pixels().len());
                if *pixels > MAX_ZIP_PIXELS {
                    return Err(Refused::ZipPixels);
                }
                match picture(&grey)? {
                    Picture::One(found) => self.push(*found, label, source.to_owned()),
                    // In the folder of a digit there are single digits, whatever they look like.
                    Picture::Sheet(sheet) if label.is_some() => {
                        let whole = sheet.boxes().iter().copied().reduce(|a, b| a.union(&b));
                        let whole = whole.ok_or(Refused::NoDigits)?;
                        self.push(sheet.cut(&whole)?, label, source.to_owned());
                    }
                    Picture::Sheet(sheet) => {
                        return Err(Refused::SheetInZip(sheet.boxes().len()));
                    }
                }
                Ok(None)
            }
            Kind::Foreign(_) => Err(decode(&bytes).err().map_or(Refused::NotInZip, Into::into)),
            _ => Err(Refused::NotInZip),
        }
    }

    fn push(&mut self, pixels: Pixels, label: Option<u8>, source: String) {
        self.intake.digits.push(Found {
            pixels,
            label,
            source,
        });
    }

    fn refuse(&mut self, file: &str, refused: &Refused) {
        self.tell(Problem {
            file: file.to_owned(),
            reason: refused.to_string(),
        });
    }

    fn tell(&mut self, problem: Problem) {
        if self.intake.problems.len() < MAX_PROBLEMS {
            self.intake.problems.push(problem);
        } else {
            self.untold += 1;
        }
    }

    fn into_intake(mut self) -> Intake {
        if self.untold > 0 {
            self.intake.problems.push(Problem {
                file: self.intake.file.clone(),
                reason: Refused::More(self.untold).to_string(),
            });
        }
        self.intake
    }
}

/// Gives each file of labels to the images that it belongs to.
fn pair(parts: &mut [Part]) {
    let mut labelled = vec![false; parts.len()];
    for at in 0..parts.len() {
        let Some(labels) = parts[at].intake.labels.clone() else {
            continue;
        };
        let name = parts[at].intake.file.clone();
        let images = (0..parts.len()).filter(|&i| {
            let count = parts[i].idx.as_ref().map(|(count, _)| *count);
            count == Some(labels.len()) && !labelled[i]
        });
        // The last of those that are equally like it would win: the first is meant.
        let Some(images) = images
            .rev()
            .max_by_key(|&i| likeness(&name, &parts[i].intake.file))
        else {
            let mut counts: Vec<usize> = parts
                .iter()
                .filter_map(|p| Some(p.idx.as_ref()?.0))
                .collect();
            counts.truncate(3);
            let refused = Refused::NoImages {
                labels: labels.len(),
                images: counts,
            };
            parts[at].refuse(&name, &refused);
            continue;
        };
        labelled[images] = true;
        let Part { intake, idx, .. } = &mut parts[images];
        if let Some((_, kept)) = idx {
            for (digit, &i) in intake.digits.iter_mut().zip(kept.iter()) {
                digit.label = labels.get(i).copied();
            }
        }
    }
}

/// How many characters two names have in common at their beginning.
fn likeness(a: &str, b: &str) -> usize {
    a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count()
}

/// An image of an IDX file. Those of MNIST's size keep their pixels.
fn idx_digit(images: &Images, image: &[u8]) -> Result<Pixels, EmptyPicture> {
    if (images.width, images.height) == (SIDE, SIDE)
        && let Ok(pixels) = Pixels::try_from(image)
    {
        return if pixels.iter().all(|p| *p == pixels[0]) {
            Err(EmptyPicture)
        } else {
            Ok(pixels)
        };
    }
    let grey = Grey::new(images.width, images.height, image.to_vec()).map_err(|_| EmptyPicture)?;
    from_picture(&grey)
}

fn decode_within_limit(bytes: &[u8]) -> Result<Grey, Refused> {
    if bytes.len() > MAX_PICTURE_BYTES && Kind::of(bytes).is_picture() {
        return Err(Refused::Bytes(bytes.len()));
    }
    Ok(decode(bytes)?)
}

enum Picture {
    One(Box<Pixels>),
    Sheet(Sheet),
}

/// One digit, or a sheet of them.
fn picture(grey: &Grey) -> Result<Picture, Refused> {
    if grey.width().max(grey.height()) < SHEET_FROM {
        return Ok(Picture::One(Box::new(from_picture(grey)?)));
    }
    // Even a photo of nothing has noise: contrast is what the finder judges.
    let one_colour = from_picture(grey).is_err();
    if one_colour {
        return Err(EmptyPicture.into());
    }
    let sheet = Sheet::find(grey);
    match sheet.boxes() {
        [] => Err(Refused::NoDigits),
        [only] => Ok(Picture::One(Box::new(sheet.cut(only)?))),
        _ => Ok(Picture::Sheet(sheet)),
    }
}
