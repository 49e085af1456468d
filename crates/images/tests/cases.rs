//! Runs a folder of cases, files as people bring them with their expected outcome, against the readers.
//!
//! The folder is not part of the repository: `ELBO_CASES=FOLDER cargo test -p images --test cases -- --ignored --nocapture`.
//! It has a `cases.json`: cases of the kind `data` have parts, each with `files` and `expected` (`count`, `labels`,
//! `unlabelled`, `looks`, `message`, `sheet`, and `or` for another outcome that is as good). Large files are in a
//! second folder, `ELBO_BIG_CASES`; without it, the script `make.py` of the folder makes them.

#![expect(clippy::disallowed_types, reason = "the test is native")]

mod support;

use images::{NO_CLASS, ReadOptions, ReadResult};
use serde_json::Value;
use std::{
    path::{Path, PathBuf},
    time::Instant,
};
use support::read_all;

/// Minimum mean correlation of images with the expected ones.
const MIN_CORRELATION: f64 = 0.85;

#[test]
#[ignore = "needs a folder of cases, ELBO_CASES"]
fn read_files_gives_the_expected_outcome_of_each_case() {
    let folder = std::env::var_os("ELBO_CASES").map(PathBuf::from);
    let folder = folder.expect("ELBO_CASES names the folder of cases");
    let text = std::fs::read(folder.join("cases.json")).expect("the folder has cases.json");
    let cases: Value = serde_json::from_slice(&text).expect("JSON");
    let cases = cases["cases"].as_array().expect("a list of cases");
    let (mut failed, mut run) = (Vec::new(), 0);
    let mut big = std::env::var_os("ELBO_BIG_CASES").map(PathBuf::from);
    for case in cases.iter().filter(|case| case["kind"] == "data") {
        let id = case["id"].as_str().unwrap_or_default();
        for part in case["parts"].as_array().into_iter().flatten() {
            let names: Vec<&str> = part["files"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .collect();
            run += 1;
            if part["big"] == true && big.is_none() {
                big = Some(make_big(&folder));
            }
            let Some(files) = load(&folder, big.as_deref(), &names) else {
                failed.push(format!("{id} {names:?}: a file is missing"));
                continue;
            };
            let start = Instant::now();
            let read = read_all(&files, &ReadOptions::default());
            let time = start.elapsed();
            let outcome = check(&folder, &read, &part["expected"]);
            println!("{id} {names:?}: {outcome:?} after {time:.1?}");
            for message in read.problems.iter().chain(&read.notes) {
                println!("    {}: {}", message.file, message.reason);
            }
            if outcome.is_err() {
                failed.push(format!("{id} {names:?}: {outcome:?}"));
            }
        }
    }
    println!("{} of {run} parts hold", run - failed.len());
    assert!(run > 0, "the folder has no case of data");
    assert!(failed.is_empty(), "{failed:#?}");
}

/// Makes the files that are too large to keep, and gives their folder.
fn make_big(folder: &Path) -> PathBuf {
    let big = Path::new(env!("CARGO_TARGET_TMPDIR")).join("big-cases");
    let made = std::process::Command::new("python3")
        .arg(folder.join("make.py"))
        .arg("big")
        .arg(&big)
        .output()
        .expect("python3 makes the large files");
    let errors = String::from_utf8_lossy(&made.stderr);
    assert!(made.status.success(), "make.py big: {errors}");
    big
}

fn load<'n>(
    folder: &Path,
    big: Option<&Path>,
    names: &[&'n str],
) -> Option<Vec<(&'n str, Vec<u8>)>> {
    let load = |&name: &&'n str| {
        let bytes = std::fs::read(folder.join(name))
            .or_else(|error| big.map_or(Err(error), |big| std::fs::read(big.join(name))))
            .ok()?;
        Some((name.rsplit('/').next()?, bytes))
    };
    names.iter().map(load).collect()
}

fn check(folder: &Path, read: &ReadResult, expected: &Value) -> Result<&'static str, String> {
    let first = check_one(folder, read, expected);
    match (&expected["or"], first) {
        (Value::Object(_), Err(reason)) => check_one(folder, read, &expected["or"])
            .map(|_| "the other outcome")
            .map_err(|other| format!("{reason}; {other}")),
        (_, first) => first,
    }
}

fn check_one(folder: &Path, read: &ReadResult, expected: &Value) -> Result<&'static str, String> {
    let mut note = "as expected";
    if let Some(count) = expected["count"].as_u64() {
        let found = read.images.len() as u64;
        if found != count && found + read.undecoded.len() as u64 == count {
            note = "as expected, if the browser decodes it";
        } else if found != count {
            return Err(format!("{found} images instead of {count}"));
        }
    }
    for (name, count) in expected["labels"].as_object().into_iter().flatten() {
        let found = (0..read.images.len()).filter(|&i| read.class_name(i) == Some(name));
        let found = found.count() as u64;
        if Some(found) != count.as_u64() {
            return Err(format!("{found} images of class {name} instead of {count}"));
        }
    }
    if let Some(count) = expected["unlabelled"].as_u64() {
        let found = read
            .classes
            .iter()
            .filter(|&&class| class == NO_CLASS)
            .count();
        if found as u64 != count {
            return Err(format!("{found} images without a label instead of {count}"));
        }
    }
    if let Some(boxes) = expected["sheet"].as_u64() {
        let found = read
            .sheets
            .first()
            .map(|(_, sheet)| sheet.boxes().len() as u64);
        if found != Some(boxes) {
            return Err(format!("a sheet of {found:?} digits instead of {boxes}"));
        }
    }
    if let Some(looks) = expected["looks"].as_str() {
        let looks = std::fs::read(folder.join(looks)).map_err(|error| error.to_string())?;
        let pairs = read.images.iter().zip(looks.chunks_exact(784));
        let each: Vec<f64> = pairs.map(|(a, b)| correlation(a, b)).collect();
        let mean = each.iter().sum::<f64>() / each.len() as f64;
        if each.len() * 784 != looks.len() || mean < MIN_CORRELATION {
            return Err(format!(
                "{} images with a mean correlation of {mean:.2}",
                each.len()
            ));
        }
    }
    let mut said: Vec<String> = read
        .problems
        .iter()
        .chain(&read.notes)
        .map(|message| message.reason.to_lowercase())
        .collect();
    // What the page says if the browser fails.
    said.extend(
        read.undecoded
            .iter()
            .map(|image| image.advice().to_lowercase()),
    );
    for choices in expected["message"].as_array().into_iter().flatten() {
        let mut words = choices
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str);
        if !words.any(|word| said.iter().any(|text| text.contains(&word.to_lowercase()))) {
            return Err(format!("no message says {choices}"));
        }
    }
    Ok(note)
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
