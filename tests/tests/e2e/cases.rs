//! Runs a folder of cases, files as people bring them with their expected outcome, in the built page.
//!
//! The folder is not part of the repository: `ELBO_CASES=FOLDER cargo test -p tests --features e2e --test e2e cases --
//! --ignored --nocapture`. It has a `cases.json`; `crates/images/tests/cases.rs` describes its fields and runs the same
//! cases against the readers alone. Large files are in a second folder, `ELBO_BIG_CASES`; without it, the script `make.py` of
//! the folder makes them.

#![expect(clippy::disallowed_types, reason = "the test is native")]

use super::dataset::{wait_count, wait_saved};
use crate::{ensure_says, wait_for_digit};
use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};
use tests::browser::{Options, Tab, check, log_line};

/// Minimum mean correlation of images with the expected ones.
const MIN_CORRELATION: f64 = 0.85;
/// Longest time for the files of a case.
const PATIENCE: Duration = Duration::from_secs(120);

/// The labels with their counts, the boxes of a sheet, and whether all files were read.
const STATE: &str = "
    const find = (id) => document.querySelector(`[data-testid='${id}']`);
    const labels = [...document.querySelectorAll('.label-count')];
    return {
        reading: !!document.querySelector('.dataset-head .progress'),
        count: Number(find('dataset-count').textContent),
        labels: labels.map((e) => e.textContent.split(' × ')),
        boxes: document.querySelectorAll('.sheet-box').length,
        messages: ['error', 'file-notes'].map((id) => find(id)?.textContent ?? '').join(' '),
    };";

/// The pixels of the stored data set: one entry with the number of digits, their labels, their pixels; or an entry that
/// says which images are in which blocks.
const STORED: &str = "
    const opened = indexedDB.open('elbo-room');
    const result = (request) => new Promise((done) => { request.onsuccess = () => done(request.result); });
    const database = await result(opened);
    const get = (name) => result(database.transaction('blobs').objectStore('blobs').get(name));
    const bytes = await get('digits');
    const number = (at) => new DataView(bytes.buffer).getUint32(at, true);
    let pixels = [];
    if (number(0) === 0xffffffff) {
        const index = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + number(4))));
        for (const [block, start, count] of index.runs) {
            const images = await get(`digits/${block}`);
            pixels.push(...images.subarray(start * 784, (start + count) * 784));
        }
    } else {
        pixels = Array.from(bytes.subarray(4 + number(0)));
    }
    database.close();
    return pixels;";

#[tokio::test]
#[ignore = "needs a folder of cases, ELBO_CASES"]
async fn page_gives_the_expected_outcome_of_each_case() {
    let folder = std::env::var_os("ELBO_CASES").map(PathBuf::from);
    let folder = folder.expect("ELBO_CASES names the folder of cases");
    check(Options::default(), async |tab, _| {
        let text = fs::read(folder.join("cases.json")).context("the folder has cases.json")?;
        let cases: Value = serde_json::from_slice(&text)?;
        let cases = cases["cases"].as_array().context("a list of cases")?;
        let (mut failed, mut run) = (Vec::new(), 0);
        let mut big = std::env::var_os("ELBO_BIG_CASES").map(PathBuf::from);
        for case in cases.iter().filter(|case| case["kind"] == "data") {
            let id = case["id"].as_str().unwrap_or_default();
            for part in case["parts"].as_array().into_iter().flatten() {
                run += 1;
                if part["big"] == json!(true) && big.is_none() {
                    big = Some(make_big(&folder)?);
                }
                let Some(files) = paths(&folder, big.as_deref(), &part["files"]) else {
                    failed.push(format!("{id} {}: a file is missing", part["files"]));
                    continue;
                };
                let start = Instant::now();
                let outcome = bring(tab, &folder, &files, &part["expected"]).await;
                clear(tab).await?;
                log_line(format!(
                    "{id} {}: {outcome:?} after {:.1?}",
                    part["files"],
                    start.elapsed()
                ));
                if let Err(reason) = outcome {
                    failed.push(format!("{id} {}: {reason:#}", part["files"]));
                }
            }
        }
        log_line(format!("{} of {run} parts hold", run - failed.len()));
        ensure!(run > 0, "the folder has no case of data");
        ensure!(failed.is_empty(), "{failed:#?}");
        Ok(())
    })
    .await;
}

/// Makes the files that are too large to keep, and gives their folder.
fn make_big(folder: &Path) -> Result<PathBuf> {
    let big = Path::new(env!("CARGO_TARGET_TMPDIR")).join("big-cases");
    let made = std::process::Command::new("python3")
        .arg(folder.join("make.py"))
        .arg("big")
        .arg(&big)
        .output()
        .context("python3 makes the large files")?;
    let errors = String::from_utf8_lossy(&made.stderr);
    ensure!(made.status.success(), "make.py big: {errors}");
    Ok(big)
}

/// The files of a case; `None` if one is missing.
fn paths(folder: &Path, big: Option<&Path>, names: &Value) -> Option<Vec<PathBuf>> {
    let path = |name: &Value| {
        let name = name.as_str()?;
        let folders = std::iter::once(folder).chain(big);
        folders
            .map(|folder| folder.join(name))
            .find(|path| path.is_file())
    };
    names.as_array()?.iter().map(path).collect()
}

/// Brings files to a page without images, and compares the outcome.
async fn bring(tab: &Tab, folder: &Path, files: &[PathBuf], expected: &Value) -> Result<()> {
    tab.open("?backend=flex&model=mnist-2d&tab=train").await?;
    wait_for_digit(tab).await?;
    tab.upload_paths("upload", files).await?;
    let state = tab
        .until_within(PATIENCE, "the files are read", async || {
            let state = state(tab).await?;
            let has_outcome = state["count"] != json!(0)
                || state["boxes"] != json!(0)
                || state["messages"] != json!(" ");
            Ok((has_outcome && state["reading"] == json!(false)).then_some(state))
        })
        .await?;
    match (
        compare(tab, folder, &state, expected).await,
        &expected["or"],
    ) {
        (Err(reason), other @ Value::Object(_)) => compare(tab, folder, &state, other)
            .await
            .with_context(|| format!("{reason:#}")),
        (outcome, _) => outcome,
    }
}

/// Removes the images of a case. Once they are stored, since a page that is opened meanwhile would restore them after its
/// first digit, among the images of the next case.
async fn clear(tab: &Tab) -> Result<()> {
    if state(tab).await?["count"] != json!(0) {
        wait_saved(tab).await?;
        tab.click("gallery-clear").await?;
        wait_count(tab, 0).await?;
        wait_saved(tab).await?;
    }
    Ok(())
}

async fn state(tab: &Tab) -> Result<Value> {
    tab.script(STATE, vec![]).await
}

async fn compare(tab: &Tab, folder: &Path, state: &Value, expected: &Value) -> Result<()> {
    if !expected["count"].is_null() && state["count"] != expected["count"] {
        bail!("{} images instead of {}", state["count"], expected["count"]);
    }
    let found = |name: &str| {
        let mut labels = state["labels"].as_array().into_iter().flatten();
        let label = labels.find(|label| label[0] == json!(name));
        label.and_then(|label| label[1].as_str()?.parse::<u64>().ok())
    };
    for (name, count) in expected["labels"].as_object().into_iter().flatten() {
        ensure!(
            found(name) == count.as_u64(),
            "{:?} images of class {name} instead of {count}",
            found(name)
        );
    }
    if let Some(count) = expected["unlabelled"].as_u64() {
        let unlabelled = found("no label").unwrap_or(0);
        ensure!(unlabelled == count, "{unlabelled} images without a label");
    }
    if !expected["sheet"].is_null() {
        ensure!(
            state["boxes"] == expected["sheet"],
            "a sheet of {} digits instead of {}",
            state["boxes"],
            expected["sheet"]
        );
        tab.click("sheet-add").await?;
        wait_count(tab, expected["sheet"].as_u64().unwrap_or(0) as usize).await?;
    }
    if let Some(looks) = expected["looks"].as_str() {
        let looks = fs::read(folder.join(looks))?;
        wait_saved(tab).await?;
        let stored = tab
            .script(&format!("return (async () => {{ {STORED} }})()"), vec![])
            .await?;
        let stored = stored.as_array().context("stored pixels")?;
        let stored: Vec<u8> = stored
            .iter()
            .filter_map(|p| u8::try_from(p.as_u64()?).ok())
            .collect();
        ensure!(stored.len() == looks.len(), "{} pixels", stored.len());
        let pairs = stored.chunks_exact(784).zip(looks.chunks_exact(784));
        let each: Vec<f64> = pairs.map(|(a, b)| correlation(a, b)).collect();
        let mean = each.iter().sum::<f64>() / each.len() as f64;
        ensure!(mean >= MIN_CORRELATION, "a mean correlation of {mean:.2}");
    }
    ensure_says(tab, &expected["message"]).await
}

/// The correlation of two images.
fn correlation(a: &[u8], b: &[u8]) -> f64 {
    let mean = |x: &[u8]| x.iter().map(|&p| f64::from(p)).sum::<f64>() / x.len() as f64;
    let (mean_a, mean_b) = (mean(a), mean(b));
    let (mut both, mut var_a, mut var_b) = (0.0, 0.0, 0.0);
    for (&p, &q) in a.iter().zip(b) {
        let (p, q) = (f64::from(p) - mean_a, f64::from(q) - mean_b);
        both += p * q;
        var_a += p * p;
        var_b += q * q;
    }
    both / (var_a * var_b).sqrt().max(f64::MIN_POSITIVE)
}
