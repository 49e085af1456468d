//! From the bytes of files to images of one shape with classes: MNIST's format, light strokes on a dark background, or
//! any other of 8 to 64 pixels a side.
//!
//! Reads images (PNG, JPEG, WebP, BMP, GIF, TIFF, PGM and PPM), photos or scans of sheets with several digits, arrays (IDX, NumPy),
//! tables (CSV, ARFF), and ZIP, tar and gzip archives of these. Depends on neither burn nor the web and opens no files:
//! bytes in, pixels out. All input is untrusted: sizes that a header declares are checked before anything is allocated.

mod animation;
mod archive;
mod arrays;
mod classes;
mod content;
mod conversion;
mod decode;
mod file_format;
mod grey_image;
mod histogram;
mod image;
mod normalize;
mod orientation;
mod polarity;
mod raster;
mod read;
mod resample;
mod sheet;
mod source;
mod subject;
mod transparency;
mod unsupported;

pub use animation::{AnimationError, MAX_FRAMES, encode_gif};
pub use archive::{
    ArchiveError, MAX_COMPRESSION_RATIO, MAX_DEPTH, MAX_ENTRIES, MAX_ENTRY_BYTES,
    MAX_UNPACKED_BYTES, MIN_RATIO_CHECK_BYTES,
};
pub use arrays::{
    ArrayError, MAX_ARRAY_SIDE, MAX_LABELS, MAX_REORDERED_BYTES,
    csv::MAX_COLUMNS,
    idx::{IdxImages, parse_images, parse_labels},
};
pub use classes::{ClassNames, MAX_CLASSES, NO_CLASS};
pub use conversion::{ConversionError, convert};
pub use decode::{DecodeError, MAX_PIXELS, MAX_SIDE, decode, decode_color};
pub use grey_image::{GreyImage, SizeMismatch};
pub use image::{Pixels, SIDE};
pub use normalize::{BlankImage, INK_SIDE, MIN_CONTRAST, normalize_drawing, normalize_image};
pub use raster::Raster;
pub use read::{
    ImageBlocks, InputFile, MAX_DECODED_PIXELS, MAX_IMAGE_BYTES, MAX_PROBLEMS, MAX_SET_VALUES,
    OwnShape, Problem, ReadResult, UndecodedImage, max_images, read_file, read_files, read_rasters,
};
pub use sheet::{BoundingBox, MAX_SHEET_SIDE, Sheet};
pub use source::Source;
pub use spec::{Conversion, ImageShape, Polarity, ReadOptions, Transposition};
pub use subject::{MAX_DRAWING_SIDE, MIN_SHEET_SIDE};
pub use transparency::flatten_rgba;
