//! Shared by the tests: the sample files, and a renderer of photographed sheets.

#![allow(dead_code, reason = "each test file uses its part")]

use images::{
    BoundingBox, GreyImage, InputFile, Pixels, Problem, ReadOptions, ReadResult, SIDE, Sheet,
};
use std::{
    io::{Cursor, Write},
    path::{Path, PathBuf},
};

/// An image that was read as a digit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Digit {
    pub(crate) pixels: Pixels,
    pub(crate) label: Option<String>,
    pub(crate) source: String,
}

/// What was read from files, as the tests look at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FileContents {
    pub(crate) file: String,
    pub(crate) images: Vec<Digit>,
    pub(crate) sheet: Option<Sheet>,
    pub(crate) problems: Vec<Problem>,
    pub(crate) notes: Vec<Problem>,
}

/// Reads a file as digits.
pub(crate) fn read_file(name: &str, bytes: &[u8]) -> FileContents {
    contents(
        name,
        images::read_file(name, bytes, &ReadOptions::default()),
    )
}

/// Reads files as digits.
pub(crate) fn read_files(files: &[(&str, Vec<u8>)]) -> FileContents {
    contents("", read_all(files, &ReadOptions::default()))
}

/// Reads files.
pub(crate) fn read_all(files: &[(&str, Vec<u8>)], options: &ReadOptions) -> ReadResult {
    let files: Vec<InputFile<'_>> = files
        .iter()
        .map(|(name, bytes)| InputFile {
            path: (*name).to_owned(),
            content: bytes,
        })
        .collect();
    images::read_files(&files, options)
}

fn contents(file: &str, read: ReadResult) -> FileContents {
    let images = read.images.iter().enumerate();
    let images = images.map(|(index, pixels)| Digit {
        pixels: pixels.try_into().expect("28×28"),
        label: read.class_name(index).map(str::to_owned),
        source: read.source(index),
    });
    FileContents {
        file: file.to_owned(),
        images: images.collect(),
        sheet: read.sheets.first().map(|(_, sheet)| sheet.clone()),
        problems: read.problems,
        notes: read.notes,
    }
}

/// Labels of digits.
pub(crate) fn labels(read: &FileContents) -> Vec<Option<&str>> {
    read.images
        .iter()
        .map(|found| found.label.as_deref())
        .collect()
}

/// The folder with the committed samples.
pub(crate) fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples")
}

/// A committed sample.
pub(crate) fn sample(name: &str) -> Vec<u8> {
    std::fs::read(samples().join(name)).expect("a committed sample")
}

/// Forty MNIST digits: 0 1 2 … 9, four times.
pub(crate) fn mnist() -> Vec<Pixels> {
    let images = images::parse_images(&sample("mnist-40-images.idx3.gz")).expect("a sample");
    let (each, _) = images.pixels.as_chunks::<{ SIDE * SIDE }>();
    each.to_vec()
}

/// The mean absolute difference of two images, in grey levels, minimized over shifts of `b` by at most
/// one pixel.
pub(crate) fn difference(a: &Pixels, b: &Pixels) -> f64 {
    let at = |pixels: &Pixels, x: i32, y: i32| {
        let inside = (0..28).contains(&x) && (0..28).contains(&y);
        if inside {
            i32::from(pixels[(y * 28 + x) as usize])
        } else {
            0
        }
    };
    let shifted = |dx, dy| {
        let pixels = (0..28).flat_map(|y| (0..28).map(move |x| (x, y)));
        let sum: i32 = pixels
            .map(|(x, y)| (at(a, x, y) - at(b, x + dx, y + dy)).abs())
            .sum();
        f64::from(sum) / (28.0 * 28.0)
    };
    (-1..=1)
        .flat_map(|dy| (-1..=1).map(move |dx| shifted(dx, dy)))
        .fold(f64::MAX, f64::min)
}

/// The ink at a position between pixels, 0 to 1, by bilinear interpolation.
fn ink_at(digit: &Pixels, x: f64, y: f64) -> f64 {
    let at = |x: i64, y: i64| {
        let inside = (0..28).contains(&x) && (0..28).contains(&y);
        if inside {
            f64::from(digit[(y * 28 + x) as usize]) / 255.0
        } else {
            0.0
        }
    };
    let (x, y) = (x - 0.5, y - 0.5);
    let (left, top) = (x.floor(), y.floor());
    let (u, v) = (x - left, y - top);
    let (left, top) = (left as i64, top as i64);
    let upper = at(left, top) * (1.0 - u) + at(left + 1, top) * u;
    let lower = at(left, top + 1) * (1.0 - u) + at(left + 1, top + 1) * u;
    upper * (1.0 - v) + lower * v
}

/// The digit enlarged `scale` times with bilinear interpolation.
pub(crate) fn enlarged(digit: &Pixels, scale: usize) -> GreyImage {
    let side = SIDE * scale;
    let pixels = (0..side * side)
        .map(|i| {
            let middle = |i: usize| (i as f64 + 0.5) / scale as f64;
            (ink_at(digit, middle(i % side), middle(i / side)) * 255.0).round() as u8
        })
        .collect();
    GreyImage::new(side, side, pixels).expect("a square")
}

/// The paper of a sheet.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Paper {
    /// Without lines.
    Plain,
    /// Horizontal lines.
    Lined {
        /// Distance between two lines, in pixels.
        spacing: f64,
        /// Fraction of the light that a line absorbs.
        darkness: f64,
    },
    /// Horizontal and vertical lines.
    Squared {
        /// Distance between two lines, in pixels.
        spacing: f64,
        /// Fraction of the light that a line absorbs.
        darkness: f64,
    },
}

/// Describes a sheet and how it is photographed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Photo {
    /// Digits per row.
    pub(crate) columns: usize,
    /// Number of rows.
    pub(crate) rows: usize,
    /// Distance between adjacent digits, in pixels.
    pub(crate) cell: f64,
    /// Pixels in the photo per pixel of a 28×28 digit.
    pub(crate) scale: f64,
    /// Rotation, clockwise in degrees.
    pub(crate) tilt: f64,
    /// Fraction of the light that is missing in the darkest corner.
    pub(crate) shadow: f64,
    /// Fraction of the light that is missing on one side of a sharp shadow edge.
    pub(crate) edge: f64,
    /// Standard deviation of the noise, in grey levels.
    pub(crate) noise: f64,
    /// Fraction of the light that the pen absorbs.
    pub(crate) pen: f64,
    /// The paper's lines.
    pub(crate) paper: Paper,
    /// Whether it is chalk on a blackboard instead of ink on paper.
    pub(crate) chalk: bool,
}

impl Default for Photo {
    fn default() -> Self {
        Self {
            columns: 8,
            rows: 5,
            cell: 90.0,
            scale: 2.6,
            tilt: 0.0,
            shadow: 0.0,
            edge: 0.0,
            noise: 0.0,
            pen: 0.75,
            paper: Paper::Plain,
            chalk: false,
        }
    }
}

/// A linear congruential generator of reproducible numbers in [0, 1).
pub(crate) struct Lcg(pub(crate) u64);

impl Lcg {
    /// The next number.
    pub(crate) fn next(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
}

impl Photo {
    /// Renders the photo. Returns it with the bounding box of each digit's ink, in reading order.
    pub(crate) fn take(&self, digits: &[Pixels]) -> (GreyImage, Vec<BoundingBox>) {
        let margin = self.cell * 0.7;
        let width = (self.columns as f64 * self.cell + 2.0 * margin) as usize;
        let height = (self.rows as f64 * self.cell + 2.0 * margin) as usize;
        let (sin, cos) = self.tilt.to_radians().sin_cos();
        let middle = (width as f64 / 2.0, height as f64 / 2.0);
        let mut random = Lcg(7);
        // Handwritten digits are not exactly on a grid.
        let positions: Vec<(f64, f64)> = (0..self.columns * self.rows)
            .map(|i| {
                let mut jitter = || (random.next() - 0.5) * 0.12 * self.cell;
                let inset = (self.cell - 28.0 * self.scale) / 2.0;
                (
                    margin + (i % self.columns) as f64 * self.cell + inset + jitter(),
                    margin + (i / self.columns) as f64 * self.cell + inset + jitter(),
                )
            })
            .collect();
        let mut boxes: Vec<Option<BoundingBox>> = vec![None; positions.len()];
        let mut pixels = Vec::with_capacity(width * height);
        for y in 0..height {
            for x in 0..width {
                let (dx, dy) = (x as f64 + 0.5 - middle.0, y as f64 + 0.5 - middle.1);
                let (u, v) = (
                    middle.0 + dx * cos + dy * sin,
                    middle.1 - dx * sin + dy * cos,
                );
                let (mut ink, mut digit) = (0.0, 0);
                let cell = |at: f64| ((at - margin) / self.cell).floor();
                for row in [cell(v) - 1.0, cell(v), cell(v) + 1.0] {
                    for column in [cell(u) - 1.0, cell(u), cell(u) + 1.0] {
                        let inside = (0.0..self.columns as f64).contains(&column)
                            && (0.0..self.rows as f64).contains(&row);
                        if !inside {
                            continue;
                        }
                        let i = row as usize * self.columns + column as usize;
                        let (left, top) = positions[i];
                        let size = 28.0 * self.scale;
                        let on_it =
                            (left..left + size).contains(&u) && (top..top + size).contains(&v);
                        if !on_it {
                            continue;
                        }
                        let at = ink_at(
                            &digits[i % digits.len()],
                            (u - left) / self.scale,
                            (v - top) / self.scale,
                        );
                        if at > ink {
                            (ink, digit) = (at, i);
                        }
                    }
                }
                // A pen has sharper edges than an enlarged 28×28 digit.
                let ink = ((ink - 0.5) * 2.0 + 0.5).clamp(0.0, 1.0);
                if ink > 0.5 {
                    let pixel = BoundingBox {
                        left: x,
                        top: y,
                        width: 1,
                        height: 1,
                    };
                    let whole = boxes[digit].map_or(pixel, |b| b.union(&pixel));
                    boxes[digit] = Some(whole);
                }
                let absorbed = (ink * self.pen).max(self.line(u, v));
                let paper = if self.chalk {
                    0.2 + absorbed
                } else {
                    1.0 - absorbed
                };
                let along = (x as f64 / width as f64 + y as f64 / height as f64) / 2.0;
                let across = x as f64 - 0.3 * y as f64 - width as f64 * 0.45;
                let edge = self.edge / (1.0 + (-across / 12.0).exp());
                let light = 235.0 * (1.0 - self.shadow * along) * (1.0 - edge);
                // A sum of uniform numbers approximates a normal one.
                let noise: f64 = (0..3).map(|_| random.next() - 0.5).sum::<f64>() * 2.0;
                pixels.push((paper * light + noise * self.noise).clamp(0.0, 255.0) as u8);
            }
        }
        let photo = GreyImage::new(width, height, pixels).expect("valid size");
        (photo, boxes.into_iter().flatten().collect())
    }

    fn line(&self, u: f64, v: f64) -> f64 {
        let near = |at: f64, spacing: f64| {
            let off = (at / spacing - (at / spacing).round()).abs() * spacing;
            (1.6 - off).clamp(0.0, 1.0)
        };
        match self.paper {
            Paper::Plain => 0.0,
            Paper::Lined { spacing, darkness } => near(v, spacing) * darkness,
            Paper::Squared { spacing, darkness } => {
                near(u, spacing).max(near(v, spacing)) * darkness
            }
        }
    }
}

/// Writes an image with its boxes to the folder named by the environment variable `IMAGES_DEBUG_DIR`, for
/// inspection by eye. Does nothing if it is not set.
pub(crate) fn show(name: &str, image: &GreyImage, boxes: &[BoundingBox]) {
    let Some(folder) = std::env::var_os("IMAGES_DEBUG_DIR") else {
        return;
    };
    let (width, height) = (image.width(), image.height());
    let mut rgb: Vec<u8> = image.pixels().iter().flat_map(|&p| [p, p, p]).collect();
    for b in boxes {
        for y in b.top..b.bottom().min(height) {
            for x in b.left..b.right().min(width) {
                let on_border =
                    x == b.left || y == b.top || x + 1 == b.right() || y + 1 == b.bottom();
                if on_border {
                    rgb[(y * width + x) * 3..][..3].copy_from_slice(&[255, 60, 60]);
                }
            }
        }
    }
    let path = Path::new(&folder).join(format!("{name}.png"));
    let file = std::fs::File::create(path).expect("the folder exists");
    let mut encoder = png::Encoder::new(file, width as u32, height as u32);
    encoder.set_color(png::ColorType::Rgb);
    encoder
        .write_header()
        .and_then(|mut writer| writer.write_image_data(&rgb))
        .expect("written");
}

/// Arranges digits in rows, for [`show`].
pub(crate) fn strip(digits: &[Pixels], columns: usize) -> GreyImage {
    let rows = digits.len().div_ceil(columns);
    let width = columns * SIDE;
    let mut pixels = vec![0; width * rows * SIDE];
    for (i, digit) in digits.iter().enumerate() {
        for (y, row) in digit.chunks_exact(SIDE).enumerate() {
            let start = ((i / columns) * SIDE + y) * width + (i % columns) * SIDE;
            pixels[start..start + SIDE].copy_from_slice(row);
        }
    }
    GreyImage::new(width, rows * SIDE, pixels).expect("valid size")
}

/// An IDX file of bytes.
pub(crate) fn idx(axes: &[u32], values: &[u8]) -> Vec<u8> {
    idx_of(0x08, axes, values)
}

/// An IDX file of elements of this type.
pub(crate) fn idx_of(element: u8, axes: &[u32], values: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 0, element, axes.len() as u8];
    bytes.extend(axes.iter().flat_map(|axis| axis.to_be_bytes()));
    bytes.extend(values);
    bytes
}

/// A NumPy file, as `numpy.save` writes it.
pub(crate) fn npy(descr: &str, column_major: bool, shape: &str, values: &[u8]) -> Vec<u8> {
    let order = if column_major { "True" } else { "False" };
    let mut header =
        format!("{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}");
    while !(10 + header.len() + 1).is_multiple_of(64) {
        header.push(' ');
    }
    header.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(values);
    bytes
}

/// Compresses with gzip.
pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).expect("in memory");
    encoder.finish().expect("in memory")
}

/// A ZIP archive.
pub(crate) fn zip(files: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        writer
            .start_file(*name, zip::write::SimpleFileOptions::default())
            .expect("in memory");
        writer.write_all(bytes).expect("in memory");
    }
    writer.finish().expect("in memory").into_inner()
}

/// A tar archive.
pub(crate) fn tar(files: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        builder
            .append_data(&mut header, name, bytes.as_slice())
            .expect("in memory");
    }
    builder.into_inner().expect("in memory")
}

/// A greyscale PNG.
pub(crate) fn png(grey: &GreyImage) -> Vec<u8> {
    png_of(
        grey.width(),
        grey.height(),
        png::ColorType::Grayscale,
        png::BitDepth::Eight,
        grey.pixels(),
    )
}

/// A PNG of any type.
pub(crate) fn png_of(
    width: usize,
    height: usize,
    color: png::ColorType,
    depth: png::BitDepth,
    data: &[u8],
) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width as u32, height as u32);
    encoder.set_color(color);
    encoder.set_depth(depth);
    let mut writer = encoder.write_header().expect("in memory");
    writer.write_image_data(data).expect("in memory");
    writer.finish().expect("in memory");
    bytes
}
