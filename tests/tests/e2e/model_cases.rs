//! Runs the cases of models of a folder in the built page: each file is dropped into the import, what its user knows is
//! answered, and the decoded images are compared with the expected ones.
//!
//! `ELBO_CASES=FOLDER cargo test -p tests --features e2e --test e2e model_cases -- --ignored --nocapture`. See
//! [`cases`](super::cases) for the folder.

#![expect(clippy::disallowed_types, reason = "the test is native")]

use crate::{CALM, ensure_says, wait_for_digit};
use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
    time::Instant,
};
use tests::browser::{Options, Tab, check, log_line};

/// The largest difference of a grey level: what is expected is rounded, and so is what the page draws.
const TOLERANCE: f64 = 2.5;
/// How far μ may be from the expected one, and the factor of σ: the picture is cropped anew.
const MU_TOLERANCE: f64 = 0.4;
const SIGMA_FACTOR: f64 = 1.6;

#[tokio::test]
#[ignore = "needs a folder of cases, ELBO_CASES"]
async fn page_imports_each_case_of_a_model() {
    let folder = std::env::var_os("ELBO_CASES").map(PathBuf::from);
    let folder = folder.expect("ELBO_CASES names the folder of cases");
    check(Options::default(), async |tab, _| {
        let text = fs::read(folder.join("cases.json")).context("the folder has cases.json")?;
        let cases: Value = serde_json::from_slice(&text)?;
        let cases = cases["cases"].as_array().context("a list of cases")?;
        let (mut failed, mut run) = (Vec::new(), 0);
        for case in cases.iter().filter(|case| case["kind"] == "weights") {
            let id = case["id"].as_str().unwrap_or_default();
            for part in case["parts"].as_array().into_iter().flatten() {
                run += 1;
                let start = Instant::now();
                let outcome = bring(tab, &folder, part).await;
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
        ensure!(run > 0, "the folder has no case of a model");
        ensure!(failed.is_empty(), "{failed:#?}");
        Ok(())
    })
    .await;
}

/// Imports the files of a part in a page of its own, and compares the outcome.
async fn bring(tab: &Tab, folder: &Path, part: &Value) -> Result<()> {
    tab.open("?backend=flex&model=mnist-16d&tab=explore")
        .await?;
    wait_for_digit(tab).await?;
    let names = part["files"].as_array().into_iter().flatten();
    let files: Vec<PathBuf> = names
        .filter_map(Value::as_str)
        .map(|name| folder.join(name))
        .collect();
    tab.upload_paths("import-weights", &files).await?;
    let expected = &part["expected"];
    let means = expected["means"].as_array();
    let has_report = tab
        .until("a report or an error is shown", async || {
            let report = tab.visible("import-report").await?;
            Ok((report || tab.visible("error").await?).then_some(report))
        })
        .await?;
    if !has_report {
        let or = &expected["or_message"];
        let messages = [&expected["message"], or];
        let messages = messages.into_iter().find(|messages| messages.is_array());
        let Some(messages) = messages else {
            bail!("it was not imported: {:?}", tab.text("error").await?);
        };
        return ensure_says(tab, messages).await;
    }
    ensure!(means.is_some(), "it was imported");
    choose(tab, &part["choose"]).await?;
    for mean in means.into_iter().flatten() {
        for (dimension, z) in numbers(&mean["z"]).into_iter().enumerate() {
            tab.set_z(dimension, z as f32).await?;
        }
        if let Some(label) = mean["label"].as_u64() {
            tab.click(&format!("label-{label}")).await?;
        }
        let wanted = numbers(&mean["pixels"]);
        let close = |found: &[u8]| {
            let pairs = found.iter().zip(&wanted);
            found.len() == wanted.len()
                && pairs
                    .into_iter()
                    .all(|(&found, wanted)| (f64::from(found) - wanted).abs() <= TOLERANCE)
        };
        tab.until(format!("the image at z = {}", mean["z"]), async || {
            Ok(tab.pixels().await?.filter(|found| close(found)).map(|_| ()))
        })
        .await?;
    }
    if expected["posterior"].is_object() {
        posterior(tab, folder, &expected["posterior"]).await?;
    }
    tab.click("import-undo").await
}

/// Answers what the user knows, where the page asks.
async fn choose(tab: &Tab, choose: &Value) -> Result<()> {
    let answers = [
        ("import-activation", choose["activation"].as_str()),
        ("import-head", choose["spread"].as_str()),
    ];
    for (id, answer) in answers {
        let Some(answer) = answer.filter(|_| !id.is_empty()) else {
            continue;
        };
        let answer = answer
            .replace("leaky", "leaky-relu")
            .replace("log_", "log-");
        if !tab.visible(id).await? || tab.value(id).await? == answer {
            continue;
        }
        tab.set_value(id, &answer).await?;
        tab.until(format!("{id} is {answer}"), async || {
            Ok((tab.value(id).await? == answer).then_some(()))
        })
        .await?;
    }
    Ok(())
}

/// Compares q(z|x) of a picture that is opened in Explore.
async fn posterior(tab: &Tab, folder: &Path, expected: &Value) -> Result<()> {
    let picture = folder.join(expected["picture"].as_str().context("a picture")?);
    tab.upload_paths("encode-upload", &[picture]).await?;
    // z, μ, ε·σ and so on, one row for each dimension.
    let script = "return [...document.querySelectorAll('.arithmetic tbody tr')].map((row) =>
        [...row.querySelectorAll('td')].map((cell) => Number(cell.textContent.replace('−', '-'))));";
    let [mu, sigma] = [numbers(&expected["mu"]), numbers(&expected["sigma"])];
    tab.until("q(z|x) is as expected", async || {
        let rows: Vec<Vec<f64>> =
            serde_json::from_value(tab.script(script, vec![]).await?).unwrap_or_default();
        let fits = rows.len() == mu.len()
            && rows
                .iter()
                .zip(mu.iter().zip(&sigma))
                .all(|(row, (mu, sigma))| {
                    row.len() >= 3
                        && (row[1] - mu).abs() <= MU_TOLERANCE
                        && (row[2] / sigma).max(sigma / row[2]) <= SIGMA_FACTOR
                });
        Ok(fits.then_some(()))
    })
    .await
    .context(json!({ "expected": expected }).to_string())?;
    tab.settled_pixels(CALM).await?;
    Ok(())
}

fn numbers(value: &Value) -> Vec<f64> {
    let values = value.as_array().into_iter().flatten();
    values.filter_map(Value::as_f64).collect()
}
