//! The bytes of a file or of an archive's entry, which can be read from the start several times.

use crate::archive::zip::{ZipEntry, ZipFile};
use crate::source::{Source, SourceReader};
use flate2::read::MultiGzDecoder;
use std::io::{self, Read};

/// What is read: a file, an entry of a ZIP, or what either decompresses to.
#[derive(Clone, Copy)]
pub(crate) enum Content<'a> {
    /// A file, or an entry that is in memory.
    Source(&'a dyn Source),
    /// An entry of a ZIP archive.
    Zip(&'a ZipFile<'a>, &'a ZipEntry),
    /// A gzip stream.
    Gzip(&'a Content<'a>),
}

impl<'a> Content<'a> {
    /// Reads from the start.
    ///
    /// # Errors
    /// When the source can't be read, or the entry can't be decompressed.
    pub(crate) fn open(&self) -> io::Result<Box<dyn Read + 'a>> {
        Ok(match *self {
            Self::Source(source) => Box::new(SourceReader::new(source)),
            Self::Zip(archive, entry) => archive.open_entry(entry)?,
            Self::Gzip(inner) => Box::new(MultiGzDecoder::new(inner.open()?)),
        })
    }

    /// The first bytes, at most `count`; fewer if the content ends or can't be read further.
    pub(crate) fn head(&self, count: usize) -> io::Result<Vec<u8>> {
        let mut head = Vec::new();
        let mut reader = self.open()?.take(count as u64);
        match reader.read_to_end(&mut head) {
            Err(error) if head.is_empty() => Err(error),
            _ => Ok(head),
        }
    }

    /// Reads all of it, at most `limit` bytes; `None` if there are more.
    ///
    /// # Errors
    /// When it can't be read or decompressed.
    pub(crate) fn read_all(&self, limit: u64) -> io::Result<Option<Vec<u8>>> {
        let mut bytes = Vec::new();
        self.open()?.take(limit + 1).read_to_end(&mut bytes)?;
        Ok((bytes.len() as u64 <= limit).then_some(bytes))
    }

    /// Whether its bytes can be read at any offset without decompressing what precedes them.
    pub(crate) fn source(&self) -> Option<&'a dyn Source> {
        match *self {
            Self::Source(source) => Some(source),
            Self::Zip(..) | Self::Gzip(_) => None,
        }
    }
}
