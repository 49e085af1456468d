//! Where the bytes of a file come from: memory, or a file that is read piece by piece.

use std::io::{self, Read};

/// A file's bytes at any offset. A file that the browser holds is a source as well, so that archives of
/// hundreds of megabytes are never in memory as a whole.
pub trait Source {
    /// Number of bytes.
    fn size(&self) -> u64;

    /// Reads bytes from this offset on. Returns how many were read; 0 only at the end, or for an empty buffer.
    ///
    /// # Errors
    /// Those of the system.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize>;
}

impl Source for &[u8] {
    fn size(&self) -> u64 {
        self.len() as u64
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let rest = usize::try_from(offset)
            .ok()
            .and_then(|start| self.get(start..))
            .unwrap_or_default();
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }
}

impl Source for Vec<u8> {
    fn size(&self) -> u64 {
        self.len() as u64
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        Source::read_at(&self.as_slice(), buffer, offset)
    }
}

/// Reads a source from its start.
pub(crate) struct SourceReader<'a> {
    source: &'a dyn Source,
    at: u64,
}

impl<'a> SourceReader<'a> {
    pub(crate) fn new(source: &'a dyn Source) -> Self {
        Self { source, at: 0 }
    }
}

impl Read for SourceReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read_at(buffer, self.at)?;
        self.at += count as u64;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn source_reader_reads_a_slice_in_pieces() {
        let slice = [1_u8, 2, 3, 4, 5].as_slice();
        let mut reader = SourceReader::new(&slice);
        let mut pair = [0; 2];
        assert_eq!(reader.read(&mut pair).expect("in memory"), 2);
        let mut rest = Vec::new();
        reader.read_to_end(&mut rest).expect("in memory");
        assert_eq!((pair, rest), ([1, 2], vec![3, 4, 5]));
        assert_eq!(slice.read_at(&mut pair, u64::MAX).expect("in memory"), 0);
    }
}
