//! Reads files of any supported format: detects the format by content, extracts all usable images, and reports a
//! reason for everything that is left out.

mod archives;
mod blocks;
mod file_names;
mod pairing;
mod pictures;
mod reader;
mod rejection;
mod result;
mod samples;
mod set;
mod set_size;
mod sideways;
mod stacks;
mod unknown;

pub use blocks::ImageBlocks;
pub use result::{OwnShape, Problem, ReadResult, UndecodedImage};
pub use set_size::{MAX_SET_VALUES, max_images};

use crate::{raster::Raster, source::Source};
use reader::Reader;
use spec::ReadOptions;

/// Maximum size of an image file, in bytes.
pub const MAX_IMAGE_BYTES: u64 = 64 << 20;

/// Maximum number of pixels decoded from images that are brought together.
pub const MAX_DECODED_PIXELS: usize = 4_000_000_000;

/// Maximum number of problems reported one by one for a file; further ones are only counted.
pub const MAX_PROBLEMS: usize = 40;

/// A file that was brought.
pub struct InputFile<'a> {
    /// Its name; for a file of a folder the path from that folder on, whose folders are labels.
    pub path: String,
    /// Its content.
    pub content: &'a dyn Source,
}

/// Reads a file of any supported format. `name` is used in messages, and its folders as labels.
pub fn read_file(name: &str, bytes: &[u8], options: &ReadOptions) -> ReadResult {
    let file = InputFile {
        path: name.to_owned(),
        content: &bytes,
    };
    read_files(&[file], options)
}

/// Reads files that belong together.
///
/// Labels are matched to the images of the same number whose name is most similar. Identical content is read once. A
/// file that is rejected changes nothing; the others are read.
pub fn read_files(files: &[InputFile<'_>], options: &ReadOptions) -> ReadResult {
    let mut reader = Reader::new(options, files.len());
    for file in files {
        reader.read_file(file);
    }
    reader.finish()
}

/// Reads images that were decoded elsewhere, each with its path.
pub fn read_rasters(images: Vec<(String, Raster)>, options: &ReadOptions) -> ReadResult {
    let mut reader = Reader::new(options, images.len());
    for (path, image) in images {
        reader.read_raster(&path, image);
    }
    reader.finish()
}
