//! Reads image files.

use super::{
    MAX_IMAGE_BYTES,
    reader::{FolderNames, Reader},
    rejection::Rejection,
    result::UndecodedImage,
};
use crate::{
    archive::{folder_names, single_digit},
    content::Content,
    conversion::convert,
    decode::decode_image,
    raster::Raster,
    subject::{Context, Subject, classify},
};
use spec::{Conversion, Polarity, Transposition};
use std::hash::{DefaultHasher, Hash, Hasher};

/// Maximum size of all images that the browser has to decode, in bytes.
const MAX_UNDECODED_BYTES: usize = 64 << 20;

impl Reader<'_> {
    /// Reads an image file.
    pub(super) fn read_picture(
        &mut self,
        path: &str,
        content: &Content<'_>,
    ) -> Result<(), Rejection> {
        let bytes = read_bytes(content)?;
        if self.is_duplicate(path, &bytes) {
            return Ok(());
        }
        if self.set.is_full() {
            self.pictures_left_out += 1;
            return Ok(());
        }
        let wants_color = self.options.shape.is_color() || self.set.wants_sample();
        let decoded = decode_image(&bytes, wants_color)?;
        drop(bytes);
        if let Some(note) = decoded.note {
            self.set.note(path, note);
        }
        let pixels = decoded.image.width * decoded.image.height;
        match self.decoded_pixels.checked_sub(pixels) {
            Some(left) => self.decoded_pixels = left,
            None => return Err(Rejection::TooManyPixels),
        }
        self.add_picture(path, decoded.image)
    }

    /// Adds a decoded image to the set, or to the sheets to review.
    pub(super) fn add_picture(&mut self, path: &str, image: Raster) -> Result<(), Rejection> {
        if self.set.is_full() {
            self.pictures_left_out += 1;
            return Ok(());
        }
        let folders = self.folders(path);
        let image = if self.options.transposition == Transposition::Swap {
            self.is_transposed = true;
            image.transposed()
        } else {
            image
        };
        self.borders.observe(&image);
        if self.options.conversion != Conversion::AsDigits {
            self.set.observe_shape(&image);
            let image = match self.options.polarity {
                Polarity::Invert => image.inverted(),
                Polarity::Detect | Polarity::Keep => image,
            };
            let values = convert(&image, self.options.conversion, self.options.shape)?;
            self.push_picture(path, &values, folders);
            return Ok(());
        }
        let context = Context {
            is_labelled: matches!(folders, Some(FolderNames::Digit(_)))
                || self.is_collection && folders.is_some(),
            is_in_collection: self.is_collection,
        };
        let grey = image.to_grey();
        match classify(&grey, context)? {
            Subject::SingleDigit(pixels) => {
                self.set.observe_shape(&image);
                self.push_picture(path, &*pixels, folders);
            }
            Subject::Sheet(sheet) if path == self.file => {
                self.sheets.push((path.to_owned(), sheet));
            }
            Subject::Sheet(sheet) => {
                return Err(Rejection::SheetInArchive(sheet.boxes().len()));
            }
        }
        Ok(())
    }

    fn push_picture(&mut self, path: &str, values: &[u8], folders: Option<FolderNames>) {
        if let Some(folders) = folders {
            self.pictures.push((self.set.len(), folders));
        }
        self.set.push(values, path, None);
    }

    /// Whether the same file was read before, with the same folder or without one.
    fn is_duplicate(&mut self, path: &str, bytes: &[u8]) -> bool {
        let mut hasher = DefaultHasher::new();
        bytes.hash(&mut hasher);
        let digest = (bytes.len() as u64, hasher.finish());
        let label = match self.folders(path) {
            Some(FolderNames::Digit(name) | FolderNames::Names([Some(name), _])) => {
                name as usize + 1
            }
            _ => 0,
        };
        match self.digests.get(&digest) {
            Some(&other) if other == label || label == 0 => {
                self.duplicates += 1;
                true
            }
            Some(_) => false,
            None => {
                self.digests.insert(digest, label);
                false
            }
        }
    }

    /// The folders of a path that may be a label.
    fn folders(&mut self, path: &str) -> Option<FolderNames> {
        // The name of the archive is no label.
        let inner = path
            .strip_prefix(self.file.as_str())
            .filter(|rest| !rest.is_empty());
        let inner = inner.map_or(path, |rest| rest.trim_start_matches('/'));
        if let Some(digit) = single_digit(inner) {
            return Some(FolderNames::Digit(self.folder_number(digit)));
        }
        let mut names = folder_names(inner);
        let (first, second) = (names.next()?, names.next());
        Some(FolderNames::Names([
            Some(self.folder_number(first)),
            second.map(|name| self.folder_number(name)),
        ]))
    }

    fn folder_number(&mut self, name: &str) -> u32 {
        if let Some(&number) = self.folder_numbers.get(name) {
            return number;
        }
        let number = self.folders.len() as u32;
        self.folders.push(name.to_owned());
        self.folder_numbers.insert(name.to_owned(), number);
        number
    }

    /// Keeps an image for the browser to decode.
    pub(super) fn keep_undecoded(
        &mut self,
        path: &str,
        content: &Content<'_>,
        format: &'static str,
        media_type: &'static str,
    ) -> Result<(), Rejection> {
        let bytes = read_bytes(content)?;
        if self.is_duplicate(path, &bytes) {
            return Ok(());
        }
        if self.undecoded_bytes + bytes.len() > MAX_UNDECODED_BYTES {
            return Err(Rejection::Unsupported {
                name: format,
                advice: "there are too many at once; convert them to JPEG or PNG, or add them in several parts",
            });
        }
        self.undecoded_bytes += bytes.len();
        self.undecoded.push(UndecodedImage {
            path: path.to_owned(),
            format,
            media_type,
            bytes,
        });
        Ok(())
    }
}

/// Reads an image file into memory.
fn read_bytes(content: &Content<'_>) -> Result<Vec<u8>, Rejection> {
    if let Some(source) = content.source()
        && source.size() > MAX_IMAGE_BYTES
    {
        return Err(Rejection::Bytes(source.size()));
    }
    match content.read_all(MAX_IMAGE_BYTES)? {
        Some(bytes) => Ok(bytes),
        None => Err(Rejection::Bytes(MAX_IMAGE_BYTES + 1)),
    }
}
