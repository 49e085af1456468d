//! Responses of what was read.

use images::{Pixels, Problem, ReadResult, Sheet};
use protocol::{
    FileProblem, ImageShape, NO_LABEL, OwnShape, ReadImages, SampleImage, SheetBox, SheetFound,
};
use serde_bytes::ByteBuf;

/// The response of files without sheets.
pub(crate) fn of(read: ReadResult) -> ReadImages {
    let class_names = read.class_names.names().to_vec();
    let digits = digits(&class_names);
    let label = |&class: &u8| digits.get(usize::from(class)).copied().unwrap_or(NO_LABEL);
    let labels: Vec<u8> = read.classes.iter().map(label).collect();
    ReadImages {
        shape: read.shape,
        classes: read.classes,
        labels,
        class_names,
        sheets: Vec::new(),
        problems: problems(read.problems),
        notes: problems(read.notes),
        own_shapes: read
            .own_shapes
            .iter()
            .map(|own| OwnShape {
                width: own.width,
                height: own.height,
                is_color: own.is_color,
                count: own.count,
            })
            .collect(),
        samples: read
            .samples
            .iter()
            .map(|image| SampleImage {
                width: image.width(),
                height: image.height(),
                channels: image.channels(),
                pixels: image.pixels().to_vec(),
            })
            .collect(),
        is_dark_on_light: read.is_dark_on_light,
        is_transposed: read.is_transposed,
        subsets: read.subsets,
        blocks: read
            .images
            .into_blocks()
            .into_iter()
            .map(ByteBuf::from)
            .collect(),
    }
}

/// The response of digits that were cut out of a sheet.
pub(crate) fn of_digits(digits: &[Pixels], problems: Vec<FileProblem>) -> ReadImages {
    ReadImages {
        shape: ImageShape::MNIST,
        blocks: vec![ByteBuf::from(digits.as_flattened().to_vec())],
        labels: vec![NO_LABEL; digits.len()],
        classes: vec![NO_LABEL; digits.len()],
        problems,
        ..ReadImages::default()
    }
}

/// A sheet to review.
pub(crate) fn sheet(number: u32, file: &str, sheet: &Sheet) -> SheetFound {
    SheetFound {
        sheet: number,
        file: file.to_owned(),
        width: sheet.width(),
        height: sheet.height(),
        pixels: sheet.corrected().pixels().to_vec(),
        boxes: sheet
            .boxes()
            .iter()
            .map(|found| SheetBox {
                left: found.left,
                top: found.top,
                width: found.width,
                height: found.height,
            })
            .collect(),
    }
}

fn problems(problems: Vec<Problem>) -> Vec<FileProblem> {
    let each = problems
        .into_iter()
        .map(|Problem { file, reason }| FileProblem { file, reason });
    each.collect()
}

/// The digit that each class is. Numbers from 0 to more than 9 are no digits.
fn digits(class_names: &[String]) -> Vec<u8> {
    let is_number = |name: &String| name.parse::<u32>().is_ok();
    let are_numbers = class_names.iter().all(is_number);
    let digit = |name: &String| match name.parse::<u8>() {
        Ok(digit @ 0..=9) if name.len() == 1 => digit,
        _ => NO_LABEL,
    };
    let digits: Vec<u8> = class_names.iter().map(digit).collect();
    if are_numbers && digits.contains(&NO_LABEL) {
        vec![NO_LABEL; digits.len()]
    } else {
        digits
    }
}
