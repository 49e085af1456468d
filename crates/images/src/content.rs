//! The bytes of a file or of an archive's entry, which can be read from the start several times.

use crate::archive::zip::{ZipEntry, ZipFile};
use crate::source::{Source, SourceReader};
use flate2::bufread::GzDecoder;
use std::io::{self, BufRead, BufReader, Read};

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
            Self::Gzip(inner) => Box::new(GzipMembers::new(inner.open()?)),
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

/// The members of a gzip stream, one after another. Bytes behind the last one, such as the zeros that fill a block, are
/// left out, as gzip does.
struct GzipMembers<R> {
    member: Option<GzDecoder<BufReader<R>>>,
}

impl<R: Read> GzipMembers<R> {
    fn new(reader: R) -> Self {
        Self {
            member: Some(GzDecoder::new(BufReader::new(reader))),
        }
    }
}

impl<R: Read> Read for GzipMembers<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let Some(member) = &mut self.member else {
                return Ok(0);
            };
            let count = member.read(buffer)?;
            if count > 0 || buffer.is_empty() {
                return Ok(count);
            }
            let rest = self.member.take().map(GzDecoder::into_inner);
            let Some(mut rest) = rest else { return Ok(0) };
            // 0x1f starts a member; its header is checked by the decoder.
            if rest.fill_buf()?.first() == Some(&0x1f) {
                self.member = Some(GzDecoder::new(rest));
            }
        }
    }
}
