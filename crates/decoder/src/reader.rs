//! Reads little-endian numbers from bytes.

/// The bytes that are not read yet. Each method returns `None` if there are too few.
pub(crate) struct Reader<'a>(pub(crate) &'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let (head, tail) = self.0.split_at_checked(count)?;
        self.0 = tail;
        Some(head)
    }

    pub(crate) fn byte(&mut self) -> Option<u8> {
        self.bytes(1).map(|bytes| bytes[0])
    }

    /// A number of two bytes.
    pub(crate) fn size(&mut self) -> Option<usize> {
        let (bytes, _) = self.bytes(2)?.as_chunks::<2>();
        Some(usize::from(u16::from_le_bytes(bytes[0])))
    }

    pub(crate) fn floats(&mut self, count: usize) -> Option<Vec<f32>> {
        let (floats, _) = self.bytes(count.checked_mul(4)?)?.as_chunks::<4>();
        Some(
            floats
                .iter()
                .map(|bytes| f32::from_le_bytes(*bytes))
                .collect(),
        )
    }
}
