//! Archives of files: ZIP and tar, within limits on their number and size.
//!
//! The limits apply to the bytes that decompression really yields, not only to the sizes that an archive declares.

mod paths;
pub(crate) mod tar;
pub(crate) mod zip;

pub(crate) use paths::{folder_names, is_emnist_mapping, is_system_file, single_digit};
pub use zip::MAX_ENTRIES;

use thiserror::Error;

/// Maximum decompressed size in bytes of an entry that is read into memory: an image, an archive within another, a
/// file of a tar archive. Entries with many images are read piece by piece instead, within
/// [`MAX_UNPACKED_BYTES`].
pub const MAX_ENTRY_BYTES: u64 = 96 << 20;

/// Maximum decompressed size of all entries together, in bytes.
pub const MAX_UNPACKED_BYTES: u64 = 2 << 30;

/// Maximum compression ratio of an entry larger than [`MIN_RATIO_CHECK_BYTES`] that is read into memory.
pub const MAX_COMPRESSION_RATIO: u64 = 200;

/// Decompressed size in bytes up to which the compression ratio is not checked.
pub const MIN_RATIO_CHECK_BYTES: u64 = 1 << 20;

/// Maximum number of archives and gzip streams within each other.
pub const MAX_DEPTH: usize = 4;

/// Why an archive or one of its entries is not read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ArchiveError {
    /// The archive or an entry is damaged.
    #[error("the archive is damaged or truncated ({0}): download or create it again")]
    Damaged(String),
    /// More than [`MAX_ENTRIES`].
    #[error("the archive has {0} entries; the limit is {MAX_ENTRIES}: split it into several")]
    TooManyEntries(u64),
    /// The entry needs a password.
    #[error("it is encrypted: extract it with its password and add the images")]
    Encrypted,
    /// More than [`MAX_DEPTH`].
    #[error("it is in {MAX_DEPTH} archives, one inside the other: extract it and add its files")]
    TooDeep,
    /// More than [`MAX_ENTRY_BYTES`].
    #[error(
        "its decompressed size exceeds {} MiB, the limit for such a file in an archive: extract it and add it alone",
        MAX_ENTRY_BYTES >> 20
    )]
    EntryTooLarge,
    /// More than [`MAX_UNPACKED_BYTES`] in total: this entry and the following ones are skipped.
    #[error(
        "the archive's decompressed size exceeds {} MiB: this file and those after it were left out; split the archive into several",
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
