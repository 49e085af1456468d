//! Fetches the chapters when they are first needed.

use crate::dom::files::fetch_files;
use crate::features::learn::state::LearnState;
use course::{Chapter, Outline};
use leptos::prelude::*;
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// The list of chapters.
///
/// # Errors
///
/// Why it cannot be fetched or read.
pub(crate) async fn outlines(state: LearnState) -> Result<Arc<Vec<Outline>>, String> {
    if let Some(outlines) = state.outlines.get_untracked() {
        return Ok(outlines);
    }
    let outlines: Arc<Vec<Outline>> = Arc::new(fetch("learn/index.json").await?);
    state.outlines.set(Some(outlines.clone()));
    Ok(outlines)
}

/// A chapter.
///
/// # Errors
///
/// Why it cannot be fetched or read.
pub(crate) async fn chapter(state: LearnState, number: usize) -> Result<Arc<Chapter>, String> {
    let loaded = state
        .chapters
        .with_value(|chapters| chapters.get(&number).cloned());
    if let Some(chapter) = loaded {
        return Ok(chapter);
    }
    let chapter: Arc<Chapter> = Arc::new(fetch(&format!("learn/chapter-{number}.json")).await?);
    state.chapters.update_value(|chapters| {
        chapters.insert(number, chapter.clone());
    });
    Ok(chapter)
}

async fn fetch<T: DeserializeOwned>(path: &str) -> Result<T, String> {
    let files = fetch_files(&[path]).await?;
    let bytes = files.first().map(|file| file.bytes.as_slice());
    serde_json::from_slice(bytes.unwrap_or_default())
        .map_err(|error| format!("{path} could not be read ({error}). Reload the page."))
}
