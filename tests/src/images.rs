//! Synthetic training images, and IDX files of them.

/// Pixels per image.
pub const PIXELS: usize = 28 * 28;

/// Images of horizontal and vertical bars at different positions, `[count × 784]`: easy to learn, and
/// unlike digits.
pub fn bars(count: usize) -> Vec<u8> {
    let pixel = |i: usize| {
        let (image, row, column) = (i / PIXELS, i % PIXELS / 28, i % 28);
        let position = if image.is_multiple_of(2) { row } else { column };
        let start = 6 + image % 13;
        if (start..start + 4).contains(&position) {
            255
        } else {
            0
        }
    };
    (0..count * PIXELS).map(pixel).collect()
}

/// An IDX file of images, `[n × 784]`.
pub fn idx(images: &[u8]) -> Vec<u8> {
    let sizes = [(images.len() / PIXELS) as u32, 28, 28];
    let header = [0, 0, 8, 3].into_iter();
    header
        .chain(sizes.into_iter().flat_map(u32::to_be_bytes))
        .chain(images.iter().copied())
        .collect()
}
