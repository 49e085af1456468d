//! Images of one size in a file, read one after another.

use super::{ArrayError, ArrayHeader, Element, Kind, Layout, MAX_REORDERED_BYTES};
use crate::content::Content;
use std::io::{self, Read};

/// The values of an image, `[height × width × channels]`.
pub(crate) enum Values<'a> {
    Bytes(&'a [u8]),
    Numbers(&'a [f32]),
}

/// Images of one size.
pub(crate) trait Stack {
    /// Their size. The count is the number that the header declares; 0 if there is no header.
    fn layout(&self) -> Layout;

    /// Calls `visit` with the values and the label of each image from the first on, until it returns `false`.
    ///
    /// # Errors
    /// [`ArrayError`]; images before the error were visited.
    fn each(
        &self,
        visit: &mut dyn FnMut(Values<'_>, Option<&str>) -> bool,
    ) -> Result<(), ArrayError>;
}

/// The images of an IDX or NumPy file.
pub(crate) struct ArrayStack<'a> {
    content: &'a Content<'a>,
    /// Number of bytes before the elements.
    start: u64,
    header: ArrayHeader,
    layout: Layout,
}

impl<'a> ArrayStack<'a> {
    /// Images with this layout, after `start` bytes of a header.
    ///
    /// # Errors
    /// When the length of a file in memory contradicts the header, or the order of its elements needs too much memory.
    pub(crate) fn new(
        content: &'a Content<'a>,
        start: u64,
        header: ArrayHeader,
        layout: Layout,
    ) -> Result<Self, ArrayError> {
        let declared = header.data_bytes();
        if let Some(source) = content.source() {
            let found = source.size().saturating_sub(start);
            if found != declared {
                return Err(ArrayError::Length {
                    axes: header.axes,
                    declared,
                    found,
                });
            }
        }
        if !layout.is_contiguous() && declared > MAX_REORDERED_BYTES {
            return Err(ArrayError::Order);
        }
        let mut stack = Self {
            content,
            start,
            header,
            layout,
        };
        if layout.is_flat_colour {
            stack.layout = stack.colour_layout()?;
        }
        Ok(stack)
    }

    fn length_error(&self, found: u64) -> ArrayError {
        ArrayError::Length {
            axes: self.header.axes.clone(),
            declared: self.header.data_bytes(),
            found,
        }
    }

    fn open(&self) -> io::Result<Box<dyn Read + 'a>> {
        let mut reader = self.content.open()?;
        io::copy(&mut reader.by_ref().take(self.start), &mut io::sink())?;
        Ok(reader)
    }

    /// Whether rows of three channels are planes or pixels: rows of an image differ less from the next row than from
    /// the third one.
    fn colour_layout(&self) -> Result<Layout, ArrayError> {
        /// Number of images that are compared.
        const SAMPLE: usize = 32;
        let side = self.layout.width;
        let (mut next, mut third) = (0.0_f64, 0.0_f64);
        let mut seen = 0;
        let flat = Layout {
            strides: [self.layout.values(), side * 3, 3, 1],
            ..self.layout
        };
        self.each_of(&flat, &mut |values| {
            let number = |at: usize| match values {
                Values::Bytes(bytes) => f64::from(bytes[at]),
                Values::Numbers(numbers) => f64::from(numbers[at]),
            };
            for at in 0..self.layout.values() - 3 * side {
                next += (number(at) - number(at + side)).abs();
                third += (number(at) - number(at + 3 * side)).abs();
            }
            seen += 1;
            seen < SAMPLE
        })?;
        Ok(if next <= third {
            self.layout.with_planes()
        } else {
            self.layout.with_adjacent_channels()
        })
    }

    /// Visits the images of a layout.
    fn each_of(
        &self,
        layout: &Layout,
        visit: &mut dyn FnMut(Values<'_>) -> bool,
    ) -> Result<(), ArrayError> {
        if layout.is_contiguous() {
            self.each_contiguous(layout, visit)
        } else {
            self.each_reordered(layout, visit)
        }
    }

    fn each_contiguous(
        &self,
        layout: &Layout,
        visit: &mut dyn FnMut(Values<'_>) -> bool,
    ) -> Result<(), ArrayError> {
        let image_bytes = (layout.values() * self.header.element.size()) as u64;
        let order = Order::new(layout);
        let mut reader = io::BufReader::with_capacity(1 << 16, self.open()?);
        let (mut bytes, mut scratch) = (Vec::new(), Scratch::default());
        let mut found = 0;
        for _ in 0..layout.count {
            bytes.clear();
            let read = reader.by_ref().take(image_bytes).read_to_end(&mut bytes)?;
            found += read as u64;
            if read as u64 != image_bytes {
                return Err(self.length_error(found));
            }
            if !visit(scratch.values(self.header.element, &bytes, 0, &order)) {
                return Ok(());
            }
        }
        let more = io::copy(&mut reader.take(1 << 20), &mut io::sink())?;
        match more {
            0 => Ok(()),
            more => Err(self.length_error(found + more)),
        }
    }

    fn each_reordered(
        &self,
        layout: &Layout,
        visit: &mut dyn FnMut(Values<'_>) -> bool,
    ) -> Result<(), ArrayError> {
        let declared = self.header.data_bytes();
        let mut bytes = Vec::new();
        self.open()?.take(declared + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 != declared {
            return Err(self.length_error(bytes.len() as u64));
        }
        let order = Order::new(layout);
        let mut scratch = Scratch::default();
        for i in 0..layout.count {
            let first = i * layout.strides[0];
            if !visit(scratch.values(self.header.element, &bytes, first, &order)) {
                break;
            }
        }
        Ok(())
    }
}

impl Stack for ArrayStack<'_> {
    fn layout(&self) -> Layout {
        self.layout
    }

    fn each(
        &self,
        visit: &mut dyn FnMut(Values<'_>, Option<&str>) -> bool,
    ) -> Result<(), ArrayError> {
        self.each_of(&self.layout, &mut |values| visit(values, None))
    }
}

/// Where the values of an image are, in elements from its first.
enum Order {
    /// One after another: this many.
    Adjacent(usize),
    Offsets(Vec<usize>),
}

impl Order {
    fn new(layout: &Layout) -> Self {
        let [_, row, column, channel] = layout.strides;
        let is_adjacent = (layout.channels == 1 || channel == 1)
            && (layout.width == 1 || column == layout.channels)
            && row == layout.width * layout.channels;
        if is_adjacent {
            return Self::Adjacent(layout.values());
        }
        let mut offsets = Vec::with_capacity(layout.values());
        for y in 0..layout.height {
            for x in 0..layout.width {
                offsets.extend((0..layout.channels).map(|c| y * row + x * column + c * channel));
            }
        }
        Self::Offsets(offsets)
    }
}

/// Buffers that are used again for each image.
#[derive(Default)]
struct Scratch {
    bytes: Vec<u8>,
    numbers: Vec<f32>,
}

impl Scratch {
    /// The values of the image whose first element is at `first`.
    fn values<'a>(
        &'a mut self,
        element: Element,
        data: &'a [u8],
        first: usize,
        order: &Order,
    ) -> Values<'a> {
        let size = element.size();
        if element.kind == Kind::U8 {
            return match order {
                Order::Adjacent(count) => Values::Bytes(&data[first..first + count]),
                Order::Offsets(offsets) => {
                    self.bytes.clear();
                    self.bytes.extend(offsets.iter().map(|at| data[first + at]));
                    Values::Bytes(&self.bytes)
                }
            };
        }
        self.numbers.clear();
        let number = |at: usize| element.number(&data[(first + at) * size..][..size]) as f32;
        match order {
            Order::Adjacent(count) => self.numbers.extend((0..*count).map(number)),
            Order::Offsets(offsets) => self.numbers.extend(offsets.iter().map(|&at| number(at))),
        }
        Values::Numbers(&self.numbers)
    }
}

/// The words of an array's or file's name in lower case, without folders and extensions.
pub(crate) fn name_words(name: &str) -> impl Iterator<Item = String> {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    file.split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect::<Vec<_>>()
        .into_iter()
}
