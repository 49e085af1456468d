//! Letters: the capitals A to Z of several hundred typefaces, 28×28 grey.
//!
//! Capitals only, because they have one height: at 28 pixels, a lower-case x beside the ascenders and descenders of its font
//! would be 10 pixels high, too few to show serifs and the contrast of strokes. With 26 classes each font gives 26
//! images, and the labels remain readable as colours of a map.

mod family_list;
mod glyph;
mod package;
mod select;

use super::{
    contact_sheet,
    data_folders::DataFolders,
    dataset_card::DatasetCard,
    idx,
    split::{Part, shuffled},
};
use anyhow::{Context, Result, ensure};
use family_list::Outcome;
use glyph::{Alphabet, LETTERS, MissingLetter, SIZE};
use package::{Family, Style};
use select::{Candidate, Selection};
use std::fs;

/// The packages: each has one family of fonts.
pub(crate) const MANIFEST: &str = include_str!("../../../packages/letters.json");

/// Licences under which fonts, and images of their letters, may be used and passed on.
const LICENCES: [&str; 2] = ["OFL-1.1", "Apache-2.0"];

/// A family whose letters are used.
struct Used<'a> {
    family: &'a Family,
    part: Part,
    /// The letters of each font, the one nearest to regular first.
    fonts: Vec<Alphabet>,
}

/// Makes the data set.
pub(crate) fn prepare(folders: &DataFolders) -> Result<()> {
    let families = package::families(&folders.modules.join("@fontsource"))?;
    let mut outcomes = Vec::new();
    let mut used = Vec::new();
    for (family, (outcome, fonts)) in families.iter().zip(select_families(&families)?) {
        if let Outcome::Used { part, .. } = outcome {
            used.push(Used {
                family,
                part,
                fonts,
            });
        }
        outcomes.push(outcome);
    }
    // Families of one part are in random order.
    used.sort_by_key(|used| (used.part, shuffled(&used.family.id)));
    write_parts(folders, &used)?;
    write_samples(folders, &used)?;
    let list = folders.samples.join("letters-families.tsv");
    fs::write(&list, family_list::text(&families, &outcomes))
        .with_context(|| format!("can't write {}", list.display()))
}

/// What becomes of each family, with the letters of its used fonts.
fn select_families(families: &[Family]) -> Result<Vec<(Outcome, Vec<Alphabet>)>> {
    let mut found = Vec::new();
    // The candidates with their families and their styles.
    let mut candidates = Vec::new();
    let mut origins = Vec::new();
    for (i, family) in families.iter().enumerate() {
        found.push((Outcome::Licence, Vec::new()));
        if !LICENCES.contains(&family.licence.as_str()) {
            continue;
        }
        let mut fonts = Vec::new();
        let mut styles = Vec::new();
        for style in &family.styles {
            match letters_of(style).with_context(|| format!("{} {}", family.name, style.name()))? {
                Ok(letters) => {
                    fonts.push(letters);
                    styles.push(style);
                }
                Err(reason) => found[i].0 = reason,
            }
        }
        if fonts.is_empty() {
            continue;
        }
        let name = family.id.clone();
        candidates.push(Candidate { name, fonts });
        origins.push((i, styles));
    }
    let selections = select::select(&candidates);
    for (((i, styles), mut candidate), selection) in
        origins.into_iter().zip(candidates).zip(selections)
    {
        let family = &families[i];
        found[i] = match selection {
            Selection::Used(positions) => {
                let part = Part::of(superfamily(&family.id));
                let styles = positions.iter().map(|&p| styles[p].name()).collect();
                let fonts = positions
                    .iter()
                    .map(|&p| std::mem::take(&mut candidate.fonts[p]));
                (Outcome::Used { part, styles }, fonts.collect())
            }
            Selection::RepeatedGlyph(first, second) => {
                (Outcome::RepeatedGlyph(first, second), Vec::new())
            }
            Selection::NotLetters(recognized) => (Outcome::NotLetters(recognized), Vec::new()),
            Selection::SameAs(other) => (Outcome::SameAs(other), Vec::new()),
        };
    }
    Ok(found)
}

/// The images of a font's letters, or why it has none.
fn letters_of(style: &Style) -> Result<Result<Alphabet, Outcome>> {
    let compressed = fs::read(&style.file)?;
    // Some packages have files that are no valid fonts.
    let Ok(font) = wuff::decompress_woff2(&compressed) else {
        return Ok(Err(Outcome::Unreadable));
    };
    let Ok(face) = ttf_parser::Face::parse(&font, 0) else {
        return Ok(Err(Outcome::Unreadable));
    };
    Ok(glyph::alphabet(&face).map_err(|missing| match missing {
        MissingLetter::NoGlyph(letter) | MissingLetter::NoInk(letter) => Outcome::Missing(letter),
    }))
}

/// The first word of a family's name. Families that share it are often variants of one design, such as a condensed one, and
/// belong to the same part.
fn superfamily(id: &str) -> &str {
    id.split('-').next().unwrap_or(id)
}

/// Writes the images to train on, and the test images.
fn write_parts(folders: &DataFolders, used: &[Used<'_>]) -> Result<()> {
    for (stem, parts) in [
        ("train", &[Part::Training, Part::HeldOut][..]),
        ("t10k", &[Part::Test]),
    ] {
        let fonts: Vec<&Alphabet> = used
            .iter()
            .filter(|used| parts.contains(&used.part))
            .flat_map(|used| &used.fonts)
            .collect();
        let pixels = fonts
            .iter()
            .copied()
            .flatten()
            .copied()
            .collect::<Vec<u8>>();
        let path = |kind: &str| folders.data.join(format!("{stem}-{kind}-ubyte.gz"));
        idx::write(
            &path("images-idx3"),
            &[fonts.len() * LETTERS.len(), SIZE, SIZE],
            &pixels,
        )?;
        let labels = labels(fonts.len());
        idx::write(&path("labels-idx1"), &[labels.len()], &labels)?;
        let sheet = folders.data.join(format!("{stem}.png"));
        contact_sheet::write(&sheet, &pixels, [SIZE, 1], LETTERS.len())?;
    }
    for part in [Part::Training, Part::HeldOut, Part::Test] {
        let of_part: Vec<&Used<'_>> = used.iter().filter(|used| used.part == part).collect();
        let fonts: usize = of_part.iter().map(|used| used.fonts.len()).sum();
        println!(
            "{}: {} families, {fonts} fonts, {} images",
            part.name(),
            of_part.len(),
            fonts * LETTERS.len()
        );
    }
    Ok(())
}

/// Writes what the page fetches: one font of each training family.
fn write_samples(folders: &DataFolders, used: &[Used<'_>]) -> Result<()> {
    let regular: Vec<&Alphabet> = used
        .iter()
        .filter(|used| used.part == Part::Training)
        .filter_map(|used| used.fonts.first())
        .collect();
    ensure!(!regular.is_empty(), "no family is left to train on");
    let pixels: Vec<u8> = regular.iter().copied().flatten().copied().collect();
    let labels = labels(regular.len());
    let [images_file, labels_file] =
        ["images-idx3", "labels-idx1"].map(|kind| format!("letters-{kind}-ubyte.gz"));
    let bytes = idx::write(
        &folders.samples.join(&images_file),
        &[labels.len(), SIZE, SIZE],
        &pixels,
    )? + idx::write(
        &folders.samples.join(&labels_file),
        &[labels.len()],
        &labels,
    )?;
    let card = DatasetCard {
        name: "letters",
        title: format!("Letters of {} typefaces", regular.len()),
        images: images_file,
        labels: labels_file,
        bytes,
        count: labels.len(),
        image: vec![SIZE, SIZE],
        class_names: LETTERS.iter().map(char::to_string).collect(),
        source: "Open fonts in the packages of Fontsource; the list names all families with their copyright notices"
            .into(),
        licence: "SIL Open Font License 1.1 or Apache License 2.0, as the list says for each family".into(),
        list: "letters-families.tsv".into(),
        preparation: "Capitals A to Z of one font of each family, coverage of each pixel from 0 to 255, light on dark. \
                      A font's capitals are 20 pixels high; wider or taller letters are scaled down to 24 pixels; the box \
                      around the ink is centred. The letters of a font are adjacent, in alphabetical order"
            .into(),
        command: "cargo run --release -p trainer -- prepare letters".into(),
    };
    println!(
        "samples: {} images of {} families, {bytes} bytes",
        card.count,
        regular.len()
    );
    card.write(&folders.samples)
}

/// The labels of the letters of this many fonts.
fn labels(fonts: usize) -> Vec<u8> {
    (0..fonts).flat_map(|_| 0..LETTERS.len() as u8).collect()
}
