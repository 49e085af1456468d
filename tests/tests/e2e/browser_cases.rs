//! Runs the cases of a folder that are about the browser: a translator, a lost connection to the storage, a dropped folder, a
//! tab in the background. Their scripts are not part of the repository: `ELBO_CASES=FOLDER cargo test -p tests --features e2e
//! --test e2e browser_cases -- --ignored --nocapture`.

use super::{
    dataset::{bars, wait_count, wait_saved},
    training::{step, wait_status, wait_step},
};
use crate::wait_for_digit;
use anyhow::{Context, Result, ensure};
use serde_json::json;
use std::{fs, path::PathBuf, time::Duration};
use tests::browser::{Options, Tab, check, log_line};

/// How long the tab is in the background.
const HIDDEN: Duration = Duration::from_secs(15);

fn folder() -> PathBuf {
    let folder = std::env::var_os("ELBO_CASES").map(PathBuf::from);
    folder.expect("ELBO_CASES names the folder of cases")
}

fn script(name: &str) -> Result<String> {
    let path = folder().join(name);
    fs::read_to_string(&path).with_context(|| path.display().to_string())
}

async fn open_train(tab: &Tab) -> Result<()> {
    tab.open("?backend=flex&model=mnist-2d&z=0,0&tab=train")
        .await?;
    wait_for_digit(tab).await?;
    Ok(())
}

async fn add(tab: &Tab, count: usize, total: usize) -> Result<()> {
    tab.upload_files("upload", &[("bars-idx3-ubyte", &bars(count))])
        .await?;
    wait_count(tab, total).await
}

async fn start_training(tab: &Tab) -> Result<()> {
    add(tab, 200, 200).await?;
    tab.click("train-start").await?;
    wait_status(tab, "running").await?;
    wait_step(tab, 5).await?;
    Ok(())
}

#[tokio::test]
#[ignore = "needs a folder of cases, ELBO_CASES"]
async fn b01_translated_page_goes_on_changing() {
    let options = Options {
        // The translator sets styles that the page's policy blocks.
        expects_errors: true,
        ..Options::default()
    };
    check(options, async |tab, _| {
        open_train(tab).await?;
        start_training(tab).await?;
        tab.script(&script("B01/translate.js")?, vec![]).await?;
        let translated = "return document.querySelectorAll('font').length > 50";
        tab.until_script("the page is translated", translated)
            .await?;
        let before = step(tab).await?;
        wait_step(tab, before + 50).await?;
        let loss = tab.text("train-loss").await?;
        tab.until("the loss changes", async || {
            Ok((tab.text("train-loss").await? != loss).then_some(()))
        })
        .await?;
        tab.set_z(0, -1.1).await?;
        let caption = "return document.querySelector('.caption-z').textContent.includes('−1.10')";
        tab.until_script("the caption shows z", caption).await?;
        for panel in ["explore", "evidence", "learn", "train"] {
            tab.click(&format!("tab-{panel}")).await?;
            let opened = format!(
                "return document.querySelector('main').dataset.panel === '{panel}' \
                 && document.querySelector('.panel').innerText.length > 100"
            );
            tab.until_script("the panel opens", &opened).await?;
        }
        ensure!(!tab.visible("error").await?, "the page stops");
        Ok(())
    })
    .await;
}

#[tokio::test]
#[ignore = "needs a folder of cases, ELBO_CASES"]
async fn b04_images_are_kept_after_a_lost_connection() {
    let before_page = script("B04/lost.js").expect("the case has its script");
    let options = Options {
        before_page: Some(before_page.leak()),
        ..Options::default()
    };
    check(options, async |tab, _| {
        open_train(tab).await?;
        add(tab, 3, 3).await?;
        wait_saved(tab).await?;
        let lost = tab.script("return loseIndexedDb()", vec![]).await?;
        ensure!(lost != json!(0), "there is no connection");
        add(tab, 2, 5).await?;
        wait_saved(tab).await?;
        tab.reload().await?;
        wait_for_digit(tab).await?;
        wait_count(tab, 5).await
    })
    .await;
}

#[tokio::test]
#[ignore = "needs a folder of cases, ELBO_CASES"]
async fn b08_folder_is_labelled_by_its_folders() {
    check(Options::default(), async |tab, _| {
        open_train(tab).await?;
        tab.drop_paths("upload", &[folder().join("B08/digits")])
            .await?;
        wait_count(tab, 10).await?;
        let labels =
            "return [...document.querySelectorAll('.label-counts b')].map((e) => e.textContent);";
        let labels = tab.script(labels, vec![]).await?;
        let expected: Vec<_> = (0..10).map(|digit| digit.to_string()).collect();
        ensure!(labels == json!(expected), "the labels are {labels}");
        Ok(())
    })
    .await;
}

#[tokio::test]
#[ignore = "needs a folder of cases, ELBO_CASES"]
async fn b10_training_goes_on_behind_other_tabs() {
    check(Options::default(), async |tab, _| {
        open_train(tab).await?;
        tab.set_value("train-patience", "").await?;
        start_training(tab).await?;
        let start = step(tab).await?;
        tokio::time::sleep(HIDDEN).await;
        let hidden_from = step(tab).await?;
        tab.script(&script("B10/hidden.js")?, vec![]).await?;
        tokio::time::sleep(HIDDEN).await;
        let hidden_until = step(tab).await?;
        tab.script("showAgain()", vec![]).await?;
        let (shown, hidden) = (hidden_from - start, hidden_until - hidden_from);
        log_line(format!("{shown} steps while shown, {hidden} while hidden"));
        ensure!(2 * hidden > shown, "training is slower in the background");
        Ok(())
    })
    .await;
}
