//! Emoji: 32×32 colour on white, trained on three sets of drawings, of which one is shipped.
//!
//! The shipped set is Fluent Emoji Flat: it is drawn on a grid of 32 units without gradients, so its shapes stay crisp at
//! 32 pixels, and its licence, MIT, asks for a copyright notice only. A model of its 1,500 drawings alone
//! would learn them by heart; Noto Emoji and Twemoji show the same subjects in two other hands.

mod icon_set;
mod render;
mod subject;

use super::{
    contact_sheet,
    data_folders::DataFolders,
    dataset_card::DatasetCard,
    idx,
    split::{Part, shuffled},
};
use anyhow::{Context, Result, ensure};
use icon_set::IconSet;
use render::{Image, SIZE};
use std::fs;

/// The packages: each has one set of drawings.
pub(crate) const MANIFEST: &str = include_str!("../../../packages/emoji.json");

/// The sets, the shipped one first.
const SETS: [&str; 3] = ["fluent-emoji-flat", "noto", "twemoji"];
/// Emoji are drawn for light backgrounds; black hair, spiders and text would vanish on black.
const BACKGROUND: [u8; 3] = [255; 3];
/// Values of an image.
const VALUES: usize = SIZE * SIZE * 3;
/// The sum of differences, in levels, below which two drawings of a set are the same: one and a half levels a value. A
/// judge and a male judge differ by less; a neutral and a slightly smiling face by more.
const SAME_DRAWING: u64 = VALUES as u64 * 3 / 2;
/// The smallest sum of differences from the background, in levels: below it an image is nearly empty.
const LEAST_INK: u64 = VALUES as u64 * 3;

/// A drawing that is used.
struct Emoji {
    /// Its position in [`SETS`].
    set: usize,
    name: String,
    label: u8,
    part: Part,
    image: Image,
}

/// Makes the data set.
pub(crate) fn prepare(folders: &DataFolders) -> Result<()> {
    let sets = SETS
        .iter()
        .map(|name| IconSet::read(&folders.modules.join("@iconify-json").join(name)))
        .collect::<Result<Vec<_>>>()?;
    let categories: Vec<&String> = sets[0].categories.keys().collect();
    let mut emoji = Vec::new();
    for (i, set) in sets.iter().enumerate() {
        ensure!(
            categories
                .iter()
                .eq(&set.categories.keys().collect::<Vec<_>>()),
            "{} has other categories than {}",
            set.title,
            sets[0].title
        );
        let of_set = drawings(i, set)?;
        println!(
            "{}: {} of {} drawings",
            set.title,
            of_set.len(),
            set.categories.values().map(Vec::len).sum::<usize>()
        );
        emoji.extend(of_set);
    }
    // Drawings of one part are in random order.
    emoji.sort_by_key(|emoji| {
        let key = format!("{} {}", SETS[emoji.set], emoji.name);
        (emoji.part, shuffled(&key))
    });
    write_parts(folders, &emoji)?;
    let class_names = categories.into_iter().cloned().collect();
    write_samples(folders, &emoji, &sets, class_names)
}

/// The drawings of a set that are used: without variants of skin tone, doubles and nearly empty ones.
fn drawings(set: usize, icons: &IconSet) -> Result<Vec<Emoji>> {
    let mut used: Vec<Emoji> = Vec::new();
    for (label, (category, icons)) in icons.categories.iter().enumerate() {
        for icon in icons {
            if subject::has_skin_tone(&icon.name, category) {
                continue;
            }
            let image = render::render(&icon.svg, BACKGROUND)
                .with_context(|| format!("{} of {}", icon.name, SETS[set]))?;
            let background = BACKGROUND.repeat(SIZE * SIZE);
            let is_double = || {
                used.iter()
                    .any(|other| distance(&other.image, &image) < SAME_DRAWING)
            };
            if distance(&image, &background) < LEAST_INK || is_double() {
                continue;
            }
            used.push(Emoji {
                set,
                name: icon.name.clone(),
                label: u8::try_from(label)?,
                part: Part::of(&subject::subject(&icon.name)),
                image,
            });
        }
    }
    Ok(used)
}

/// The sum of all differences of values, in levels.
fn distance(a: &[u8], b: &[u8]) -> u64 {
    a.iter()
        .zip(b)
        .map(|(&a, &b)| u64::from(a.abs_diff(b)))
        .sum()
}

/// Writes the images to train on, and the test images.
fn write_parts(folders: &DataFolders, emoji: &[Emoji]) -> Result<()> {
    for (stem, parts) in [
        ("train", &[Part::Training, Part::HeldOut][..]),
        ("t10k", &[Part::Test]),
    ] {
        let of_parts: Vec<&Emoji> = emoji
            .iter()
            .filter(|emoji| parts.contains(&emoji.part))
            .collect();
        let path = |kind: &str| folders.data.join(format!("{stem}-{kind}-ubyte.gz"));
        let (pixels, labels) = arrays(&of_parts);
        idx::write(
            &path("images-idx4"),
            &[labels.len(), SIZE, SIZE, 3],
            &pixels,
        )?;
        idx::write(&path("labels-idx1"), &[labels.len()], &labels)?;
        let sheet = folders.data.join(format!("{stem}.png"));
        contact_sheet::write(&sheet, &pixels, [SIZE, 3], 40)?;
    }
    for part in [Part::Training, Part::HeldOut, Part::Test] {
        let count = emoji.iter().filter(|emoji| emoji.part == part).count();
        println!("{}: {count} images", part.name());
    }
    Ok(())
}

/// `[n, 32, 32, 3]` and `[n]`.
fn arrays(emoji: &[&Emoji]) -> (Vec<u8>, Vec<u8>) {
    let pixels = emoji.iter().flat_map(|emoji| &emoji.image).copied();
    let labels = emoji.iter().map(|emoji| emoji.label);
    (pixels.collect(), labels.collect())
}

/// Writes what the page fetches: the first set.
fn write_samples(
    folders: &DataFolders,
    emoji: &[Emoji],
    sets: &[IconSet],
    class_names: Vec<String>,
) -> Result<()> {
    let shipped: Vec<&Emoji> = emoji.iter().filter(|emoji| emoji.set == 0).collect();
    let (pixels, labels) = arrays(&shipped);
    let [images_file, labels_file] =
        ["images-idx4", "labels-idx1"].map(|kind| format!("emoji-{kind}-ubyte.gz"));
    let bytes = idx::write(
        &folders.samples.join(&images_file),
        &[labels.len(), SIZE, SIZE, 3],
        &pixels,
    )? + idx::write(
        &folders.samples.join(&labels_file),
        &[labels.len()],
        &labels,
    )?;
    let mut list = String::from("name\tcategory\tpart\n");
    for emoji in &shipped {
        let class = &class_names[usize::from(emoji.label)];
        list += &format!("{}\t{class}\t{}\n", emoji.name, emoji.part.name());
    }
    let path = folders.samples.join("emoji-names.tsv");
    fs::write(&path, list).with_context(|| format!("can't write {}", path.display()))?;
    let set = &sets[0];
    let card = DatasetCard {
        name: "emoji",
        title: "Emoji".into(),
        images: images_file,
        labels: labels_file,
        bytes,
        count: labels.len(),
        image: vec![SIZE, SIZE, 3],
        class_names,
        source: format!(
            "{} by {}, {}, in package @iconify-json/{} {}",
            set.title, set.author, set.source, SETS[0], set.version
        ),
        licence: set.licence.clone(),
        list: "emoji-names.tsv".into(),
        preparation: "Drawings without variants of skin tone, rendered on white; of drawings that hardly differ, one is \
                      kept. Related drawings, such as a man and a woman with the same occupation, are \
                      in one part. Training images come first, then those held out, then those of the test"
            .into(),
        command: "cargo run --release -p trainer --features svg -- prepare emoji".into(),
    };
    println!("samples: {} images, {bytes} bytes", card.count);
    card.write(&folders.samples)
}
