//! Requests in, events out.

use images::{BoundingBox, ExtractedImage, FileContents, Sheet};
use protocol::{
    FileProblem, IntakeEvent, IntakeRequest, NO_LABEL, NamedFile, RequestId, SheetBox, SheetFound,
};
use std::collections::BTreeMap;

/// The most sheets that wait to be looked over at a time.
pub const MAX_SHEETS: usize = 20;

/// Where files are read. Keeps the sheets that people have not looked over yet.
#[derive(Debug, Default)]
pub struct Desk {
    sheets: BTreeMap<u32, (String, Sheet)>,
    last_sheet: u32,
}

impl Desk {
    /// Serves a request. The answer carries the request's id.
    pub fn handle(&mut self, request: IntakeRequest) -> IntakeEvent {
        match request {
            IntakeRequest::Read { id, files } => self.read(id, files),
            IntakeRequest::Cut { id, sheet, boxes } => self.cut(id, sheet, &boxes),
            IntakeRequest::Convert { id, checkpoint } => convert(id, &checkpoint),
            IntakeRequest::Animate {
                id,
                pixels,
                side,
                times,
                delay,
            } => match images::encode_gif(&pixels, side, times, delay) {
                Ok(file) => IntakeEvent::Converted { id, file },
                Err(error) => failed(id, error),
            },
        }
    }

    fn read(&mut self, id: RequestId, files: Vec<NamedFile>) -> IntakeEvent {
        let files: Vec<(String, Vec<u8>)> = files
            .into_iter()
            .map(|file| (file.name, file.bytes))
            .collect();
        let mut taken = Taken::default();
        for contents in images::read_files(&files) {
            self.take(contents, &mut taken);
        }
        taken.answer(id)
    }

    fn take(&mut self, contents: FileContents, taken: &mut Taken) {
        let FileContents {
            file,
            images,
            sheet,
            problems,
            ..
        } = contents;
        for ExtractedImage { pixels, label, .. } in images {
            taken.digit(&pixels, label);
        }
        for problem in problems {
            taken.problem(problem.file, problem.reason);
        }
        let Some(sheet) = sheet else { return };
        if self.sheets.len() >= MAX_SHEETS {
            let reason = format!(
                "{MAX_SHEETS} sheets wait to be looked over; add or dismiss them first, then bring this one again"
            );
            return taken.problem(file, reason);
        }
        self.last_sheet += 1;
        taken.sheets.push(SheetFound {
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

    fn cut(&mut self, id: RequestId, number: u32, boxes: &[SheetBox]) -> IntakeEvent {
        let Some((file, sheet)) = self.sheets.remove(&number) else {
            return failed(id, "this sheet is no longer here; bring the photo again");
        };
        let mut taken = Taken::default();
        for (i, area) in boxes.iter().enumerate() {
            let area = BoundingBox {
                left: area.left,
                top: area.top,
                width: area.width,
                height: area.height,
            };
            match sheet.crop(&area) {
                Ok(pixels) => taken.digit(&pixels, None),
                Err(empty) => taken.problem(format!("{file}, box {}", i + 1), empty.to_string()),
            }
        }
        taken.answer(id)
    }
}

fn convert(id: RequestId, checkpoint: &[u8]) -> IntakeEvent {
    let weights =
        checkpoints::read(checkpoint).and_then(|tensors| checkpoints::to_safetensors(&tensors));
    match weights {
        Ok(file) => IntakeEvent::Converted { id, file },
        Err(error) => failed(id, error),
    }
}

fn failed(id: RequestId, message: impl ToString) -> IntakeEvent {
    IntakeEvent::Failed {
        id: Some(id),
        message: message.to_string(),
    }
}

/// An answer under way.
#[derive(Default)]
struct Taken {
    pixels: Vec<u8>,
    labels: Vec<u8>,
    sheets: Vec<SheetFound>,
    problems: Vec<FileProblem>,
}

impl Taken {
    fn digit(&mut self, pixels: &[u8], label: Option<u8>) {
        self.pixels.extend_from_slice(pixels);
        self.labels.push(label.unwrap_or(NO_LABEL));
    }

    fn problem(&mut self, file: String, reason: String) {
        self.problems.push(FileProblem { file, reason });
    }

    fn answer(self, id: RequestId) -> IntakeEvent {
        IntakeEvent::Taken {
            id,
            pixels: self.pixels,
            labels: self.labels,
            sheets: self.sheets,
            problems: self.problems,
        }
    }
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
    fn a_bad_file_has_its_name_on_it_and_the_rest_goes_in() {
        let idx = [
            &[0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 28, 0, 0, 0, 28][..],
            &drawing(28, 28),
        ]
        .concat();
        let files = vec![
            NamedFile {
                name: "notes.txt".into(),
                bytes: b"no picture at all".to_vec(),
            },
            NamedFile {
                name: "one-idx3-ubyte".into(),
                bytes: idx,
            },
        ];
        let answer = Desk::default().handle(IntakeRequest::Read { id: 5, files });
        let IntakeEvent::Taken {
            pixels, problems, ..
        } = answer
        else {
            panic!("{answer:?}")
        };
        assert_eq!(pixels, drawing(28, 28), "MNIST's own size stays as it is");
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].file, "notes.txt");
    }

    #[test]
    fn a_sheet_that_is_not_there_is_said() {
        let cut = IntakeRequest::Cut {
            id: 6,
            sheet: 9,
            boxes: vec![],
        };
        assert!(matches!(
            Desk::default().handle(cut),
            IntakeEvent::Failed { id: Some(6), message } if message.contains("again")
        ));
    }
}
