//! Why a file, or a part of one, is left out.

use super::MAX_IMAGE_BYTES;
use crate::{
    archive::ArchiveError, arrays::ArrayError, conversion::ConversionError, decode::DecodeError,
    normalize::BlankImage, subject::Unusable,
};
use thiserror::Error;

#[derive(Debug, Error)]
pub(super) enum Rejection {
    #[error(transparent)]
    Decode(#[from] DecodeError),
    #[error(transparent)]
    Array(#[from] ArrayError),
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    #[error(transparent)]
    Conversion(#[from] ConversionError),
    #[error(transparent)]
    Empty(#[from] BlankImage),
    #[error("it can't be read ({0}): add it again")]
    Unreadable(#[from] std::io::Error),
    #[error("the file is empty: download or save it again")]
    NoBytes,
    #[error(
        "the file has {} MiB; the limit for an image is {} MiB: scale it down",
        .0 >> 20,
        MAX_IMAGE_BYTES >> 20
    )]
    Bytes(u64),
    #[error("no digit was found: use a sharp close-up with dark ink on light paper")]
    NoDigits,
    #[error(
        "there is no file of {labels} images for these {labels} labels{}: add both files together",
        image_counts(.images)
    )]
    NoImages { labels: usize, images: Vec<usize> },
    #[error("it shows {0} digits; add it alone, so that you can review what was detected")]
    SheetInArchive(usize),
    #[error(
        "the images exceed {} million pixels in total: this one and those after it were left out; add them in several parts",
        super::MAX_DECODED_PIXELS / 1_000_000
    )]
    TooManyPixels,
    #[error(
        "there is room for at most {limit} images of this size: {left_out} of this file were left out"
    )]
    Full { limit: usize, left_out: usize },
    #[error("this is {name}: {advice}")]
    Unsupported {
        name: &'static str,
        advice: &'static str,
    },
    #[error("{0}")]
    Unknown(String),
    #[error("there are no images in the archive")]
    EmptyArchive,
    #[error("{0} more were left out for similar reasons")]
    More(usize),
}

impl Rejection {
    /// Whether the rest of the archive would be left out for the same reason.
    pub(super) fn ends_archive(&self) -> bool {
        matches!(
            self,
            Self::Archive(ArchiveError::TooLarge) | Self::TooManyPixels
        )
    }
}

impl From<Unusable> for Rejection {
    fn from(unusable: Unusable) -> Self {
        match unusable {
            Unusable::Blank(blank) => blank.into(),
            Unusable::NoDigits => Self::NoDigits,
        }
    }
}

fn image_counts(counts: &[usize]) -> String {
    if counts.is_empty() {
        return String::new();
    }
    let counts: Vec<String> = counts.iter().map(usize::to_string).collect();
    format!(" (the files given have {} images)", counts.join(" and "))
}
