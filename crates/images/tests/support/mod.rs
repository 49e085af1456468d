//! What the tests share: the samples, and photos of sheets that are drawn by the tests.

#![allow(dead_code, reason = "each test file uses its part")]

use images::{BoxPx, Grey, Pixels, SIDE};
use std::path::{Path, PathBuf};

/// The folder with the committed samples.
pub(crate) fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples")
}

/// A committed sample.
pub(crate) fn sample(name: &str) -> Vec<u8> {
    std::fs::read(samples().join(name)).expect("a committed sample")
}

/// Forty of MNIST's digits: 0 1 2 ... 9, four times.
pub(crate) fn mnist() -> Vec<Pixels> {
    let images = images::parse_images(&sample("mnist-40-images.idx3.gz")).expect("a sample");
    let (each, _) = images.pixels.as_chunks::<{ SIDE * SIDE }>();
    each.to_vec()
}

/// The mean difference of two digits, in grey levels, at the best of the places to which `b` can be
/// moved by at most a pixel.
pub(crate) fn difference(a: &Pixels, b: &Pixels) -> f64 {
    let at = |pixels: &Pixels, x: i32, y: i32| {
        let inside = (0..28).contains(&x) && (0..28).contains(&y);
        if inside {
            i32::from(pixels[(y * 28 + x) as usize])
        } else {
            0
        }
    };
    let moved = |dx, dy| {
        let places = (0..28).flat_map(|y| (0..28).map(move |x| (x, y)));
        let sum: i32 = places
            .map(|(x, y)| (at(a, x, y) - at(b, x + dx, y + dy)).abs())
            .sum();
        f64::from(sum) / (28.0 * 28.0)
    };
    (-1..=1)
        .flat_map(|dy| (-1..=1).map(move |dx| moved(dx, dy)))
        .fold(f64::MAX, f64::min)
}

/// A digit's ink between its pixels, 0 to 1.
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
    let (along, down) = (x - left, y - top);
    let (left, top) = (left as i64, top as i64);
    let upper = at(left, top) * (1.0 - along) + at(left + 1, top) * along;
    let lower = at(left, top + 1) * (1.0 - along) + at(left + 1, top + 1) * along;
    upper * (1.0 - down) + lower * down
}

/// The digit drawn `scale` times larger with the edges of a pen.
pub(crate) fn enlarged(digit: &Pixels, scale: usize) -> Grey {
    let side = SIDE * scale;
    let pixels = (0..side * side)
        .map(|i| {
            let middle = |i: usize| (i as f64 + 0.5) / scale as f64;
            (ink_at(digit, middle(i % side), middle(i / side)) * 255.0).round() as u8
        })
        .collect();
    Grey::new(side, side, pixels).expect("a square")
}

/// The paper.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Paper {
    /// Without lines.
    Plain,
    /// Lines `apart` pixels from one another.
    Lined {
        /// Between two lines.
        apart: f64,
        /// What share of the light a line takes.
        dark: f64,
    },
    /// Squares.
    Squared {
        /// Between two lines.
        apart: f64,
        /// What share of the light a line takes.
        dark: f64,
    },
}

/// How a sheet is photographed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Photo {
    /// Digits in a row.
    pub(crate) columns: usize,
    /// Rows.
    pub(crate) rows: usize,
    /// Pixels from one digit to the next.
    pub(crate) cell: f64,
    /// Pixels of MNIST's 28 in the photo.
    pub(crate) scale: f64,
    /// Clockwise, in degrees.
    pub(crate) tilt: f64,
    /// What share of the light is missing in the darkest corner.
    pub(crate) shadow: f64,
    /// A shadow's edge across the sheet takes this share of the light away.
    pub(crate) edge: f64,
    /// The noise's deviation in grey levels.
    pub(crate) noise: f64,
    /// What share of the light the pen takes.
    pub(crate) pen: f64,
    /// Lines.
    pub(crate) paper: Paper,
    /// Chalk on a blackboard.
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

/// Numbers between 0 and 1 that are the same each time.
pub(crate) struct Lcg(pub(crate) u64);

impl Lcg {
    /// The next.
    pub(crate) fn next(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
}

impl Photo {
    /// The photo, and where each digit's ink is on it, in reading order.
    pub(crate) fn take(&self, digits: &[Pixels]) -> (Grey, Vec<BoxPx>) {
        let margin = self.cell * 0.7;
        let width = (self.columns as f64 * self.cell + 2.0 * margin) as usize;
        let height = (self.rows as f64 * self.cell + 2.0 * margin) as usize;
        let (sin, cos) = self.tilt.to_radians().sin_cos();
        let middle = (width as f64 / 2.0, height as f64 / 2.0);
        let mut random = Lcg(7);
        // People don't write on a grid.
        let places: Vec<(f64, f64)> = (0..self.columns * self.rows)
            .map(|i| {
                let mut stray = || (random.next() - 0.5) * 0.12 * self.cell;
                let inset = (self.cell - 28.0 * self.scale) / 2.0;
                (
                    margin + (i % self.columns) as f64 * self.cell + inset + stray(),
                    margin + (i / self.columns) as f64 * self.cell + inset + stray(),
                )
            })
            .collect();
        let mut boxes: Vec<Option<BoxPx>> = vec![None; places.len()];
        let mut pixels = Vec::with_capacity(width * height);
        for y in 0..height {
            for x in 0..width {
                let (dx, dy) = (x as f64 + 0.5 - middle.0, y as f64 + 0.5 - middle.1);
                let (u, v) = (
                    middle.0 + dx * cos + dy * sin,
                    middle.1 - dx * sin + dy * cos,
                );
                let (mut ink, mut whose) = (0.0, 0);
                let cell = |at: f64| ((at - margin) / self.cell).floor();
                for row in [cell(v) - 1.0, cell(v), cell(v) + 1.0] {
                    for column in [cell(u) - 1.0, cell(u), cell(u) + 1.0] {
                        let inside = (0.0..self.columns as f64).contains(&column)
                            && (0.0..self.rows as f64).contains(&row);
                        if !inside {
                            continue;
                        }
                        let i = row as usize * self.columns + column as usize;
                        let (left, top) = places[i];
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
                            (ink, whose) = (at, i);
                        }
                    }
                }
                // A pen has sharper edges than a digit of 28 pixels.
                let ink = ((ink - 0.5) * 2.0 + 0.5).clamp(0.0, 1.0);
                if ink > 0.5 {
                    let pixel = BoxPx {
                        left: x,
                        top: y,
                        width: 1,
                        height: 1,
                    };
                    let whole = boxes[whose].map_or(pixel, |b| b.union(&pixel));
                    boxes[whose] = Some(whole);
                }
                let taken = (ink * self.pen).max(self.line(u, v));
                let paper = if self.chalk { 0.2 + taken } else { 1.0 - taken };
                let along = (x as f64 / width as f64 + y as f64 / height as f64) / 2.0;
                let across = x as f64 - 0.3 * y as f64 - width as f64 * 0.45;
                let edge = self.edge / (1.0 + (-across / 12.0).exp());
                let light = 235.0 * (1.0 - self.shadow * along) * (1.0 - edge);
                // Twelve even numbers make a normal one; three do here.
                let noise: f64 = (0..3).map(|_| random.next() - 0.5).sum::<f64>() * 2.0;
                pixels.push((paper * light + noise * self.noise).clamp(0.0, 255.0) as u8);
            }
        }
        let photo = Grey::new(width, height, pixels).expect("as large as said");
        (photo, boxes.into_iter().flatten().collect())
    }

    fn line(&self, u: f64, v: f64) -> f64 {
        let near = |at: f64, apart: f64| {
            let off = (at / apart - (at / apart).round()).abs() * apart;
            (1.6 - off).clamp(0.0, 1.0)
        };
        match self.paper {
            Paper::Plain => 0.0,
            Paper::Lined { apart, dark } => near(v, apart) * dark,
            Paper::Squared { apart, dark } => near(u, apart).max(near(v, apart)) * dark,
        }
    }
}

/// Writes a picture with boxes, for eyes, where the variable `DIGITS_PICTURES` names a folder.
pub(crate) fn show(name: &str, picture: &Grey, boxes: &[BoxPx]) {
    let Some(folder) = std::env::var_os("DIGITS_PICTURES") else {
        return;
    };
    let (width, height) = (picture.width(), picture.height());
    let mut rgb: Vec<u8> = picture.pixels().iter().flat_map(|&p| [p, p, p]).collect();
    for b in boxes {
        for y in b.top..b.bottom().min(height) {
            for x in b.left..b.right().min(width) {
                let rim = x == b.left || y == b.top || x + 1 == b.right() || y + 1 == b.bottom();
                if rim {
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

/// Digits beside one another, for [`show`].
pub(crate) fn strip(digits: &[Pixels], columns: usize) -> Grey {
    let rows = digits.len().div_ceil(columns);
    let width = columns * SIDE;
    let mut pixels = vec![0; width * rows * SIDE];
    for (i, digit) in digits.iter().enumerate() {
        for (y, row) in digit.chunks_exact(SIDE).enumerate() {
            let start = ((i / columns) * SIDE + y) * width + (i % columns) * SIDE;
            pixels[start..start + SIDE].copy_from_slice(row);
        }
    }
    Grey::new(width, rows * SIDE, pixels).expect("as large as said")
}
