//! Reads images from arrays and tables.

use super::{
    pairing::{ArrayPart, Kept},
    reader::Reader,
    rejection::Rejection,
};
use crate::{
    arrays::{ArrayError, LabelColumn, Layout, Mapping, Range, Stack, TableStack, Values},
    content::Content,
    conversion::{convert, prepared_digit},
    image::SIDE,
    polarity::BorderLevels,
    raster::Raster,
};
use spec::{Conversion, Polarity, Transposition};
use std::hash::{DefaultHasher, Hasher};

/// Number of images from which the range of the values is found first.
const RANGE_SAMPLE: usize = 256;

impl Reader<'_> {
    /// Reads a table, whose labels are in a column.
    pub(super) fn read_table(
        &mut self,
        path: &str,
        content: &Content<'_>,
    ) -> Result<(), Rejection> {
        let table = TableStack::new(content)?;
        self.read_stack(path, &table)
    }

    /// Reads images of one size.
    pub(super) fn read_stack(&mut self, path: &str, stack: &dyn Stack) -> Result<(), Rejection> {
        let mark = self.set.mark();
        let result = self.try_read_stack(path, stack);
        if result.is_err() {
            // A rejected file changes nothing.
            self.set.reset(&mark);
        }
        result
    }

    fn try_read_stack(&mut self, path: &str, stack: &dyn Stack) -> Result<(), Rejection> {
        let range = range(stack, RANGE_SAMPLE)?;
        let (mark, start) = (self.set.mark(), self.set.len());
        let mut pass = self.convert_stack(path, stack, range.mapping())?;
        if pass.range.mapping() != range.mapping() {
            // Later values have another range than the first ones.
            self.set.reset(&mark);
            pass = self.convert_stack(path, stack, pass.range.mapping())?;
        }
        let layout = stack.layout();
        let digest = (layout.height, layout.width, layout.channels, pass.digest);
        let twin = self
            .arrays
            .iter()
            .find(|part| part.digest == digest && part.count == pass.count);
        if let Some(twin) = twin {
            let note = format!(
                "it has the same images as {}: they were added once",
                twin.name
            );
            self.set.reset(&mark);
            self.set.note(path, note);
            return Ok(());
        }
        if let Some(note) = pass.range.note() {
            self.set.note(path, note);
        }
        if pass.is_transposed {
            self.is_transposed = true;
            self.set.note(
                path,
                "its images lie on their side, as EMNIST's do: rows and columns were swapped",
            );
        }
        self.finish_polarity(path, start, &pass);
        for (index, name) in pass.labels.iter().flat_map(|labels| {
            let names = labels.names.names();
            let kept = pass.kept.numbers().enumerate();
            kept.filter_map(|(offset, number)| {
                let class = *labels.classes.get(number)?;
                Some((start + offset, &names[usize::from(class)]))
            })
        }) {
            self.set.set_class(index, name);
        }
        let left_out = pass.count.saturating_sub(pass.kept.seen);
        if left_out > 0 {
            let limit = self.set.limit();
            self.reject(path, &Rejection::Full { limit, left_out });
        }
        self.arrays.push(ArrayPart {
            name: path.to_owned(),
            count: pass.count,
            start,
            kept: pass.kept,
            digest,
        });
        Ok(())
    }

    /// Converts and appends the images.
    fn convert_stack(
        &mut self,
        path: &str,
        stack: &dyn Stack,
        mapping: Mapping,
    ) -> Result<Pass, Rejection> {
        let layout = stack.layout();
        let is_transposed = match self.options.transposition {
            Transposition::ByName => path.to_lowercase().contains("emnist"),
            Transposition::Keep => false,
            Transposition::Swap => true,
        };
        let mut pass = Pass {
            is_transposed,
            ..Pass::default()
        };
        let mut hasher = DefaultHasher::new();
        let mut labels = LabelColumn::default();
        let mut label_error = None;
        stack.each(&mut |values, label| {
            pass.count += 1;
            if self.set.is_full() {
                // The header of an array tells the number; the rows of a table have to be counted.
                if layout.count > 0 {
                    pass.count = layout.count;
                    return false;
                }
                return true;
            }
            let pixels: Vec<u8> = match values {
                Values::Bytes(bytes) => {
                    pass.range.observe_bytes(bytes);
                    if mapping == Mapping::IDENTITY {
                        bytes.to_vec()
                    } else {
                        bytes.iter().map(|&b| mapping.level(f32::from(b))).collect()
                    }
                }
                Values::Numbers(numbers) => {
                    pass.range.observe(numbers);
                    numbers.iter().map(|&n| mapping.level(n)).collect()
                }
            };
            hasher.write(&pixels);
            if let Some(label) = label
                && label_error.is_none()
            {
                let pushed = match label.parse() {
                    Ok(number) => labels.push_number(path, number),
                    Err(_) => labels.push(label),
                };
                label_error = pushed.err();
            }
            let number = pass.kept.seen;
            pass.kept.seen += 1;
            if let Err(rejection) = self.push_stacked(path, number, pixels, &mut pass, &layout) {
                pass.kept.dropped.push(number as u32);
                self.reject(&format!("{path}, image {number}"), &rejection);
            }
            true
        })?;
        if pass.count == 0 {
            return Err(ArrayError::NoRows.into());
        }
        match label_error {
            Some(error) => self.reject(path, &error.into()),
            None if labels.classes.is_empty() => {}
            None => pass.labels = Some(labels),
        }
        pass.digest = hasher.finish();
        Ok(pass)
    }

    fn push_stacked(
        &mut self,
        path: &str,
        number: usize,
        pixels: Vec<u8>,
        pass: &mut Pass,
        layout: &Layout,
    ) -> Result<(), Rejection> {
        let image = stacked(layout, pixels).ok_or(ArrayError::Header("array"))?;
        let image = if pass.is_transposed {
            image.transposed()
        } else {
            image
        };
        pass.borders.observe(&image);
        pass.keeps_pixels = (image.width, image.height, image.channels) == (SIDE, SIDE, 1);
        let values = if self.options.conversion == Conversion::AsDigits {
            prepared_digit(&image)?
        } else {
            convert(&image, self.options.conversion, self.options.shape)?
        };
        self.set.observe_shape(&image);
        self.set.push(&values, path, Some(number));
        Ok(())
    }

    /// Inverts the images of a set that is dark on light, or that is to be inverted.
    fn finish_polarity(&mut self, path: &str, start: usize, pass: &Pass) {
        let is_dark_on_light = pass.borders.is_dark_on_light();
        self.is_dark_on_light |= is_dark_on_light;
        let as_digits = self.options.conversion == Conversion::AsDigits;
        let inverts = match self.options.polarity {
            // Images of other sizes are normalized one by one.
            Polarity::Detect => is_dark_on_light && as_digits && pass.keeps_pixels,
            Polarity::Keep => false,
            Polarity::Invert => true,
        };
        if inverts {
            self.set.images.map_from(start, |value| 255 - value);
        }
        if is_dark_on_light && as_digits {
            let text = if inverts || !pass.keeps_pixels {
                "its images are dark on light: they were inverted"
            } else {
                "its images are dark on light, unlike MNIST's"
            };
            self.set.note(path, text);
        }
    }
}

/// What is found while images are converted.
#[derive(Default)]
struct Pass {
    range: Range,
    count: usize,
    kept: Kept,
    labels: Option<LabelColumn>,
    digest: u64,
    is_transposed: bool,
    borders: BorderLevels,
    /// Whether images become digits without normalization.
    keeps_pixels: bool,
}

/// The range of the first values.
fn range(stack: &dyn Stack, images: usize) -> Result<Range, ArrayError> {
    let mut range = Range::default();
    let mut seen = 0;
    stack.each(&mut |values, _| {
        match values {
            Values::Bytes(bytes) => range.observe_bytes(bytes),
            Values::Numbers(numbers) => range.observe(numbers),
        }
        seen += 1;
        seen < images
    })?;
    Ok(range)
}

/// An image of an array; alpha, the fourth channel, is left out.
fn stacked(layout: &Layout, pixels: Vec<u8>) -> Option<Raster> {
    let (channels, pixels) = match layout.channels {
        4 => {
            let (rgba, _) = pixels.as_chunks::<4>();
            (3, rgba.iter().flat_map(|&[r, g, b, _]| [r, g, b]).collect())
        }
        channels => (channels, pixels),
    };
    Raster::new(layout.width, layout.height, channels, pixels)
}
