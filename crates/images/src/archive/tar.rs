//! Reads the files of a tar archive in their order.

use super::{ArchiveError, MAX_ENTRIES, MAX_ENTRY_BYTES};
use std::io::Read;

/// A file in a tar archive.
pub(crate) struct TarEntry {
    /// The path within the archive.
    pub(crate) name: String,
    /// Its content, or why it is not read.
    pub(crate) bytes: Result<Vec<u8>, ArchiveError>,
}

/// Whether the first bytes are the header of a tar archive: its checksum is right.
pub(crate) fn is_tar(head: &[u8]) -> bool {
    let Some(header) = head.first_chunk::<512>() else {
        return false;
    };
    let header = tar::Header::from_byte_slice(header);
    let sum: u32 = header.as_bytes().iter().map(|&byte| u32::from(byte)).sum();
    // The checksum's own field counts as spaces.
    let own: u32 = header.as_bytes()[148..156]
        .iter()
        .map(|&byte| u32::from(byte))
        .sum();
    header
        .cksum()
        .is_ok_and(|declared| declared == sum - own + 8 * u32::from(b' '))
}

/// Calls `visit` for each file, one at a time, until it returns `false`. Folders, links and files of the operating
/// system are left out.
///
/// # Errors
/// When the archive is damaged; the files before that are visited.
pub(crate) fn entries(
    reader: impl Read,
    mut visit: impl FnMut(TarEntry) -> bool,
) -> Result<(), ArchiveError> {
    let damaged = |error: std::io::Error| ArchiveError::Damaged(error.to_string());
    let mut archive = tar::Archive::new(reader);
    for (count, entry) in archive.entries().map_err(damaged)?.enumerate() {
        let entry = entry.map_err(damaged)?;
        if count >= MAX_ENTRIES {
            return Err(ArchiveError::TooManyEntries(count as u64 + 1));
        }
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        if !entry.header().entry_type().is_file() || super::is_system_file(&name) {
            continue;
        }
        let size = entry.size();
        let bytes = if size > MAX_ENTRY_BYTES {
            Err(ArchiveError::EntryTooLarge)
        } else {
            let mut bytes = Vec::new();
            let read = entry.take(MAX_ENTRY_BYTES).read_to_end(&mut bytes);
            match read {
                Ok(read) if read as u64 == size => Ok(bytes),
                Ok(_) => return Err(ArchiveError::Damaged("it ends within a file".into())),
                Err(error) => return Err(damaged(error)),
            }
        };
        if !visit(TarEntry { name, bytes }) {
            break;
        }
    }
    Ok(())
}
