//! Reads the entries of a ZIP archive within limits on their number, size and compression ratio.
//!
//! The limits apply to the bytes that decompression really yields, not only to the sizes that the
//! archive declares.

use std::io::{Cursor, Read};
use thiserror::Error;
use zip::{ZipArchive, result::ZipError};

/// Maximum number of entries: enough for MNIST's 70,000 images as one file each, with folders.
pub const MAX_ENTRIES: usize = 100_000;

/// Maximum decompressed size of one entry, in bytes.
pub const MAX_ENTRY_BYTES: u64 = 32 << 20;

/// Maximum decompressed size of all entries together, in bytes.
pub const MAX_UNPACKED_BYTES: u64 = 512 << 20;

/// Maximum compression ratio of an entry larger than [`MIN_RATIO_CHECK_BYTES`].
pub const MAX_COMPRESSION_RATIO: u64 = 200;

/// Decompressed size in bytes up to which the compression ratio is not checked.
pub const MIN_RATIO_CHECK_BYTES: u64 = 1 << 20;

/// Why a ZIP archive or one of its entries is not read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ArchiveError {
    /// The archive or an entry is damaged.
    #[error("the ZIP is damaged or truncated ({0}): download or create it again")]
    Damaged(String),
    /// More than [`MAX_ENTRIES`].
    #[error("the ZIP has {0} entries; the limit is {MAX_ENTRIES}: split it into several")]
    TooManyEntries(usize),
    /// The entry needs a password.
    #[error("it is encrypted: extract it with its password and add the images")]
    Encrypted,
    /// The entry is itself an archive.
    #[error("it is an archive within the ZIP: extract it and add its files")]
    Nested,
    /// More than [`MAX_ENTRY_BYTES`].
    #[error("its decompressed size exceeds {} MiB, the limit for a file in a ZIP", MAX_ENTRY_BYTES >> 20)]
    EntryTooLarge,
    /// More than [`MAX_UNPACKED_BYTES`] in total: this entry and the following ones are skipped.
    #[error(
        "the ZIP's decompressed size exceeds {} MiB: this file and those after it were skipped; split the ZIP into several",
        MAX_UNPACKED_BYTES >> 20
    )]
    TooLarge,
    /// Compressed by more than [`MAX_COMPRESSION_RATIO`].
    #[error(
        "its compression ratio exceeds {MAX_COMPRESSION_RATIO}, which no image reaches: it looks like a ZIP bomb"
    )]
    ZipBomb,
    /// A compression method other than deflate.
    #[error(
        "it can't be decompressed ({0}): create the ZIP again with standard compression (deflate)"
    )]
    Unsupported(String),
}

/// A file in a ZIP archive.
pub(crate) struct Entry {
    /// The path within the archive.
    pub(crate) name: String,
    pub(crate) bytes: Result<Vec<u8>, ArchiveError>,
}

/// Calls `visit` for each file, one at a time, until it returns `false`.
///
/// Files that operating systems add (`__MACOSX`, dot files, `Thumbs.db`) are skipped.
pub(crate) fn entries(
    bytes: &[u8],
    mut visit: impl FnMut(Entry) -> bool,
) -> Result<(), ArchiveError> {
    let mut archive =
        ZipArchive::new(Cursor::new(bytes)).map_err(|e| ArchiveError::Damaged(e.to_string()))?;
    if archive.len() > MAX_ENTRIES {
        return Err(ArchiveError::TooManyEntries(archive.len()));
    }
    let mut remaining = MAX_UNPACKED_BYTES;
    for i in 0..archive.len() {
        let name = archive.name_for_index(i).unwrap_or_default().to_owned();
        if name.ends_with(['/', '\\']) || is_system_file(&name) {
            continue;
        }
        let bytes = decompress(&mut archive, i, remaining);
        let stop = matches!(bytes, Err(ArchiveError::TooLarge));
        if let Ok(bytes) = &bytes {
            remaining -= bytes.len() as u64;
        }
        if !visit(Entry { name, bytes }) || stop {
            break;
        }
    }
    Ok(())
}

fn decompress(
    archive: &mut ZipArchive<Cursor<&[u8]>>,
    index: usize,
    remaining: u64,
) -> Result<Vec<u8>, ArchiveError> {
    let file = archive.by_index(index).map_err(|e| match e {
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => ArchiveError::Encrypted,
        ZipError::UnsupportedArchive(why) => ArchiveError::Unsupported(why.into()),
        e => ArchiveError::Damaged(e.to_string()),
    })?;
    let compressed = file.compressed_size();
    // Applied to the declared size first, then to the real one.
    let check = |size: u64| {
        if size > MAX_ENTRY_BYTES {
            Err(ArchiveError::EntryTooLarge)
        } else if size > MIN_RATIO_CHECK_BYTES
            && size > compressed.saturating_mul(MAX_COMPRESSION_RATIO)
        {
            Err(ArchiveError::ZipBomb)
        } else if size > remaining {
            Err(ArchiveError::TooLarge)
        } else {
            Ok(())
        }
    };
    check(file.size())?;
    let limit = MAX_ENTRY_BYTES
        .min(remaining)
        .min((compressed.saturating_mul(MAX_COMPRESSION_RATIO)).max(MIN_RATIO_CHECK_BYTES));
    let mut bytes = Vec::new();
    file.take(limit + 1)
        .read_to_end(&mut bytes)
        .map_err(|e| ArchiveError::Damaged(e.to_string()))?;
    check(bytes.len() as u64)?;
    Ok(bytes)
}

fn is_system_file(name: &str) -> bool {
    let mut parts = name.split(['/', '\\']).peekable();
    let mut found = false;
    while let Some(part) = parts.next() {
        found |= part == "__MACOSX" || (part.starts_with('.') && part != "." && part != "..");
        found |= parts.peek().is_none() && matches!(part, "Thumbs.db" | "desktop.ini");
    }
    found
}

/// The label that a path gives: the innermost folder whose name is a single digit.
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
    fn label_is_the_innermost_folder_named_by_a_digit() {
        assert_eq!(label("7/a.png"), Some(7));
        assert_eq!(label("train/3/deep/er/a.png"), Some(3));
        assert_eq!(label("3/5/a.png"), Some(5));
        assert_eq!(label("10/a.png"), None);
        assert_eq!(label("3.png"), None);
        assert_eq!(label("set\\4\\a.png"), Some(4));
    }

    #[test]
    fn is_system_file_recognizes_files_of_operating_systems() {
        assert!(is_system_file("__MACOSX/3/._a.png"));
        assert!(is_system_file("3/.DS_Store"));
        assert!(is_system_file("3/Thumbs.db"));
        assert!(!is_system_file("./3/a.png"));
    }
}
