//! From the bytes of a file to 28×28 greyscale images in MNIST's format: light strokes on a dark
//! background.
//!
//! Reads PNG, JPEG, WebP, BMP and GIF images, photos or scans of sheets with several digits, IDX files
//! and ZIP archives. Depends on neither burn nor the web and opens no files: bytes in, pixels out.
//! All input is untrusted: sizes that a header declares are checked before anything is allocated.

mod animation;
mod archive;
mod decode;
mod file_format;
mod grey_image;
mod histogram;
mod idx;
mod image;
mod normalize;
mod orientation;
mod read;
mod resample;
mod sheet;

pub use animation::{AnimationError, MAX_FRAMES, encode_gif};
pub use archive::{
    ArchiveError, MAX_COMPRESSION_RATIO, MAX_ENTRIES, MAX_ENTRY_BYTES, MAX_UNPACKED_BYTES,
    MIN_RATIO_CHECK_BYTES,
};
pub use decode::{DecodeError, MAX_PIXELS, MAX_SIDE, decode};
pub use grey_image::{GreyImage, SizeMismatch};
pub use idx::{IdxError, IdxImages, MAX_IDX_BYTES, parse_images, parse_labels};
pub use image::{ExtractedImage, Pixels, SIDE};
pub use normalize::{BlankImage, INK_SIDE, MIN_CONTRAST, normalize_drawing, normalize_image};
pub use read::{
    FileContents, MAX_IDX_IMAGES, MAX_IMAGE_BYTES, MAX_PROBLEMS, MAX_ZIP_PIXELS, MIN_SHEET_SIDE,
    Problem, read_file, read_files,
};
pub use sheet::{BoundingBox, MAX_SHEET_SIDE, Sheet};
