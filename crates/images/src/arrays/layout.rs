//! What an array's axes mean.

use super::{ArrayError, ArrayHeader, MAX_ARRAY_SIDE};

/// What an array holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Meaning {
    Images(Layout),
    /// Labels, with this many values for each image.
    Labels(usize),
}

/// The images of an array, and where their values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Layout {
    /// Number of images.
    pub(crate) count: usize,
    /// Rows of each, in pixels.
    pub(crate) height: usize,
    /// Columns of each, in pixels.
    pub(crate) width: usize,
    /// 1, 3 or 4.
    pub(crate) channels: usize,
    /// Distance in elements between images, rows, columns and channels.
    pub(crate) strides: [usize; 4],
    /// Whether rows of three channels may be planes or pixels, which only the values tell.
    pub(crate) is_flat_colour: bool,
}

impl Layout {
    /// Number of values of an image.
    pub(crate) fn values(&self) -> usize {
        self.height * self.width * self.channels
    }

    /// Whether the values of an image are adjacent.
    pub(crate) fn is_contiguous(&self) -> bool {
        self.count <= 1 || self.strides[0] == self.values()
    }

    /// The layout of one image per row of `values` values: grey, or colour.
    pub(crate) fn of_rows(count: usize, values: usize) -> Option<Self> {
        let grey = square_side(values);
        let colour = values
            .is_multiple_of(3)
            .then(|| square_side(values / 3))
            .flatten();
        let (side, channels) = grey
            .map(|side| (side, 1))
            .or(colour.map(|side| (side, 3)))?;
        Some(Self {
            count,
            height: side,
            width: side,
            channels,
            // Planes, as in CIFAR's files.
            strides: [values, side, 1, side * side],
            is_flat_colour: channels == 3,
        })
    }

    /// The same values with the channels of a pixel adjacent.
    pub(crate) fn with_adjacent_channels(self) -> Self {
        let Self {
            width, channels, ..
        } = self;
        Self {
            strides: [self.values(), width * channels, channels, 1],
            is_flat_colour: false,
            ..self
        }
    }

    /// The strides of planes.
    pub(crate) fn with_planes(self) -> Self {
        Self {
            is_flat_colour: false,
            ..self
        }
    }
}

/// The side of a square of this many pixels, from 4×4 on.
pub(crate) fn square_side(values: usize) -> Option<usize> {
    let side = values.isqrt();
    (side * side == values && (4..=MAX_ARRAY_SIDE).contains(&side)).then_some(side)
}

/// Finds out what an array's axes mean. `name` is the array's: `y_train` and the like are labels.
///
/// # Errors
/// [`ArrayError::Shape`] if it is neither images nor labels.
pub(crate) fn interpret(header: &ArrayHeader, name: &str) -> Result<Meaning, ArrayError> {
    let wrong = || ArrayError::Shape(header.axes.clone());
    let mut axes = Vec::new();
    for &axis in &header.axes {
        axes.push(usize::try_from(axis).map_err(|_| wrong())?);
    }
    if header.element.is_text() {
        return match axes[..] {
            [_] => Ok(Meaning::Labels(1)),
            _ => Err(ArrayError::Element("text".into())),
        };
    }
    // The strides of the axes, in elements. Their product was compared with the data or with a limit before.
    let mut strides = vec![0_usize; axes.len()];
    let mut stride = 1_usize;
    for step in 0..axes.len() {
        let axis = if header.is_column_major {
            step
        } else {
            axes.len() - 1 - step
        };
        strides[axis] = stride;
        stride = stride.saturating_mul(axes[axis]);
    }
    // Which axis is which: count, height, width, channels; `None` where there is none.
    let is_side = |side: usize| (2..=MAX_ARRAY_SIDE).contains(&side);
    let is_channels = |channels: usize| matches!(channels, 1 | 3 | 4);
    let pick = |roles: [Option<usize>; 4]| {
        let size = |role: Option<usize>| role.map_or(1, |axis| axes[axis]);
        let stride = |role: Option<usize>| role.map_or(0, |axis| strides[axis]);
        Layout {
            count: size(roles[0]),
            height: size(roles[1]),
            width: size(roles[2]),
            channels: size(roles[3]),
            strides: roles.map(stride),
            is_flat_colour: false,
        }
    };
    let layout = match axes[..] {
        [_] => return Ok(Meaning::Labels(1)),
        [_, columns] if columns < 64 && (names_labels(name) || columns < 8) => {
            return Ok(Meaning::Labels(columns.max(1)));
        }
        [count, values]
            if count != values
                && Layout::of_rows(count, values).is_some()
                && !is_in_columns(count, values, name) =>
        {
            let rows = Layout::of_rows(count, values).ok_or_else(wrong)?;
            if header.is_column_major && rows.channels == 1 {
                let side = rows.width;
                Layout {
                    strides: [1, side * count, count, 0],
                    ..rows
                }
            } else if header.is_column_major {
                return Err(ArrayError::Order);
            } else {
                rows
            }
        }
        // Images in columns, as courses on MATLAB have them.
        [values, count] if is_in_columns(values, count, name) => {
            let rows = Layout::of_rows(count, values).ok_or_else(wrong)?;
            let [value, image] = [strides[0], strides[1]];
            Layout {
                strides: [
                    image,
                    rows.width * value,
                    value,
                    rows.width * rows.width * value,
                ],
                is_flat_colour: false,
                ..rows
            }
        }
        // Several numbers for each image, of which the first is the label.
        [count, columns] if columns < 64 && count > 2 * columns => {
            return Ok(Meaning::Labels(columns));
        }
        [height, width] if is_side(height) && is_side(width) => {
            pick([None, Some(0), Some(1), None])
        }
        [height, width, 3 | 4] if is_side(height) && is_side(width) && height >= 8 => {
            pick([None, Some(0), Some(1), Some(2)])
        }
        // MATLAB's order, in which the count comes last. Few images of another width than height would also be possible
        // for small sides.
        [height, width, count]
            if height == width
                && (8..=64).contains(&height)
                && (count > 64 || height >= 16 && count > 4)
                && count != width =>
        {
            pick([Some(2), Some(0), Some(1), None])
        }
        [_, height, width] if is_side(height) && is_side(width) => {
            pick([Some(0), Some(1), Some(2), None])
        }
        [_, height, width, channels]
            if is_channels(channels) && is_side(height) && is_side(width) =>
        {
            pick([Some(0), Some(1), Some(2), Some(3)])
        }
        [_, channels, height, width]
            if is_channels(channels) && is_side(height) && is_side(width) =>
        {
            pick([Some(0), Some(2), Some(3), Some(1)])
        }
        [height, width, channels, _]
            if is_channels(channels) && is_side(height) && is_side(width) =>
        {
            pick([Some(3), Some(0), Some(1), Some(2)])
        }
        _ => return Err(wrong()),
    };
    Ok(Meaning::Images(layout))
}

/// Whether a matrix has an image in each column: its rows are as many as an image of a usual size has pixels, and its
/// columns are not. A matrix with few columns needs a name of images, because each of them could be a label.
fn is_in_columns(rows: usize, columns: usize, name: &str) -> bool {
    const USUAL: [usize; 8] = [64, 256, 400, 576, 784, 1_024, 3_072, 4_096];
    let is_likely = if columns < 64 {
        names_images(name)
    } else {
        matches!(rows, 784 | 3_072) || Layout::of_rows(1, columns).is_none()
    };
    USUAL.contains(&rows) && !USUAL.contains(&columns) && is_likely
}

/// Whether an array of this name holds images: `x_train`, `images`, `data`.
fn names_images(name: &str) -> bool {
    super::stack::name_words(name).any(|word| {
        matches!(
            word.as_str(),
            "x" | "image" | "images" | "img" | "imgs" | "data" | "features" | "pixels"
        )
    })
}

/// Whether an array of this name holds labels: `y_train`, `labels`, `target`.
pub(crate) fn names_labels(name: &str) -> bool {
    super::stack::name_words(name).any(|word| {
        matches!(
            word.as_str(),
            "y" | "label" | "labels" | "target" | "targets" | "class" | "classes"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arrays::{Element, Kind};

    fn meaning(axes: &[u64], is_column_major: bool, name: &str) -> Option<Meaning> {
        let header = ArrayHeader {
            element: Element {
                kind: Kind::U8,
                is_big_endian: false,
            },
            axes: axes.to_vec(),
            is_column_major,
        };
        interpret(&header, name).ok()
    }

    fn images(axes: &[u64]) -> Option<(usize, usize, usize, usize, [usize; 4])> {
        match meaning(axes, false, "x")? {
            Meaning::Images(l) => Some((l.count, l.height, l.width, l.channels, l.strides)),
            Meaning::Labels(_) => None,
        }
    }

    #[test]
    fn interpret_finds_images_of_two_to_four_axes() {
        assert_eq!(
            images(&[60, 28, 28]),
            Some((60, 28, 28, 1, [784, 28, 1, 0]))
        );
        assert_eq!(images(&[60, 784]), Some((60, 28, 28, 1, [784, 28, 1, 784])));
        assert_eq!(
            images(&[9, 32, 24, 3]),
            Some((9, 32, 24, 3, [2304, 72, 3, 1]))
        );
        assert_eq!(
            images(&[9, 3, 32, 24]),
            Some((9, 32, 24, 3, [2304, 24, 1, 768]))
        );
        assert_eq!(images(&[28, 28]), Some((1, 28, 28, 1, [0, 28, 1, 0])));
        assert_eq!(images(&[64, 64]), Some((1, 64, 64, 1, [0, 64, 1, 0])));
        assert_eq!(images(&[40, 50, 3]), Some((1, 40, 50, 3, [0, 150, 3, 1])));
        assert_eq!(
            images(&[28, 28, 500]),
            Some((500, 28, 28, 1, [1, 14000, 500, 0]))
        );
        assert_eq!(
            images(&[32, 32, 3, 99]),
            Some((99, 32, 32, 3, [1, 9504, 297, 99]))
        );
        assert_eq!(
            images(&[28, 28, 40]),
            Some((40, 28, 28, 1, [1, 1120, 40, 0]))
        );
        assert_eq!(
            images(&[784, 5_000]),
            Some((5_000, 28, 28, 1, [1, 140_000, 5_000, 3_920_000]))
        );
        assert_eq!(
            images(&[784, 40]),
            Some((40, 28, 28, 1, [1, 1120, 40, 31_360]))
        );
        assert_eq!(images(&[1_024, 784]).map(|i| i.0), Some(1_024));
        assert_eq!(images(&[256, 900]).map(|i| i.0), Some(256));
        assert_eq!(images(&[100, 784]).map(|i| i.0), Some(100));
        assert_eq!(images(&[5, 6, 7, 8, 9]), None);
        assert_eq!(images(&[5, 40_000, 40_000]), None);
    }

    #[test]
    fn interpret_finds_labels() {
        assert_eq!(meaning(&[60_000], false, "train"), Some(Meaning::Labels(1)));
        assert_eq!(
            meaning(&[60_000, 8], false, "qmnist"),
            Some(Meaning::Labels(8))
        );
        assert_eq!(
            meaning(&[500, 10], false, "y_train"),
            Some(Meaning::Labels(10))
        );
        assert_eq!(meaning(&[20, 1], false, "a"), Some(Meaning::Labels(1)));
    }

    #[test]
    fn interpret_gives_strides_of_column_major_arrays() {
        let Some(Meaning::Images(layout)) = meaning(&[5, 28, 20], true, "x") else {
            panic!("images")
        };
        assert_eq!(layout.strides, [1, 5, 140, 0]);
        assert!(!layout.is_contiguous());
    }
}
