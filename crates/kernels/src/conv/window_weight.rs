//! The weight of a convolution after upsampling, for windows of the map before upsampling.
//!
//! A 3×3 patch of a map that was doubled by nearest-neighbour upsampling covers 2×2 positions of the map itself: each of the
//! four outputs at a position is the product of one 2×2 window with sums of rows of the weight (Shi et al. 2016). This
//! takes 16 multiply-adds in place of 36.

/// The rows of the 3×3 kernel that read the window's row `tap`, of an output in an even or odd row (`phase`); columns
/// alike.
const KERNEL_ROWS: [[std::ops::Range<usize>; 2]; 2] = [[0..1, 1..3], [0..2, 2..3]];

/// Calls `term(row of the 3×3 weight, row of the window weight, phase)` for each term of each sum; rows are counted in
/// units of the input channels.
fn for_each_term(mut term: impl FnMut(usize, usize, usize)) {
    for phase in 0..4 {
        for tap in 0..4 {
            for row in KERNEL_ROWS[phase / 2][tap / 2].clone() {
                for column in KERNEL_ROWS[phase % 2][tap % 2].clone() {
                    term(row * 3 + column, tap, phase);
                }
            }
        }
    }
}

/// The window weight, `[4 · in, 4 · out]`: rows by row, column and channel of the window, columns by row, column and channel
/// of the output.
///
/// # Shapes
/// - `weight`: `[9 · in, out]`
pub(super) fn window_weight(weight: &[f32], input: usize, output: usize) -> Vec<f32> {
    let mut sums = vec![0.0; 16 * input * output];
    for_each_term(|kernel, tap, phase| {
        for channel in 0..input {
            let from = &weight[(kernel * input + channel) * output..][..output];
            let at = ((tap * input + channel) * 4 + phase) * output;
            let to = &mut sums[at..at + output];
            to.iter_mut()
                .zip(from)
                .for_each(|(sum, value)| *sum += value);
        }
    });
    sums
}

/// The gradient for the weight, `[9 · in, out]`, from that for the window weight.
///
/// # Shapes
/// - `d_windows`: `[4 · in, 4 · out]`
pub(super) fn window_weight_backward(d_windows: &[f32], input: usize, output: usize) -> Vec<f32> {
    let mut sums = vec![0.0; 9 * input * output];
    for_each_term(|kernel, tap, phase| {
        for channel in 0..input {
            let at = ((tap * input + channel) * 4 + phase) * output;
            let from = &d_windows[at..at + output];
            let to = &mut sums[(kernel * input + channel) * output..][..output];
            to.iter_mut()
                .zip(from)
                .for_each(|(sum, value)| *sum += value);
        }
    });
    sums
}
