//! From Markdown to JSON.

mod blocks;
mod fields;
mod hooks;
mod html;
mod questions;

use crate::{Block, Chapter, Outline};
use anyhow::{Context as _, Result, bail, ensure};
use html::Typesetter;
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// Reads all chapters of a folder: the files whose names begin with a digit, in the order of their numbers.
///
/// # Errors
/// If a file cannot be read or converted, numbers are missing, or two questions have the same id.
pub fn read(folder: &Path) -> Result<Vec<Chapter>> {
    let typesetter = Typesetter::new()?;
    let mut chapters = Vec::new();
    for path in files(folder)? {
        let markdown = fs::read_to_string(&path)?;
        let chapter = blocks::chapter(&markdown, &typesetter)
            .with_context(|| format!("{}", path.display()))?;
        chapters.push(chapter);
    }
    let mut ids = BTreeSet::new();
    for (index, chapter) in chapters.iter().enumerate() {
        let Outline {
            number, questions, ..
        } = &chapter.outline;
        ensure!(*number == index + 1, "chapter {} is missing", index + 1);
        for id in questions.iter().flatten() {
            if !ids.insert(id) {
                bail!("two questions have the id {id}");
            }
        }
    }
    Ok(chapters)
}

/// Converts the chapters in `source` to `index.json`, an array of [`Outline`], and `chapter-N.json` in `target`.
///
/// # Errors
/// As [`read`], or if a file cannot be written.
pub fn write(source: &Path, target: &Path) -> Result<()> {
    let chapters = read(source)?;
    fs::create_dir_all(target)?;
    let outlines: Vec<_> = chapters.iter().map(|chapter| &chapter.outline).collect();
    fs::write(target.join("index.json"), serde_json::to_vec(&outlines)?)?;
    for chapter in &chapters {
        let name = format!("chapter-{}.json", chapter.outline.number);
        fs::write(target.join(name), serde_json::to_vec(chapter)?)?;
    }
    Ok(())
}

/// All figures of a chapter: number and name.
pub fn figures(chapter: &Chapter) -> impl Iterator<Item = (Option<usize>, &str)> {
    blocks_of(chapter).filter_map(|block| match block {
        Block::Figure { number, name, .. } => Some((*number, name.as_str())),
        _ => None,
    })
}

/// All blocks of a chapter.
pub fn blocks_of(chapter: &Chapter) -> impl Iterator<Item = &Block> {
    chapter.screens.iter().flat_map(|screen| &screen.blocks)
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("{}", folder.display()))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.ends_with(".md") && name.starts_with(|first: char| first.is_ascii_digit()) {
            files.push(path.clone());
        }
    }
    files.sort();
    Ok(files)
}
