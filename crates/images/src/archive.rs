//! A ZIP's entries, within limits: nothing is unpacked on the word of the archive.

use std::io::{Cursor, Read};
use thiserror::Error;
use zip::{ZipArchive, result::ZipError};

/// The most entries of a ZIP: MNIST's 70,000 images, one file each, and as many folders as you like.
pub const MAX_ENTRIES: usize = 100_000;

/// The most bytes that an entry may unpack to.
pub const MAX_ENTRY_BYTES: u64 = 32 << 20;

/// The most bytes that all entries together may unpack to.
pub const MAX_UNPACKED_BYTES: u64 = 512 << 20;

/// An entry larger than [`RATIO_FROM_BYTES`] may be packed at most so many times smaller.
pub const MAX_RATIO: u64 = 200;

/// Smaller entries may be packed as well as they can.
pub const RATIO_FROM_BYTES: u64 = 1 << 20;

/// A ZIP or an entry of it that isn't unpacked.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ArchiveError {
    /// The archive's directory can't be read.
    #[error("the ZIP is damaged or cut off ({0}): fetch or make it again")]
    Damaged(String),
    /// More than [`MAX_ENTRIES`].
    #[error("the ZIP has {0} entries; at most {MAX_ENTRIES} are read: bring it in parts")]
    TooManyEntries(usize),
    /// An entry that needs a password.
    #[error("it is encrypted: unpack it with its password and bring the pictures")]
    Encrypted,
    /// Another archive inside.
    #[error("it is an archive within the ZIP: unpack it and bring what is in it")]
    Nested,
    /// More than [`MAX_ENTRY_BYTES`].
    #[error("it unpacks to more than {} MiB, which is the limit for a file in a ZIP", MAX_ENTRY_BYTES >> 20)]
    EntryTooLarge,
    /// More than [`MAX_UNPACKED_BYTES`] in all: the rest is left out.
    #[error(
        "the ZIP unpacks to more than {} MiB: it and what comes after it is left out; bring the ZIP in parts",
        MAX_UNPACKED_BYTES >> 20
    )]
    TooLarge,
    /// Packed more than [`MAX_RATIO`] times smaller.
    #[error(
        "it is packed more than {MAX_RATIO} times smaller, as no picture is: it looks like a ZIP bomb"
    )]
    Bomb,
    /// A method that isn't deflate.
    #[error("it can't be unpacked ({0}): make the ZIP again without special compression")]
    Unsupported(String),
}

/// A file of a ZIP.
pub(crate) struct Entry {
    /// The path within the ZIP.
    pub(crate) name: String,
    pub(crate) bytes: Result<Vec<u8>, ArchiveError>,
}

/// Hands each file to `each`, one at a time, until it says stop (`false`).
///
/// What systems leave behind (`__MACOSX`, dot files, `Thumbs.db`) is passed over.
pub(crate) fn entries(
    bytes: &[u8],
    mut each: impl FnMut(Entry) -> bool,
) -> Result<(), ArchiveError> {
    let mut archive =
        ZipArchive::new(Cursor::new(bytes)).map_err(|e| ArchiveError::Damaged(e.to_string()))?;
    if archive.len() > MAX_ENTRIES {
        return Err(ArchiveError::TooManyEntries(archive.len()));
    }
    let mut left = MAX_UNPACKED_BYTES;
    for i in 0..archive.len() {
        let name = archive.name_for_index(i).unwrap_or_default().to_owned();
        if name.ends_with(['/', '\\']) || is_litter(&name) {
            continue;
        }
        let bytes = unpack(&mut archive, i, left);
        let stop = matches!(bytes, Err(ArchiveError::TooLarge));
        if let Ok(bytes) = &bytes {
            left -= bytes.len() as u64;
        }
        if !each(Entry { name, bytes }) || stop {
            break;
        }
    }
    Ok(())
}

fn unpack(
    archive: &mut ZipArchive<Cursor<&[u8]>>,
    index: usize,
    left: u64,
) -> Result<Vec<u8>, ArchiveError> {
    let file = archive.by_index(index).map_err(|e| match e {
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => ArchiveError::Encrypted,
        ZipError::UnsupportedArchive(why) => ArchiveError::Unsupported(why.into()),
        e => ArchiveError::Damaged(e.to_string()),
    })?;
    let packed = file.compressed_size();
    // What it says first, what it does then.
    let allowed = |size: u64| {
        if size > MAX_ENTRY_BYTES {
            Err(ArchiveError::EntryTooLarge)
        } else if size > RATIO_FROM_BYTES && size > packed.saturating_mul(MAX_RATIO) {
            Err(ArchiveError::Bomb)
        } else if size > left {
            Err(ArchiveError::TooLarge)
        } else {
            Ok(())
        }
    };
    allowed(file.size())?;
    let most = MAX_ENTRY_BYTES
        .min(left)
        .min((packed.saturating_mul(MAX_RATIO)).max(RATIO_FROM_BYTES));
    let mut bytes = Vec::new();
    file.take(most + 1)
        .read_to_end(&mut bytes)
        .map_err(|e| ArchiveError::Damaged(e.to_string()))?;
    allowed(bytes.len() as u64)?;
    Ok(bytes)
}

fn is_litter(name: &str) -> bool {
    let mut parts = name.split(['/', '\\']).peekable();
    let mut litter = false;
    while let Some(part) = parts.next() {
        litter |= part == "__MACOSX" || (part.starts_with('.') && part != "." && part != "..");
        litter |= parts.peek().is_none() && matches!(part, "Thumbs.db" | "desktop.ini");
    }
    litter
}

/// The digit that a folder's name says: that of the folder nearest to the file, if several do.
pub(crate) fn label(name: &str) -> Option<u8> {
    let (folders, _) = name.rsplit_once(['/', '\\'])?;
    folders.rsplit(['/', '\\']).find_map(|folder| {
        let mut digits = folder.chars();
        let digit = digits.next()?.to_digit(10)?;
        digits.next().is_none().then_some(digit as u8)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_label() {
        assert_eq!(label("7/a.png"), Some(7));
        assert_eq!(label("train/3/deep/er/a.png"), Some(3));
        assert_eq!(label("3/5/a.png"), Some(5));
        assert_eq!(label("10/a.png"), None);
        assert_eq!(label("3.png"), None);
        assert_eq!(label("set\\4\\a.png"), Some(4));
    }

    #[test]
    fn litter_is_known() {
        assert!(is_litter("__MACOSX/3/._a.png"));
        assert!(is_litter("3/.DS_Store"));
        assert!(is_litter("3/Thumbs.db"));
        assert!(!is_litter("./3/a.png"));
    }
}
