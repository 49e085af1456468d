//! Reads files.

use images::{BoundingBox, ExtractedImage, FileContents, Sheet};
use protocol::{
    FileProblem, FileRequest, FileResponse, NO_LABEL, NamedFile, ReadImages, RequestError,
    SheetBox, SheetFound,
};
use std::collections::BTreeMap;

/// The most sheets that can wait for their review at a time.
pub const MAX_SHEETS: usize = 20;

/// Serves requests, and keeps the sheets that are not cut yet.
#[derive(Debug, Default)]
pub struct FileReader {
    sheets: BTreeMap<u32, (String, Sheet)>,
    last_sheet: u32,
}

impl FileReader {
    /// Serves a request.
    ///
    /// # Errors
    /// When the sheet does not exist, or the file is not what the request says.
    pub fn handle(&mut self, request: FileRequest) -> Result<FileResponse, RequestError> {
        match request {
            FileRequest::Read { files } => Ok(FileResponse::Images(self.read(files))),
            FileRequest::CutSheet { sheet, boxes } => {
                self.cut(sheet, &boxes).map(FileResponse::Images)
            }
            FileRequest::ConvertCheckpoint { checkpoint } => {
                let weights = checkpoints::read(&checkpoint)
                    .and_then(|tensors| checkpoints::to_safetensors(&tensors));
                let bytes = weights.map_err(RequestError::bad_request)?;
                Ok(FileResponse::File { bytes })
            }
            FileRequest::EncodeGif {
                pixels,
                side,
                scale,
                delay,
            } => {
                let gif = images::encode_gif(&pixels, side, scale, delay);
                let bytes = gif.map_err(RequestError::bad_request)?;
                Ok(FileResponse::File { bytes })
            }
        }
    }

    fn read(&mut self, files: Vec<NamedFile>) -> ReadImages {
        let files: Vec<(String, Vec<u8>)> = files
            .into_iter()
            .map(|file| (file.name, file.bytes))
            .collect();
        let mut result = ReadImages::default();
        for contents in images::read_files(&files) {
            self.add(contents, &mut result);
        }
        result
    }

    /// Adds the contents of one file.
    fn add(&mut self, contents: FileContents, result: &mut ReadImages) {
        let FileContents {
            file,
            images,
            sheet,
            problems,
            ..
        } = contents;
        for ExtractedImage { pixels, label, .. } in images {
            add_digit(result, &pixels, label);
        }
        for problem in problems {
            add_problem(result, problem.file, problem.reason);
        }
        let Some(sheet) = sheet else { return };
        if self.sheets.len() >= MAX_SHEETS {
            let reason = format!(
                "{MAX_SHEETS} sheets are waiting for review; add or dismiss them first, then load this one again"
            );
            return add_problem(result, file, reason);
        }
        self.last_sheet += 1;
        result.sheets.push(SheetFound {
            sheet: self.last_sheet,
            file: file.clone(),
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
        });
        self.sheets.insert(self.last_sheet, (file, sheet));
    }

    fn cut(&mut self, number: u32, boxes: &[SheetBox]) -> Result<ReadImages, RequestError> {
        let (file, sheet) = self.sheets.remove(&number).ok_or_else(|| {
            RequestError::bad_request("this sheet no longer exists; load the photo again")
        })?;
        let mut result = ReadImages::default();
        for (i, area) in boxes.iter().enumerate() {
            let area = BoundingBox {
                left: area.left,
                top: area.top,
                width: area.width,
                height: area.height,
            };
            match sheet.crop(&area) {
                Ok(pixels) => add_digit(&mut result, &pixels, None),
                Err(empty) => add_problem(
                    &mut result,
                    format!("{file}, box {}", i + 1),
                    empty.to_string(),
                ),
            }
        }
        Ok(result)
    }
}

fn add_digit(result: &mut ReadImages, pixels: &[u8], label: Option<u8>) {
    result.pixels.extend_from_slice(pixels);
    result.labels.push(label.unwrap_or(NO_LABEL));
}

fn add_problem(result: &mut ReadImages, file: String, reason: String) {
    result.problems.push(FileProblem { file, reason });
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A light bar on black.
    fn drawing(width: usize, height: usize) -> Vec<u8> {
        (0..width * height)
            .map(|i| {
                let (row, column) = (i / width, i % width);
                let inside = (height / 4..height * 3 / 4).contains(&row)
                    && (width * 2 / 5..width * 3 / 5).contains(&column);
                if inside { 255 } else { 0 }
            })
            .collect()
    }

    #[test]
    fn read_names_an_unreadable_file_and_reads_the_others() {
        let idx = [
            &[0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 28, 0, 0, 0, 28][..],
            &drawing(28, 28),
        ]
        .concat();
        let files = vec![
            NamedFile {
                name: "notes.txt".into(),
                bytes: b"not an image".to_vec(),
            },
            NamedFile {
                name: "one-idx3-ubyte".into(),
                bytes: idx,
            },
        ];
        let response = FileReader::default().handle(FileRequest::Read { files });
        let Ok(FileResponse::Images(ReadImages {
            pixels, problems, ..
        })) = response
        else {
            panic!("{response:?}")
        };
        assert_eq!(
            pixels,
            drawing(28, 28),
            "an image of MNIST's size is not changed"
        );
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].file, "notes.txt");
    }

    #[test]
    fn cut_sheet_rejects_a_sheet_that_does_not_exist() {
        let cut = FileRequest::CutSheet {
            sheet: 9,
            boxes: vec![],
        };
        let error = FileReader::default().handle(cut).expect_err("no sheet");
        assert!(error.message.contains("again"), "{error}");
    }
}
