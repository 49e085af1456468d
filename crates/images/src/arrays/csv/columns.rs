//! What a table's columns mean.

use super::text::number;
use crate::arrays::{ArrayError, Layout};

/// What the columns of a table are.
#[derive(Debug, Clone)]
pub(super) struct Columns {
    /// Number of columns.
    pub(super) count: usize,
    /// Whether the first row names the columns.
    pub(super) has_header: bool,
    /// The column of the label, if there is one.
    pub(super) label: Option<usize>,
    /// Where the pixels are.
    pub(super) pixels: Pixels,
    /// How they make up an image; the count is 0.
    pub(super) layout: Layout,
}

/// Where a row's pixels are.
#[derive(Debug, Clone)]
pub(super) enum Pixels {
    /// One in each of these columns.
    Columns(Vec<usize>),
    /// All in this column, separated by spaces as in FER2013, or as a list.
    Text(usize),
}

const LABEL_NAMES: [&str; 14] = [
    "label",
    "labels",
    "class",
    "classes",
    "y",
    "target",
    "digit",
    "letter",
    "character",
    "category",
    "emotion",
    "lbl",
    "letters",
    "class_label",
];
/// Columns that are neither pixels nor labels.
const OTHER_NAMES: [&str; 10] = [
    "",
    "id",
    "ids",
    "index",
    "idx",
    "unnamed: 0",
    "usage",
    "split",
    "filename",
    "image_id",
];

/// Number of rows above which a column that counts is an index: there may be one row for each digit or letter.
const MIN_INDEX_ROWS: usize = 36;

impl Columns {
    /// Finds the meaning from the first rows, and from names if a header gave them.
    ///
    /// # Errors
    /// When there are no rows, or no columns that can be the pixels of an image.
    pub(super) fn find(
        names: Option<Vec<String>>,
        rows: &[Vec<Vec<u8>>],
    ) -> Result<Self, ArrayError> {
        let has_header = names.is_none() && is_header(rows);
        let names = match rows.first() {
            Some(first) if has_header => Some(
                first
                    .iter()
                    .map(|name| String::from_utf8_lossy(name).into_owned())
                    .collect(),
            ),
            _ => names,
        };
        let rows = &rows[usize::from(has_header)..];
        let first = rows.first().ok_or(ArrayError::NoRows)?;
        let count = first.len();
        let names: Vec<String> = names.unwrap_or_default();
        let name = |column: usize| {
            let name = names.get(column).filter(|_| names.len() == count);
            name.map(|name| name.trim().trim_matches(['"', '\'']).to_lowercase())
        };
        let is_number = |field: &[u8]| number(field, b'\t').is_some();
        let wrong = || ArrayError::Columns {
            line: 1 + u64::from(has_header),
            columns: count,
        };
        let named = |wanted: &[&str]| {
            (0..count).find(|&column| name(column).is_some_and(|n| wanted.contains(&n.as_str())))
        };
        let mut label = named(&LABEL_NAMES);

        // All pixels in one column of text.
        let words = |field: &[u8]| words(field).filter(|word| is_number(word)).count();
        if let Some(text) = (0..count).find(|&column| words(&first[column]) >= 16) {
            let layout = Layout::of_rows(0, words(&first[text])).ok_or_else(wrong)?;
            let label = label
                .or_else(|| (0..count).find(|&c| c != text && is_number(&first[c])))
                .filter(|&label| label != text);
            return Ok(Self {
                count,
                has_header,
                label,
                pixels: Pixels::Text(text),
                layout,
            });
        }

        let mut pixels: Vec<usize> = (0..count)
            .filter(|&column| Some(column) != label)
            .filter(|&column| !name(column).is_some_and(|n| OTHER_NAMES.contains(&n.as_str())))
            .collect();
        // Most fields are text: a single one in a column of pixels is an error.
        let is_text = |&column: &usize| {
            let fields = rows.iter().filter_map(|row| row.get(column));
            let text = fields.filter(|field| !is_number(field)).count();
            2 * text > rows.len()
        };
        if label.is_none() {
            label = pixels.iter().copied().find(is_text);
            pixels.retain(|&column| Some(column) != label);
        }
        pixels.retain(|column| !is_text(column));
        let value = |row: &Vec<Vec<u8>>, column: usize| {
            row.get(column).and_then(|field| number(field, b'\t'))
        };
        let is_counting = |column: usize| {
            let values = rows.iter().map(|row| value(row, column));
            rows.len() > 1
                && values
                    .clone()
                    .zip(values.skip(1))
                    .all(|(a, b)| a.zip(b).is_some_and(|(a, b)| b == a + 1.0))
        };
        let is_image = |columns: usize| Layout::of_rows(0, columns).is_some();
        if !is_image(pixels.len())
            && label.is_none()
            && is_image(pixels.len().wrapping_sub(2))
            && is_counting(pixels[0])
        {
            pixels.remove(0);
        }
        if !is_image(pixels.len()) && is_image(pixels.len().wrapping_sub(1)) {
            if label.is_some() || is_counting(pixels[0]) && rows.len() > MIN_INDEX_ROWS {
                pixels.remove(0);
            } else {
                let (front, back) = (pixels[0], pixels[pixels.len() - 1]);
                let density = |column: usize| label_density(rows, column).unwrap_or(0.0);
                let at_end = density(back) > density(front);
                label = Some(if at_end { back } else { front });
                pixels.retain(|&column| Some(column) != label);
            }
        }
        let layout = Layout::of_rows(0, pixels.len()).ok_or_else(wrong)?;
        let mut columns = Self {
            count,
            has_header,
            label,
            pixels: Pixels::Columns(pixels),
            layout,
        };
        if layout.is_flat_colour {
            columns.layout = columns.colour_layout(rows);
        }
        Ok(columns)
    }

    /// Whether the channels of a pixel are adjacent or in planes, found as for arrays.
    fn colour_layout(&self, rows: &[Vec<Vec<u8>>]) -> Layout {
        let Pixels::Columns(pixels) = &self.pixels else {
            return self.layout.with_planes();
        };
        let side = self.layout.width;
        let (mut next, mut third) = (0.0_f64, 0.0_f64);
        for row in rows {
            let values: Vec<f64> = pixels
                .iter()
                .map(|&c| {
                    row.get(c)
                        .and_then(|field| number(field, b'\t'))
                        .unwrap_or(0.0)
                })
                .map(f64::from)
                .collect();
            for at in 0..values.len() - 3 * side {
                next += (values[at] - values[at + side]).abs();
                third += (values[at] - values[at + 3 * side]).abs();
            }
        }
        if next <= third {
            self.layout.with_planes()
        } else {
            self.layout.with_adjacent_channels()
        }
    }

    /// The order in which a row's values make up an image; `None` if it is their own.
    pub(super) fn order(&self) -> Option<Vec<usize>> {
        let Layout {
            height,
            width,
            channels,
            strides: [_, row, column, channel],
            ..
        } = self.layout;
        if channels == 1 || channel == 1 {
            return None;
        }
        let mut order = Vec::with_capacity(self.layout.values());
        for y in 0..height {
            for x in 0..width {
                order.extend((0..channels).map(|c| y * row + x * column + c * channel));
            }
        }
        Some(order)
    }
}

/// Whether the first row names the columns: it has more text than the second one; or it counts; or it alone has
/// fractions, as pandas makes them of equal names (0, 0.1, 0.2).
fn is_header(rows: &[Vec<Vec<u8>>]) -> bool {
    let has_fractions = |row: &Vec<Vec<u8>>| {
        let numbers = row.iter().filter_map(|field| number(field, b'\t'));
        numbers.filter(|number| number.fract() != 0.0).count() > row.len() / 2
    };
    let text = |row: &Vec<Vec<u8>>| {
        row.iter()
            .filter(|field| number(field, b'\t').is_none())
            .count()
    };
    match rows {
        [first, second, ..] if text(first) > text(second) => true,
        [first] if first.len() > 1 && text(first) == first.len() => true,
        [first, rest @ ..]
            if first.len() >= 16
                && !rest.is_empty()
                && has_fractions(first)
                && !rest.iter().any(has_fractions) =>
        {
            true
        }
        [first, ..] if first.len() >= 16 => {
            let numbers: Vec<Option<f32>> = first.iter().map(|f| number(f, b'\t')).collect();
            let steps = numbers
                .windows(2)
                .filter(|pair| matches!(pair, [Some(a), Some(b)] if *b == a + 1.0));
            20 * steps.count() >= 19 * (first.len() - 1)
        }
        _ => false,
    }
}

/// The share of the numbers from 0 to the largest that a column of whole numbers has: near 1 for labels, less for the
/// pixels of a colour image. `None` for other columns, and for one that is the same in all rows.
fn label_density(rows: &[Vec<Vec<u8>>], column: usize) -> Option<f32> {
    let mut values = Vec::new();
    for row in rows {
        match row.get(column).and_then(|field| number(field, b'\t')) {
            Some(value) if value.fract() == 0.0 && (0.0..256.0).contains(&value) => {
                values.push(value as u8);
            }
            _ => return None,
        }
    }
    values.sort_unstable();
    values.dedup();
    // A column of pixels at the border is blank, as a rule.
    let may_be = values.len() > 1 || rows.len() == 1;
    let largest = values.last().filter(|_| may_be)?;
    Some(values.len() as f32 / (f32::from(*largest) + 1.0))
}

/// The words of a field that holds all pixels: separated by spaces, or a list as Python prints it.
pub(super) fn words(field: &[u8]) -> impl Iterator<Item = &[u8]> {
    field
        .split(|byte| byte.is_ascii_whitespace() || matches!(byte, b',' | b'[' | b']'))
        .filter(|word| !word.is_empty())
}
