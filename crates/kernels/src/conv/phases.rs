//! The outputs of a convolution after upsampling: four phases, the even and odd rows and columns.

use spec::Sides;

/// Calls `copy(index of the window and phase, index of the output position)` for each output position; an output in odd
/// rows belongs to the window one row below, in odd columns to that one column to the right.
#[inline(always)]
fn for_each_position(Sides { outer, inner }: Sides, mut copy: impl FnMut(usize, usize)) {
    let columns = inner.width + 1;
    for row in 0..outer.height {
        let (window_row, phase_row) = (row / 2 + row % 2, row % 2);
        for column in 0..outer.width {
            let window = window_row * columns + column / 2 + column % 2;
            let phase = 2 * phase_row + column % 2;
            copy(window * 4 + phase, row * outer.width + column);
        }
    }
}

/// Number of windows of an image.
pub(super) fn window_count(Sides { inner, .. }: Sides) -> usize {
    (inner.height + 1) * (inner.width + 1)
}

/// Places the outputs of the windows.
///
/// # Shapes
/// - `windows`: `[n, windows, 4, out]`
/// - `maps`: `[n, outer]`; overwritten
pub(super) fn place(windows: &[f32], sides: Sides, maps: &mut [f32]) {
    let channels = sides.outer.channels;
    let images = windows.chunks_exact(window_count(sides) * 4 * channels);
    for (windows, map) in images.zip(maps.chunks_exact_mut(sides.outer.values())) {
        for_each_position(sides, |from, to| {
            map[to * channels..][..channels]
                .copy_from_slice(&windows[from * channels..][..channels]);
        });
    }
}

/// The reverse of [`place`]: outputs of a window outside the map are zero.
///
/// # Shapes
/// - `maps`: `[n, outer]`
/// - `windows`: `[n, windows, 4, out]`; overwritten
pub(super) fn collect(maps: &[f32], sides: Sides, windows: &mut Vec<f32>) {
    let channels = sides.outer.channels;
    let size = window_count(sides) * 4 * channels;
    windows.clear();
    windows.resize(maps.len() / sides.outer.values() * size, 0.0);
    let images = windows.chunks_exact_mut(size);
    for (windows, map) in images.zip(maps.chunks_exact(sides.outer.values())) {
        for_each_position(sides, |to, from| {
            windows[to * channels..][..channels]
                .copy_from_slice(&map[from * channels..][..channels]);
        });
    }
}
