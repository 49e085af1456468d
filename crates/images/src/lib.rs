//! From bytes to grey images of digits: 28×28, light ink on a dark ground, as in MNIST.
//!
//! No burn, no web, no files: bytes in, pixels out.

mod animation;
mod archive;
mod decode;
mod digit;
mod grey;
mod histogram;
mod idx;
mod intake;
mod kind;
mod normalise;
mod orientation;
mod resample;
mod sheet;

pub use animation::{AnimationError, MAX_FRAMES, to_gif};
pub use archive::{
    ArchiveError, MAX_ENTRIES, MAX_ENTRY_BYTES, MAX_RATIO, MAX_UNPACKED_BYTES, RATIO_FROM_BYTES,
};
pub use decode::{DecodeError, MAX_PIXELS, MAX_SIDE, decode};
pub use digit::{Found, Pixels, SIDE};
pub use grey::{Grey, WrongSize};
pub use idx::{IdxError, Images, MAX_BYTES, parse_images, parse_labels};
pub use intake::{
    Intake, MAX_IDX_IMAGES, MAX_PICTURE_BYTES, MAX_PROBLEMS, MAX_ZIP_PIXELS, Problem, SHEET_FROM,
    read, read_many,
};
pub use normalise::{EmptyPicture, INK_SIDE, MIN_CONTRAST, from_drawing, from_picture};
pub use sheet::{BoxPx, MAX_SHEET_SIDE, Sheet};
