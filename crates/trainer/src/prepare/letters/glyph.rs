//! A letter of a font as a 28×28 image: light on dark, as MNIST's digits.

use ab_glyph_rasterizer::{Point, Rasterizer, point};
use ttf_parser::{Face, GlyphId, OutlineBuilder};

/// Height and width of an image in pixels.
pub(crate) const SIZE: usize = 28;
/// The letters, in the order of their labels.
pub(crate) const LETTERS: [char; 26] = [
    'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M', 'N', 'O', 'P', 'Q', 'R', 'S',
    'T', 'U', 'V', 'W', 'X', 'Y', 'Z',
];
/// Height of a font's flat capitals in the image, as MNIST's digits: 20 pixels.
const CAP_HEIGHT: f32 = 20.0;
/// The largest width and height of ink in pixels: wider and taller letters are scaled down to it.
const MAX_INK: f32 = 24.0;
/// Capitals with flat tops and bottoms, whose height is the font's cap height. Round ones overshoot.
const FLAT: [char; 8] = ['H', 'E', 'I', 'T', 'X', 'Z', 'L', 'F'];

/// The images of the 26 letters, `[26 × 28 × 28]`.
pub(crate) type Alphabet = Vec<u8>;

/// Why a font has no images of its letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MissingLetter {
    /// The font has no glyph for it.
    NoGlyph(char),
    /// Its glyph has no outline, or one without an area.
    NoInk(char),
}

/// Rasterizes the capitals A to Z.
///
/// All letters of a font have one scale, at which its cap height is 20 pixels; only a letter that is wider or taller
/// than 24 pixels at that scale is scaled down to 24. The box around a letter's ink is centred in the image.
pub(crate) fn alphabet(face: &Face<'_>) -> Result<Alphabet, MissingLetter> {
    let outlines = LETTERS
        .iter()
        .map(|&letter| Outline::of(face, letter))
        .collect::<Result<Vec<_>, _>>()?;
    let mut heights: Vec<f32> = LETTERS
        .iter()
        .zip(&outlines)
        .filter(|(letter, _)| FLAT.contains(letter))
        .map(|(_, outline)| outline.size().1)
        .collect();
    heights.sort_by(f32::total_cmp);
    let scale = CAP_HEIGHT / heights[heights.len() / 2];
    let mut images = Vec::with_capacity(LETTERS.len() * SIZE * SIZE);
    for outline in &outlines {
        outline.draw(scale, &mut images);
    }
    Ok(images)
}

/// The contours of a glyph as line segments, in the font's units, y upwards.
struct Outline {
    segments: Vec<[Point; 2]>,
    min: Point,
    max: Point,
}

impl Outline {
    fn of(face: &Face<'_>, letter: char) -> Result<Self, MissingLetter> {
        let glyph: GlyphId = face
            .glyph_index(letter)
            .filter(|glyph| glyph.0 != 0)
            .ok_or(MissingLetter::NoGlyph(letter))?;
        let mut flattener = Flattener::default();
        // ttf-parser returns none for a glyph without an outline; the segments tell the same.
        let _ = face.outline_glyph(glyph, &mut flattener);
        let segments = flattener.segments;
        let points = || segments.iter().flatten();
        let fold = |start: f32, pick: fn(f32, f32) -> f32| {
            point(
                points().map(|p| p.x).fold(start, pick),
                points().map(|p| p.y).fold(start, pick),
            )
        };
        let outline = Self {
            min: fold(f32::INFINITY, f32::min),
            max: fold(f32::NEG_INFINITY, f32::max),
            segments,
        };
        let (width, height) = outline.size();
        if width > 0.0 && height > 0.0 && width.is_finite() && height.is_finite() {
            Ok(outline)
        } else {
            Err(MissingLetter::NoInk(letter))
        }
    }

    /// Width and height of the ink.
    fn size(&self) -> (f32, f32) {
        (self.max.x - self.min.x, self.max.y - self.min.y)
    }

    /// Appends the glyph's image: the share of each pixel that the outline covers, from 0 to 255.
    fn draw(&self, scale: f32, images: &mut Vec<u8>) {
        let (width, height) = self.size();
        let scale = scale.min(MAX_INK / width).min(MAX_INK / height);
        let centre = (SIZE / 2) as f32;
        let middle = point(
            (self.min.x + self.max.x) / 2.0,
            (self.min.y + self.max.y) / 2.0,
        );
        let to_image = |p: Point| {
            point(
                centre + (p.x - middle.x) * scale,
                centre - (p.y - middle.y) * scale,
            )
        };
        let mut rasterizer = Rasterizer::new(SIZE, SIZE);
        for &[from, to] in &self.segments {
            rasterizer.draw_line(to_image(from), to_image(to));
        }
        rasterizer.for_each_pixel(|_, coverage| {
            images.push((coverage.clamp(0.0, 1.0) * 255.0).round() as u8);
        });
    }
}

/// Collects contours as line segments. Curves become short lines, so that the box around them is exact.
struct Flattener {
    segments: Vec<[Point; 2]>,
    start: Point,
    current: Point,
}

impl Default for Flattener {
    fn default() -> Self {
        Self {
            segments: Vec::new(),
            start: point(0.0, 0.0),
            current: point(0.0, 0.0),
        }
    }
}

impl Flattener {
    /// Lines per curve. At 24 pixels a line of a curve is shorter than two pixels.
    const LINES: u8 = 16;

    fn line(&mut self, to: Point) {
        self.segments.push([self.current, to]);
        self.current = to;
    }

    fn curve(&mut self, at: impl Fn(f32) -> Point) {
        for i in 1..=Self::LINES {
            self.line(at(f32::from(i) / f32::from(Self::LINES)));
        }
    }
}

impl OutlineBuilder for Flattener {
    fn move_to(&mut self, x: f32, y: f32) {
        self.close();
        self.start = point(x, y);
        self.current = self.start;
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.line(point(x, y));
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let from = self.current;
        self.curve(|t| {
            let (a, b, c) = ((1.0 - t) * (1.0 - t), 2.0 * t * (1.0 - t), t * t);
            point(a * from.x + b * x1 + c * x, a * from.y + b * y1 + c * y)
        });
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let from = self.current;
        self.curve(|t| {
            let s = 1.0 - t;
            let (a, b, c, d) = (s * s * s, 3.0 * s * s * t, 3.0 * s * t * t, t * t * t);
            point(
                a * from.x + b * x1 + c * x2 + d * x,
                a * from.y + b * y1 + c * y2 + d * y,
            )
        });
    }

    fn close(&mut self) {
        if self.current != self.start {
            self.line(self.start);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The page's math font has capitals.
    fn letters() -> Alphabet {
        let compressed = include_bytes!("../../../../../www/fonts/elbo-room-math-1.woff2");
        let font = wuff::decompress_woff2(compressed).expect("a WOFF2 font");
        alphabet(&Face::parse(&font, 0).expect("a font")).expect("has capitals")
    }

    /// The first and the last row and column with ink.
    fn ink(image: &[u8]) -> [usize; 4] {
        let inked = |at: &usize| image[*at] > 0;
        let rows: Vec<usize> = (0..SIZE * SIZE).filter(inked).map(|at| at / SIZE).collect();
        let columns: Vec<usize> = (0..SIZE * SIZE).filter(inked).map(|at| at % SIZE).collect();
        let range = |at: &[usize]| [at.iter().min(), at.iter().max()].map(|at| *at.expect("ink"));
        let ([top, bottom], [left, right]) = (range(&rows), range(&columns));
        [top, bottom, left, right]
    }

    #[test]
    fn alphabet_has_light_capitals_of_one_height_in_the_middle() {
        let letters = letters();
        assert_eq!(letters.len(), LETTERS.len() * SIZE * SIZE);
        for (letter, image) in LETTERS.iter().zip(letters.chunks(SIZE * SIZE)) {
            let [top, bottom, left, right] = ink(image);
            assert!(
                (-1..=1).contains(&(top as isize + bottom as isize - 27)),
                "{letter}"
            );
            assert!(
                (-1..=1).contains(&(left as isize + right as isize - 27)),
                "{letter}"
            );
            assert!(right - left < 26, "{letter} fits");
            assert!(image.iter().any(|&pixel| pixel > 200), "{letter} is light");
        }
        // 20 pixels, from 4 to 24.
        for letter in [4, 7, 11] {
            let [top, bottom, ..] = ink(&letters[letter * SIZE * SIZE..][..SIZE * SIZE]);
            assert_eq!((top, bottom), (4, 23), "{}", LETTERS[letter]);
        }
    }

    #[test]
    fn outline_of_a_letter_that_the_font_lacks_is_missing() {
        let compressed = include_bytes!("../../../../../www/fonts/elbo-room-math-1.woff2");
        let font = wuff::decompress_woff2(compressed).expect("a WOFF2 font");
        let face = Face::parse(&font, 0).expect("a font");
        let found = Outline::of(&face, '字').err();
        assert_eq!(found, Some(MissingLetter::NoGlyph('字')));
        assert_eq!(
            Outline::of(&face, ' ').err(),
            Some(MissingLetter::NoInk(' '))
        );
    }
}
