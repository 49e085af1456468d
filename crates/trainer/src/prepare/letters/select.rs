//! Which fonts become images: those with letters, and with other letters than the fonts of other families.

use super::glyph::{Alphabet, LETTERS, SIZE};

/// The mean difference of pixels, in grey levels, below which two fonts of different families show the same typeface.
/// Re-releases, and families that share their Latin letters, differ by less than 2; similar families by 5 and more.
const SAME_TYPEFACE: u64 = 3;
/// The mean difference of pixels from which two fonts of one family differ visibly, as two weights do.
const OTHER_STYLE: u64 = 5;
/// The most fonts of a family, so that large families do not outweigh the others.
const MAX_STYLES: usize = 6;
/// The fewest letters, of 26, for which the most similar image of the other families shows the same letter. A font
/// below it has symbols instead of letters, or letters that hardly anyone can read.
pub(crate) const MIN_RECOGNIZED: usize = 6;
/// Two letters of a font that differ by less than this mean difference of pixels are the same glyph, such as an empty box
/// for letters that the font lacks.
const SAME_GLYPH: u64 = 1;

const PIXELS: usize = SIZE * SIZE;

/// A family's fonts, the one nearest to regular first.
pub(crate) struct Candidate {
    /// The family's name in lists.
    pub(crate) name: String,
    /// The letters of each font.
    pub(crate) fonts: Vec<Alphabet>,
}

/// What became of a candidate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Selection {
    /// The positions of the fonts that are used; there is at least one.
    Used(Vec<usize>),
    /// Two letters have the same glyph.
    RepeatedGlyph(char, char),
    /// Only so many letters, of 26, look like the letters of other families.
    NotLetters(usize),
    /// The font nearest to regular shows the typeface of this family.
    SameAs(String),
}

/// Selects fonts. Of families with the same typeface, the first is used; a family that shares some fonts with an earlier
/// one is used without these.
pub(crate) fn select(candidates: &[Candidate]) -> Vec<Selection> {
    let mut selections: Vec<Option<Selection>> = candidates
        .iter()
        .map(|candidate| {
            repeated_glyph(&candidate.fonts[0])
                .map(|[first, second]| Selection::RepeatedGlyph(first, second))
        })
        .collect();
    let readable: Vec<usize> = (0..candidates.len())
        .filter(|&i| selections[i].is_none())
        .collect();
    let regular: Vec<&[u8]> = readable
        .iter()
        .map(|&i| &candidates[i].fonts[0][..])
        .collect();
    for (&i, recognized) in readable.iter().zip(recognized_letters(&regular)) {
        if recognized < MIN_RECOGNIZED {
            selections[i] = Some(Selection::NotLetters(recognized));
        }
    }
    // All fonts of the used families, also those that are not used, because those that are resemble them.
    let mut earlier: Vec<(usize, &[u8])> = Vec::new();
    for (i, candidate) in candidates.iter().enumerate() {
        if selections[i].is_some() {
            continue;
        }
        let doubles: Vec<Option<usize>> = candidate
            .fonts
            .iter()
            .map(|font| {
                let mut earlier = earlier.iter();
                let double = earlier.find(|(_, other)| are_closer(font, other, SAME_TYPEFACE));
                double.map(|&(family, _)| family)
            })
            .collect();
        selections[i] = Some(match doubles[0] {
            Some(family) => Selection::SameAs(candidates[family].name.clone()),
            None => {
                let others: Vec<usize> = (0..doubles.len())
                    .filter(|&position| doubles[position].is_none())
                    .collect();
                earlier.extend(candidate.fonts.iter().map(|font| (i, &font[..])));
                Selection::Used(spread(&candidate.fonts, &others))
            }
        });
    }
    selections.into_iter().flatten().collect()
}

/// Up to [`MAX_STYLES`] of a family's `fonts` that differ from each other: the first of `positions`, then repeatedly the
/// one that is most unlike all chosen ones.
fn spread(fonts: &[Alphabet], positions: &[usize]) -> Vec<usize> {
    let mut chosen: Vec<usize> = positions.first().copied().into_iter().collect();
    while chosen.len() < MAX_STYLES {
        let nearest = |&position: &usize| {
            let distances = chosen
                .iter()
                .map(|&other| distance(&fonts[position], &fonts[other]));
            distances.min().unwrap_or_default()
        };
        let farthest = positions
            .iter()
            .map(|position| (nearest(position), *position))
            .max_by_key(|&(distance, position)| (distance, std::cmp::Reverse(position)));
        match farthest {
            Some((distance, position)) if distance >= OTHER_STYLE * fonts[0].len() as u64 => {
                chosen.push(position);
            }
            _ => break,
        }
    }
    chosen
}

/// The sum of all differences of pixels, in grey levels.
fn distance(a: &[u8], b: &[u8]) -> u64 {
    a.chunks(PIXELS)
        .zip(b.chunks(PIXELS))
        .map(|(a, b)| u64::from(image_distance(a, b)))
        .sum()
}

/// Whether the mean difference of pixels is below `limit`. It ends with the first letters for most fonts.
fn are_closer(a: &[u8], b: &[u8], limit: u64) -> bool {
    let limit = limit * a.len() as u64;
    let mut sum = 0;
    a.chunks(PIXELS).zip(b.chunks(PIXELS)).all(|(a, b)| {
        sum += u64::from(image_distance(a, b));
        sum < limit
    })
}

fn image_distance(a: &[u8], b: &[u8]) -> u32 {
    a.iter()
        .zip(b)
        .map(|(&a, &b)| u32::from(a.abs_diff(b)))
        .sum()
}

/// The first two letters of a font that have the same glyph.
fn repeated_glyph(font: &[u8]) -> Option<[char; 2]> {
    let letters: Vec<&[u8]> = font.chunks(PIXELS).collect();
    (0..letters.len()).find_map(|i| {
        (i + 1..letters.len())
            .find(|&j| {
                u64::from(image_distance(letters[i], letters[j])) < SAME_GLYPH * PIXELS as u64
            })
            .map(|j| [LETTERS[i], LETTERS[j]])
    })
}

/// For each font, the number of letters whose most similar image in all other fonts shows the same letter.
fn recognized_letters(fonts: &[&[u8]]) -> Vec<usize> {
    let halved: Vec<Vec<u8>> = fonts.iter().map(|font| halve(font)).collect();
    const HALVED: usize = PIXELS / 4;
    let is_recognized = |font: usize, letter: usize| {
        let image = &halved[font][letter * HALVED..][..HALVED];
        let all = halved
            .iter()
            .enumerate()
            .filter(|&(other, _)| other != font);
        let nearest = all
            .flat_map(|(_, other)| other.chunks(HALVED).enumerate())
            .min_by_key(|(_, other)| image_distance(image, other));
        nearest.is_some_and(|(nearest, _)| nearest == letter)
    };
    (0..fonts.len())
        .map(|font| {
            (0..LETTERS.len())
                .filter(|&letter| is_recognized(font, letter))
                .count()
        })
        .collect()
}

/// The images at half of their size: the mean of each 2×2 pixels.
fn halve(font: &[u8]) -> Vec<u8> {
    let mut halved = Vec::with_capacity(font.len() / 4);
    for rows in font.chunks(2 * SIZE) {
        let (upper, lower) = rows.split_at(SIZE);
        for (upper, lower) in upper.chunks(2).zip(lower.chunks(2)) {
            let sum: u32 = upper
                .iter()
                .chain(lower)
                .map(|&pixel| u32::from(pixel))
                .sum();
            halved.push((sum / 4) as u8);
        }
    }
    halved
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An alphabet of bars at other places for each letter, with bars of this brightness.
    fn font(brightness: u8) -> Alphabet {
        (0..LETTERS.len())
            .flat_map(|letter| {
                (0..PIXELS).map(move |pixel| match pixel % SIZE == letter {
                    true => brightness,
                    false => 0,
                })
            })
            .collect()
    }

    fn candidate(name: &str, fonts: Vec<Alphabet>) -> Candidate {
        Candidate {
            name: name.to_owned(),
            fonts,
        }
    }

    #[test]
    fn select_uses_one_of_two_families_with_the_same_letters() {
        // A bar covers a 28th of an image: a mean difference of 3 levels is one of 84 in the bars.
        let found = select(&[
            candidate("first", vec![font(250)]),
            candidate("re-release", vec![font(245)]),
            candidate("other", vec![font(100), font(252)]),
        ]);
        assert_eq!(
            found,
            [
                Selection::Used(vec![0]),
                Selection::SameAs("first".into()),
                Selection::Used(vec![0]),
            ]
        );
    }

    #[test]
    fn select_uses_the_styles_of_a_family_that_differ() {
        let family = vec![font(100), font(105), font(255), font(250)];
        let found = select(&[
            candidate("family", family),
            candidate("other", vec![font(15)]),
        ]);
        assert_eq!(
            found,
            [Selection::Used(vec![0, 2]), Selection::Used(vec![0])]
        );
    }

    #[test]
    fn select_rejects_boxes_and_symbols() {
        let mut boxes = font(250);
        boxes.copy_within(0..PIXELS, 5 * PIXELS);
        // The letters in reverse order.
        let symbols: Alphabet = font(20).chunks(PIXELS).rev().flatten().copied().collect();
        let found = select(&[
            candidate("boxes", vec![boxes]),
            candidate("symbols", vec![symbols]),
            candidate("letters", vec![font(250)]),
            candidate("more letters", vec![font(160)]),
        ]);
        assert_eq!(found[0], Selection::RepeatedGlyph('A', 'F'));
        assert!(matches!(found[1], Selection::NotLetters(_)));
        assert!(matches!(found[2], Selection::Used(_)));
        assert!(matches!(found[3], Selection::Used(_)));
    }
}
