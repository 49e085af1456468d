//! Tables of text (CSV and its relatives): one image in each row, a value in each column.

mod columns;
mod text;

use super::{ArrayError, Layout, Stack, Values};
use crate::content::Content;
use columns::{Columns, Pixels};
use csv::ByteRecord;
use std::io::Read;
use text::{LineLimit, after_arff_header, delimiter, number};

/// Maximum number of columns: the values of the largest colour image, with room for labels.
pub const MAX_COLUMNS: usize = 3 * 128 * 128 + 8;

/// Number of rows from which the columns' meaning is found.
const SAMPLE_ROWS: usize = 64;
/// Maximum size of these rows, in bytes.
const SAMPLE_BYTES: usize = 4 << 20;

/// A table of images.
pub(crate) struct TableStack<'a> {
    content: &'a Content<'a>,
    delimiter: u8,
    columns: Columns,
}

impl<'a> TableStack<'a> {
    /// Finds the separator and the meaning of the columns.
    ///
    /// # Errors
    /// [`ArrayError`] if there are no columns of pixels.
    pub(crate) fn new(content: &'a Content<'a>) -> Result<Self, ArrayError> {
        let mut reader = content.open()?;
        let names = after_arff_header(&mut reader)?;
        let mut head = Vec::new();
        reader.take(SAMPLE_BYTES as u64).read_to_end(&mut head)?;
        let is_whole = head.len() < SAMPLE_BYTES;
        let delimiter = delimiter(&head);
        let mut rows = Vec::new();
        let mut records = records(delimiter, head.as_slice());
        let mut record = ByteRecord::new();
        while rows.len() < SAMPLE_ROWS
            && records
                .read_byte_record(&mut record)
                .map_err(|error| ArrayError::Unreadable(error.to_string()))?
        {
            let row = fields(&record, delimiter);
            if row.len() > MAX_COLUMNS {
                return Err(ArrayError::Columns {
                    line: line(&record),
                    columns: row.len(),
                });
            }
            rows.push(row.into_iter().map(<[u8]>::to_vec).collect::<Vec<_>>());
        }
        if !is_whole && records.is_done() {
            // The last row is cut off.
            rows.pop();
        }
        let columns = Columns::find(names, &rows)?;
        Ok(Self {
            content,
            delimiter,
            columns,
        })
    }
}

impl Stack for TableStack<'_> {
    fn layout(&self) -> Layout {
        self.columns.layout
    }

    fn each(
        &self,
        visit: &mut dyn FnMut(Values<'_>, Option<&str>) -> bool,
    ) -> Result<(), ArrayError> {
        let mut reader = self.content.open()?;
        after_arff_header(&mut reader)?;
        let mut records = records(self.delimiter, reader);
        let mut record = ByteRecord::new();
        let mut skip = usize::from(self.columns.has_header);
        let (mut numbers, mut ordered) = (Vec::new(), Vec::new());
        let order = self.columns.order();
        while records
            .read_byte_record(&mut record)
            .map_err(|error| ArrayError::Unreadable(error.to_string()))?
        {
            if skip > 0 {
                skip -= 1;
                continue;
            }
            let row = fields(&record, self.delimiter);
            if row.is_empty() {
                continue;
            }
            if row.len() != self.columns.count {
                return Err(ArrayError::RowLength {
                    line: line(&record),
                    columns: row.len(),
                    expected: self.columns.count,
                });
            }
            numbers.clear();
            let mut push = |column: usize, field: &[u8]| match number(field, self.delimiter) {
                Some(value) => {
                    numbers.push(value);
                    Ok(())
                }
                None => Err(ArrayError::Number {
                    line: line(&record),
                    column: column + 1,
                    text: String::from_utf8_lossy(field).chars().take(20).collect(),
                }),
            };
            match &self.columns.pixels {
                Pixels::Columns(columns) => {
                    for &column in columns {
                        push(column, row[column])?;
                    }
                }
                Pixels::Text(column) => {
                    for word in columns::words(row[*column]).take(MAX_COLUMNS) {
                        push(*column, word)?;
                    }
                }
            }
            if numbers.len() != self.columns.layout.values() {
                return Err(ArrayError::Columns {
                    line: line(&record),
                    columns: numbers.len(),
                });
            }
            let values = match &order {
                Some(order) => {
                    ordered.clear();
                    ordered.extend(order.iter().map(|&at| numbers[at]));
                    &ordered
                }
                None => &numbers,
            };
            let label = self.columns.label.map(|column| text::label(row[column]));
            if !visit(Values::Numbers(values), label.as_deref()) {
                break;
            }
        }
        Ok(())
    }
}

fn records<R: Read>(delimiter: u8, reader: R) -> csv::Reader<LineLimit<R>> {
    csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .comment(Some(b'#'))
        .from_reader(LineLimit::new(reader))
}

/// The fields of a row without spaces around them. Between spaces there are no empty fields, and a separator at the end
/// of a row separates nothing.
fn fields(record: &ByteRecord, delimiter: u8) -> Vec<&[u8]> {
    let mut fields: Vec<&[u8]> = record.iter().map(<[u8]>::trim_ascii).collect();
    if delimiter == b' ' {
        fields.retain(|field| !field.is_empty());
    } else if fields.last().is_some_and(|field| field.is_empty()) {
        fields.pop();
    }
    fields
}

fn line(record: &ByteRecord) -> u64 {
    record.position().map_or(0, csv::Position::line)
}
