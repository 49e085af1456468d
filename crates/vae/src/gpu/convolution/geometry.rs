//! What the kernels of a convolution have in common.

use crate::gpu::kernel::vector_width;
use kernels::conv::Convolution;
use spec::Sides;

/// Rows of a register tile.
pub(super) const TILE_ROWS: usize = 8;

/// What the sources depend on beside the widths of vectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    /// See [`Convolution::Strided`].
    Strided,
    /// See [`Convolution::Upsampled`].
    Upsampled,
}

/// A convolution as a product of patches.
#[derive(Debug, Clone, Copy)]
pub(super) struct Geometry {
    pub(super) kind: Kind,
    pub(super) sides: Sides,
}

impl Geometry {
    pub(super) fn of(convolution: Convolution) -> Self {
        match convolution {
            Convolution::Strided(sides) => Self {
                kind: Kind::Strided,
                sides,
            },
            Convolution::Upsampled(sides) => Self {
                kind: Kind::Upsampled,
                sides,
            },
        }
    }

    /// Channels of the input.
    pub(super) fn channels(&self) -> usize {
        match self.kind {
            Kind::Strided => self.sides.outer.channels,
            Kind::Upsampled => self.sides.inner.channels,
        }
    }

    /// Channels of the output.
    pub(super) fn outputs(&self) -> usize {
        match self.kind {
            Kind::Strided => self.sides.inner.channels,
            Kind::Upsampled => self.sides.outer.channels,
        }
    }

    /// Outputs of a patch.
    pub(super) fn columns(&self) -> usize {
        match self.kind {
            Kind::Strided => self.outputs(),
            Kind::Upsampled => 4 * self.outputs(),
        }
    }

    /// Values of a patch.
    pub(super) fn patch(&self) -> usize {
        let side = self.kind.side();
        side * side * self.channels()
    }

    /// Patches of an image.
    pub(super) fn patches(&self) -> usize {
        let inner = self.sides.inner;
        match self.kind {
            Kind::Strided => inner.positions(),
            Kind::Upsampled => (inner.height + 1) * (inner.width + 1),
        }
    }

    /// The kernels' first parameters: number of images, then height, width and channels of the outer and of the inner
    /// map.
    pub(super) fn sizes(&self, images: usize) -> Vec<u32> {
        let Sides { outer, inner } = self.sides;
        let maps = [outer, inner].map(|map| [map.height, map.width, map.channels]);
        let sizes = maps.concat().into_iter();
        std::iter::once(images)
            .chain(sizes)
            .map(|size| size as u32)
            .collect()
    }
}

impl Kind {
    /// Rows and columns of a patch.
    pub(super) fn side(self) -> usize {
        match self {
            Self::Strided => 3,
            Self::Upsampled => 2,
        }
    }

    /// WGSL definitions: `columns`, outputs of a patch; the grid of patches, `grid_height` and `grid_width`; the map that
    /// is read, `source_height`, `source_width` and `channels`. The patch at `y`, `x` begins at row `y * STEP - 1` and
    /// column `x * STEP - 1` of the map.
    pub(super) fn definitions(self) -> &'static str {
        match self {
            Self::Strided => {
                "const SIDE = 3u;
const STEP = 2u;
fn columns() -> u32 { return size[6]; }
fn outputs() -> u32 { return size[6]; }
fn channels() -> u32 { return size[3]; }
fn grid_height() -> u32 { return size[4]; }
fn grid_width() -> u32 { return size[5]; }
fn source_height() -> u32 { return size[1]; }
fn source_width() -> u32 { return size[2]; }"
            }
            Self::Upsampled => {
                "const SIDE = 2u;
const STEP = 1u;
fn columns() -> u32 { return 4u * size[3]; }
fn outputs() -> u32 { return size[3]; }
fn channels() -> u32 { return size[6]; }
fn grid_height() -> u32 { return size[4] + 1u; }
fn grid_width() -> u32 { return size[5] + 1u; }
fn source_height() -> u32 { return size[4]; }
fn source_width() -> u32 { return size[5]; }"
            }
        }
    }
}

/// Columns of a register tile: 4 if 8 would leave a large share of the tiles empty.
pub(super) fn tile_columns(columns: usize) -> usize {
    let rest = columns % 8;
    if columns < 64 && (1..=4).contains(&rest) {
        4
    } else {
        8
    }
}

/// Values per vector of a row of this many channels, and columns of its register tiles.
pub(super) fn widths(channels: usize) -> [usize; 2] {
    [vector_width(channels), tile_columns(channels)]
}

/// The WGSL declarations of buffers, in the order of their bindings: name, access mode, element type.
pub(super) fn bindings(buffers: &[(&str, &str, &str)]) -> String {
    let lines = buffers
        .iter()
        .enumerate()
        .map(|(binding, (name, access, kind))| {
            format!("@group(0) @binding({binding}) var<storage, {access}> {name}: array<{kind}>;\n")
        });
    lines.collect()
}
