//! Reads the entries of a ZIP archive one by one, each as a stream.
//!
//! Only what is needed to find and decompress an entry is parsed: names, sizes, methods and checksums. Other fields,
//! such as time stamps, differ between programs and are ignored.

use super::ArchiveError;
use crate::source::Source;
use flate2::read::DeflateDecoder;
use rawzip::{
    CompressionMethod, RECOMMENDED_BUFFER_SIZE, ReaderAt, ZipArchive, ZipArchiveEntryWayfinder,
    ZipLocator,
};
use std::io::{self, Read};

/// Maximum number of entries: a file for each of 200,000 images, with folders.
pub const MAX_ENTRIES: usize = 250_000;

/// Maximum length of an entry's name, in bytes.
const MAX_NAME_BYTES: usize = 1_024;

/// Maximum length of all names together, in bytes.
const MAX_NAMES_BYTES: usize = 32 << 20;

/// A source as rawzip reads it.
struct At<'a>(&'a dyn Source);

impl ReaderAt for At<'_> {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.0.read_at(buffer, offset)
    }
}

/// An open ZIP archive.
pub(crate) struct ZipFile<'a>(ZipArchive<At<'a>>);

/// A file in a ZIP archive.
pub(crate) struct ZipEntry {
    /// The path within the archive.
    pub(crate) name: String,
    /// The declared size of the decompressed file.
    pub(crate) size: u64,
    /// The declared size of the compressed file.
    pub(crate) compressed_size: u64,
    /// Why it can't be opened, if so.
    pub(crate) obstacle: Option<ArchiveError>,
    method: CompressionMethod,
    place: ZipArchiveEntryWayfinder,
}

impl<'a> ZipFile<'a> {
    /// Opens an archive and lists its files. Folders are left out.
    ///
    /// # Errors
    /// When it is damaged, or has more than [`MAX_ENTRIES`].
    pub(crate) fn open(source: &'a dyn Source) -> Result<(Self, Vec<ZipEntry>), ArchiveError> {
        let damaged = |error: rawzip::Error| ArchiveError::Damaged(error.to_string());
        let mut buffer = vec![0; RECOMMENDED_BUFFER_SIZE];
        let archive = ZipLocator::new()
            .locate_in_reader(At(source), &mut buffer, source.size())
            .map_err(|(_, error)| damaged(error))?;
        let mut files = Vec::new();
        let mut entries = archive.entries(&mut buffer);
        let (mut count, mut names) = (0_u64, 0_usize);
        while let Some(record) = entries.next_entry().map_err(damaged)? {
            let path = record.file_path();
            count += 1;
            names += path.len();
            if count > MAX_ENTRIES as u64 || names > MAX_NAMES_BYTES {
                return Err(ArchiveError::TooManyEntries(
                    archive.entries_hint().max(count),
                ));
            }
            if record.is_dir() || path.len() > MAX_NAME_BYTES {
                continue;
            }
            let method = record.compression_method();
            let known = [CompressionMethod::STORE, CompressionMethod::DEFLATE].contains(&method);
            let obstacle = if record.flags().is_encrypted() {
                Some(ArchiveError::Encrypted)
            } else if known {
                None
            } else {
                Some(ArchiveError::Unsupported(method_name(method)))
            };
            files.push(ZipEntry {
                name: String::from_utf8_lossy(path.as_bytes()).into_owned(),
                size: record.uncompressed_size_hint(),
                compressed_size: record.compressed_size_hint(),
                obstacle,
                method,
                place: record.wayfinder(),
            });
        }
        Ok((Self(archive), files))
    }

    /// Decompresses an entry from its start. The checksum is compared at its end.
    pub(crate) fn open_entry(&self, entry: &ZipEntry) -> io::Result<Box<dyn Read + '_>> {
        let found = self.0.get_entry(entry.place).map_err(io::Error::other)?;
        Ok(if entry.method == CompressionMethod::STORE {
            Box::new(found.verifying_reader(found.reader()))
        } else {
            Box::new(found.verifying_reader(DeflateDecoder::new(found.reader())))
        })
    }
}

/// A compression method's name for messages.
fn method_name(method: CompressionMethod) -> String {
    let text = format!("{method:?}");
    let name = text.rsplit("::").next().unwrap_or_default();
    format!("its compression method is {name}")
}
