//! Reads files.

use crate::response;
use images::{BoundingBox, InputFile, Raster, ReadResult, Sheet, Source, UndecodedImage};
use protocol::{
    FileProblem, FileRequest, FileResponse, NamedFile, ProjectCheck, ProjectData, ProjectSettings,
    ReadImages, ReadOptions, RequestError, SheetBox,
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

/// The outcome of a request.
#[cfg_attr(
    target_pointer_width = "64",
    expect(clippy::large_enum_variant, reason = "there is one for each request")
)]
pub enum Outcome {
    /// The response.
    Ready(FileResponse),
    /// The browser has to decode images first.
    Decode(Box<Undecoded>),
}

/// Files that are read, except for images that the browser has to decode.
pub struct Undecoded {
    read: ReadResult,
    options: ReadOptions,
    /// The images.
    pub images: Vec<UndecodedImage>,
}

impl FileReader {
    /// Serves a request. `attached` has the content of each attached file.
    ///
    /// # Errors
    /// When the sheet does not exist, the file is not what the request says, or an attachment is missing.
    pub fn handle(
        &mut self,
        request: FileRequest,
        attached: &[&dyn Source],
    ) -> Result<Outcome, RequestError> {
        let response = match request {
            FileRequest::Read {
                files,
                attached: paths,
                options,
            } => {
                if paths.len() != attached.len() {
                    return Err(RequestError::bad_request(
                        "a file did not arrive; add it again",
                    ));
                }
                // A data set's shape decides how much memory each image takes.
                options
                    .shape
                    .validate()
                    .map_err(RequestError::bad_request)?;
                return Ok(self.read(&files, &paths, attached, options));
            }
            FileRequest::CutSheet { sheet, boxes } => {
                self.cut(sheet, &boxes).map(FileResponse::Images)?
            }
            FileRequest::ConvertCheckpoint { checkpoint } if onnx::is_onnx(&checkpoint) => {
                let bytes = onnx::convert(&checkpoint).map_err(RequestError::bad_request)?;
                FileResponse::File { bytes }
            }
            FileRequest::ConvertCheckpoint { checkpoint } => {
                let dicts = checkpoints::read(&checkpoint).map_err(RequestError::bad_request)?;
                let bytes =
                    checkpoints::to_safetensors(&dicts).map_err(RequestError::bad_request)?;
                FileResponse::File { bytes }
            }
            FileRequest::ConvertPair { files } => FileResponse::File {
                bytes: convert_pair(&files)?,
            },
            FileRequest::ExportOnnx { card, weights } => {
                let exported = onnx::export(&card, &weights).map_err(RequestError::bad_request)?;
                let file = |name: &str, bytes| NamedFile {
                    name: format!("{name}.onnx"),
                    bytes,
                };
                let encoder = exported.encoder.map(|bytes| file("encoder", bytes));
                let files = [file("decoder", exported.decoder)];
                FileResponse::Files {
                    files: files.into_iter().chain(encoder).collect(),
                }
            }
            FileRequest::ExportProject {
                card,
                weights,
                settings,
                data,
                check,
            } => {
                let bytes = export_project(&card, &weights, *settings, data.as_ref(), check)?;
                FileResponse::File { bytes }
            }
            FileRequest::EncodeGif {
                pixels,
                shape,
                scale,
                delay,
            } => {
                let gif = images::encode_gif(&pixels, shape, scale, delay);
                let bytes = gif.map_err(RequestError::bad_request)?;
                FileResponse::File { bytes }
            }
        };
        Ok(Outcome::Ready(response))
    }

    /// Adds the images that the browser decoded, one for each of [`Undecoded::images`]; `None` where it can't.
    pub fn decoded(&mut self, undecoded: Undecoded, decoded: Vec<Option<Raster>>) -> FileResponse {
        let Undecoded {
            mut read,
            options,
            images,
        } = undecoded;
        let mut rasters = Vec::new();
        for (image, raster) in images.into_iter().zip(decoded) {
            match raster {
                Some(raster) => rasters.push((image.path, raster)),
                None => read.problems.push(images::Problem {
                    reason: image.advice(),
                    file: image.path,
                }),
            }
        }
        read.append(images::read_rasters(rasters, &options));
        FileResponse::Images(self.respond(read))
    }

    fn read(
        &mut self,
        files: &[NamedFile],
        paths: &[String],
        attached: &[&dyn Source],
        options: ReadOptions,
    ) -> Outcome {
        let in_memory = files.iter().map(|file| InputFile {
            path: file.name.clone(),
            content: &file.bytes,
        });
        let attached = paths
            .iter()
            .zip(attached)
            .map(|(path, &content)| InputFile {
                path: path.clone(),
                content,
            });
        let inputs: Vec<InputFile<'_>> = in_memory.chain(attached).collect();
        let mut read = images::read_files(&inputs, &options);
        if read.undecoded.is_empty() {
            return Outcome::Ready(FileResponse::Images(self.respond(read)));
        }
        Outcome::Decode(Box::new(Undecoded {
            images: std::mem::take(&mut read.undecoded),
            read,
            options,
        }))
    }

    /// Keeps the sheets, and makes the response of the rest.
    fn respond(&mut self, mut read: ReadResult) -> ReadImages {
        let sheets = std::mem::take(&mut read.sheets);
        let mut response = response::of(read);
        for (file, sheet) in sheets {
            if self.sheets.len() >= MAX_SHEETS {
                let reason = format!(
                    "{MAX_SHEETS} sheets are waiting for review; add or dismiss them first, then load this one again"
                );
                response.problems.push(FileProblem { file, reason });
                continue;
            }
            self.last_sheet += 1;
            response
                .sheets
                .push(response::sheet(self.last_sheet, &file, &sheet));
            self.sheets.insert(self.last_sheet, (file, sheet));
        }
        response
    }

    fn cut(&mut self, number: u32, boxes: &[SheetBox]) -> Result<ReadImages, RequestError> {
        let (file, sheet) = self.sheets.remove(&number).ok_or_else(|| {
            RequestError::bad_request("this sheet no longer exists; load the photo again")
        })?;
        let mut digits = Vec::new();
        let mut problems = Vec::new();
        for (i, area) in boxes.iter().enumerate() {
            let area = BoundingBox {
                left: area.left,
                top: area.top,
                width: area.width,
                height: area.height,
            };
            match sheet.crop(&area) {
                Ok(pixels) => digits.push(pixels),
                Err(empty) => problems.push(FileProblem {
                    file: format!("{file}, box {}", i + 1),
                    reason: empty.to_string(),
                }),
            }
        }
        Ok(response::of_digits(&digits, problems))
    }
}

fn convert_pair([one, other]: &[NamedFile; 2]) -> Result<Vec<u8>, RequestError> {
    match (onnx::is_onnx(&one.bytes), onnx::is_onnx(&other.bytes)) {
        (true, true) => {
            onnx::convert_pair([&one.bytes, &other.bytes]).map_err(RequestError::bad_request)
        }
        (false, false) => {
            let files = [one, other].map(|file| (file.name.as_str(), file.bytes.as_slice()));
            let dicts = checkpoints::read_pair(files).map_err(RequestError::bad_request)?;
            checkpoints::to_safetensors(&dicts).map_err(RequestError::bad_request)
        }
        _ => Err(RequestError::bad_request(
            "one file is ONNX and the other is not; the decoder and the encoder of a model are needed in the same format",
        )),
    }
}

fn export_project(
    card: &str,
    weights: &[u8],
    settings: ProjectSettings,
    data: Option<&ProjectData>,
    check: ProjectCheck,
) -> Result<Vec<u8>, RequestError> {
    let project = pytorch::Project {
        card,
        weights,
        settings: pytorch::Settings {
            epochs: settings.epochs,
            training: settings.training,
        },
        data: data.map(|data| pytorch::Data {
            shape: data.shape,
            pixels: &data.pixels,
            labels: &data.labels,
        }),
        check: pytorch::Check {
            images: check.images,
            labels: check.labels,
            eps: check.eps,
            offsets: check.offsets,
            loss: check.loss,
            neg_elbo: check.neg_elbo,
        },
    };
    pytorch::project(&project).map_err(RequestError::bad_request)
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

    fn idx(axes: &[u32], values: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0, 0, 8, axes.len() as u8];
        bytes.extend(axes.iter().flat_map(|axis| axis.to_be_bytes()));
        bytes.extend(values);
        bytes
    }

    fn named(name: &str, bytes: Vec<u8>) -> NamedFile {
        NamedFile {
            name: name.into(),
            bytes,
        }
    }

    fn read(files: Vec<NamedFile>, options: ReadOptions) -> ReadImages {
        let request = FileRequest::Read {
            files,
            attached: vec![],
            options,
        };
        match FileReader::default().handle(request, &[]) {
            Ok(Outcome::Ready(FileResponse::Images(images))) => images,
            _ => panic!("images"),
        }
    }

    #[test]
    fn read_names_an_unreadable_file_and_reads_the_others() {
        let images = read(
            vec![
                named("notes.txt", b"not an image".to_vec()),
                named("one-idx3-ubyte", idx(&[1, 28, 28], &drawing(28, 28))),
            ],
            ReadOptions::default(),
        );
        assert_eq!(images.problems.len(), 1);
        assert_eq!(images.problems[0].file, "notes.txt");
        assert_eq!(
            images.into_pixels(),
            drawing(28, 28),
            "an image of MNIST's size is not changed"
        );
    }

    #[test]
    fn read_gives_digits_as_labels_and_other_classes_by_name() {
        let two = [drawing(28, 28), drawing(28, 28)].concat();
        let letters = read(
            vec![
                named("emnist-letters-images", idx(&[2, 28, 28], &two)),
                named("emnist-letters-labels", idx(&[2], &[1, 26])),
            ],
            ReadOptions::default(),
        );
        assert_eq!(letters.class_names, ["A", "Z"]);
        assert_eq!(
            (letters.classes.as_slice(), letters.labels.as_slice()),
            (&[0, 1][..], &[255, 255][..])
        );
        let digits = read(
            vec![
                named("images", idx(&[2, 28, 28], &two)),
                named("labels", idx(&[2], &[7, 3])),
            ],
            ReadOptions::default(),
        );
        assert_eq!(digits.labels, [7, 3]);
        assert_eq!(digits.class_names, ["3", "7"]);
    }

    #[test]
    fn read_converts_to_the_shape_of_the_set() {
        let options = ReadOptions {
            conversion: protocol::Conversion::Fit,
            shape: protocol::ImageShape::color(32, 24),
            ..ReadOptions::default()
        };
        let images = read(
            vec![named("a", idx(&[1, 40, 30], &drawing(30, 40)))],
            options,
        );
        assert_eq!(
            (images.own_shapes[0].width, images.own_shapes[0].height),
            (30, 40)
        );
        assert_eq!(images.samples[0].pixels, drawing(30, 40));
        let (block, labels) = images.labelled_blocks().next().expect("one block");
        assert_eq!((block.len(), labels), (32 * 24 * 3, &[255_u8][..]));
    }

    #[test]
    fn handle_reads_attached_files() {
        let bytes = idx(&[1, 28, 28], &drawing(28, 28));
        let request = |attached: &[&str]| FileRequest::Read {
            files: vec![],
            attached: attached.iter().map(|&path| path.to_owned()).collect(),
            options: ReadOptions::default(),
        };
        let mut reader = FileReader::default();
        let outcome = reader.handle(request(&["a.idx"]), &[&bytes]);
        let Ok(Outcome::Ready(FileResponse::Images(images))) = outcome else {
            panic!("images")
        };
        assert_eq!(images.labels.len(), 1);
        assert!(
            reader
                .handle(request(&["a.idx", "b.idx"]), &[&bytes])
                .is_err()
        );
    }

    #[test]
    fn decoded_adds_what_the_browser_decodes_and_reports_the_rest() {
        let avif = b"\0\0\0\x14ftypavif\0\0\0\0avif".to_vec();
        let heic = b"\0\0\0\x14ftypheic\0\0\0\0heic".to_vec();
        let request = FileRequest::Read {
            files: vec![
                named("one-idx3-ubyte", idx(&[1, 28, 28], &drawing(28, 28))),
                named("set/7/a.avif", avif),
                named("b.heic", heic),
            ],
            attached: vec![],
            options: ReadOptions::default(),
        };
        let mut reader = FileReader::default();
        let Ok(Outcome::Decode(undecoded)) = reader.handle(request, &[]) else {
            panic!("the browser has to decode")
        };
        assert_eq!(undecoded.images[0].media_type, "image/avif");
        let rgba: Vec<u8> = drawing(60, 60)
            .iter()
            .flat_map(|&p| [p, p, p, 255])
            .collect();
        let raster = images::flatten_rgba(60, 60, &rgba);
        let FileResponse::Images(images) = reader.decoded(*undecoded, vec![raster, None]) else {
            panic!("images")
        };
        assert_eq!(images.labels, [255, 7]);
        assert_eq!(images.problems[0].file, "b.heic");
        assert!(images.problems[0].reason.contains("JPEG"));
    }

    #[test]
    fn convert_pair_makes_one_state_dict_of_two_files() {
        let tensor = |name: &str| checkpoints::Tensor::from_values(name, vec![1, 2], &[1.0, 2.0]);
        let file = |name: &str| {
            let dict = checkpoints::StateDict {
                key: String::new(),
                tensors: vec![tensor("0.weight")],
            };
            let bytes = checkpoints::to_safetensors(&[dict]).expect("writes");
            named(name, bytes)
        };
        let files = [file("my.encoder.safetensors"), file("decoder.safetensors")];
        let outcome = FileReader::default().handle(FileRequest::ConvertPair { files }, &[]);
        let Ok(Outcome::Ready(FileResponse::File { bytes })) = outcome else {
            panic!("a file")
        };
        let dict = checkpoints::read(&bytes).expect("reads").remove(0);
        let names: Vec<_> = dict
            .tensors
            .iter()
            .map(|tensor| tensor.name.as_str())
            .collect();
        assert_eq!(names, ["my_encoder.0.weight", "decoder.0.weight"]);

        let mixed = [
            file("a.safetensors"),
            named("b.onnx", b"\x08\x08\x12\x01a".to_vec()),
        ];
        let Err(error) =
            FileReader::default().handle(FileRequest::ConvertPair { files: mixed }, &[])
        else {
            panic!("two formats")
        };
        assert!(error.message.contains("same format"), "{}", error.message);
    }

    #[test]
    fn cut_sheet_rejects_a_sheet_that_does_not_exist() {
        let cut = FileRequest::CutSheet {
            sheet: 9,
            boxes: vec![],
        };
        let Err(error) = FileReader::default().handle(cut, &[]) else {
            panic!("no sheet")
        };
        assert!(error.message.contains("again"), "{error}");
    }
}
