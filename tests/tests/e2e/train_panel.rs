//! The Train panel: its steps and its bar, how runs end, and what can be done with a trained model.

use crate::{
    e2e::{
        dataset::{bars, wait_count, wait_saved},
        training::{step, wait_status, wait_step},
    },
    wait_for_digit,
};
use anyhow::{Result, ensure};
use fantoccini::key::Key;
use serde_json::json;
use tests::browser::{CAPTURE_SAVED_FILES, Device, Options, Tab, check, log_line};

/// Opens the panel with this many images.
async fn open_with_images(tab: &Tab, count: usize) -> Result<()> {
    tab.open("?backend=flex&model=mnist-2d&tab=train").await?;
    wait_for_digit(tab).await?;
    tab.upload_files("upload", &[("bars-idx3-ubyte", &bars(count))])
        .await?;
    wait_count(tab, count).await
}

/// Starts a run, and ends it after some steps.
async fn train_a_little(tab: &Tab) -> Result<()> {
    tab.click("train-latent-2").await?;
    tab.click("train-start").await?;
    wait_step(tab, 10).await?;
    tab.click("train-stop").await?;
    wait_status(tab, "done").await
}

async fn text(tab: &Tab, id: &str) -> Result<String> {
    Ok(tab.text(id).await?.unwrap_or_default())
}

/// Opens the advanced settings.
const OPEN_SETTINGS: &str = "document.querySelector(\"[data-testid='train-more']\").open = true";

#[tokio::test]
async fn train_panel_says_that_a_stopped_run_is_not_complete() {
    check(Options::default(), async |tab, _| {
        open_with_images(tab, 60).await?;
        tab.script(OPEN_SETTINGS, vec![]).await?;
        // Far more than the run makes.
        tab.set_value("train-seconds", "").await?;
        tab.set_value("train-steps", "100000").await?;
        train_a_little(tab).await?;
        tab.wait_text("train-progress", "says that it was stopped", |text| {
            text.starts_with("stopped at ")
        })
        .await?;
        let bar = "return document.querySelector('.train [role=progressbar]');";
        let seen = tab
            .script(
                &format!(
                    "const bar = (() => {{ {bar} }})();
                    return [bar.ariaValueNow, bar.ariaValueText, document.querySelector('.train').innerText];"
                ),
                vec![],
            )
            .await?;
        log_line(format!("bar at {} %: {}", seen[0], seen[1]));
        let now: u32 = seen[0].as_str().unwrap_or("100").parse()?;
        ensure!(now < 100, "the bar is at {now} %");
        ensure!(seen[1].as_str().is_some_and(|text| text.starts_with("stopped")));
        let visible = seen[2].as_str().unwrap_or_default();
        ensure!(!visible.contains("100 %"), "{visible}");
        tab.wait_text("train-announcement", "announces the end", |text| {
            text.starts_with("Training: stopped") && text.contains("per cent")
        })
        .await?;
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn train_panel_holds_out_two_of_fifteen_images_and_names_its_loss() {
    check(Options::default(), async |tab, _| {
        open_with_images(tab, 15).await?;
        tab.script(OPEN_SETTINGS, vec![]).await?;
        tab.wait_text("train-held-out-note", "says how many", |text| {
            text == "2 of 15 images"
        })
        .await?;
        train_a_little(tab).await?;
        let facts = text(tab, "train-facts").await?;
        ensure!(facts.contains("13 training images, 2 held out"), "{facts}");
        let source = text(tab, "train-loss-source").await?;
        ensure!(source.trim() == "held out", "{source}");
        let result = text(tab, "result-loss").await?;
        ensure!(result.ends_with("on 2 held-out images"), "{result}");

        tab.set_value("train-held-out", "0").await?;
        tab.wait_text("train-held-out-note", "warns", |text| {
            text.contains("says nothing about new ones")
        })
        .await?;
        train_a_little(tab).await?;
        let source = text(tab, "train-loss-source").await?;
        ensure!(source.contains("training batch"), "{source}");
        let result = text(tab, "result-loss").await?;
        ensure!(result.contains("training batch"), "{result}");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn train_panel_draws_single_batches_as_dots_and_explains_augmentation() {
    check(Options::default(), async |tab, _| {
        open_with_images(tab, 60).await?;
        tab.click("train-start").await?;
        wait_step(tab, 10).await?;
        tab.click("train-pause").await?;
        wait_status(tab, "paused").await?;
        // By then the page has received, and stored, all that the run has sent.
        wait_saved(tab).await?;
        let dots = async || -> Result<u64> {
            let script = "const dots = document.querySelector('.chart .dots.neg-elbo');
                return dots.getAttribute('d').split('h0').length - 1;";
            Ok(tab.script(script, vec![]).await?.as_u64().unwrap_or(0))
        };
        let step_once = async || -> Result<()> {
            let made: u64 = text(tab, "train-step").await?.parse()?;
            tab.click("train-step-once").await?;
            wait_step(tab, made + 1).await?;
            wait_status(tab, "paused").await
        };
        // The first report after the pause may be a mean that includes steps before it.
        step_once().await?;
        wait_saved(tab).await?;
        let before = dots().await?;
        for _ in 0..2 {
            step_once().await?;
        }
        tab.until("two more batches are dots", async || {
            Ok((dots().await? >= before + 2).then_some(()))
        })
        .await?;
        let note = text(tab, "train-loss-note").await?;
        ensure!(note.contains("held-out images are not"), "{note}");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn train_panel_keeps_its_bar_in_view_and_has_two_columns() {
    let steps = "return [...document.querySelectorAll('.step-title')].map((e) => e.innerText.replace(/\\s+/g, ' '));";
    let columns = "const left = (id) => document.querySelector(`[data-testid=${id}]`).getBoundingClientRect().left;
        return [left('train-beta'), left('train-warm-up')];";
    let labels =
        "return [...document.querySelectorAll('.train label, .train .segments-head > span')]
        .filter((e) => e.checkVisibility() && e.innerText.startsWith('Latent size')).length;";
    for device in [Device::Desktop, Device::Phone] {
        let options = Options {
            device,
            ..Options::default()
        };
        check(options, async move |tab, _| {
            tab.open("?backend=flex&model=mnist-2d&tab=train").await?;
            wait_for_digit(tab).await?;
            // A link to a panel shows its beginning, on a phone below the strip. The map is larger above it.
            tab.script("scrollTo({ top: 0, behavior: 'instant' })", vec![])
                .await?;
            tab.until("the map is large enough for its labels", async || {
                let map = tab.bounds("latent-plane").await?;
                Ok((map.width >= 300.0).then_some(()))
            })
            .await?;
            let steps = tab.script(steps, vec![]).await?;
            ensure!(
                steps == json!(["1 Images", "2 Model", "3 Train"]),
                "{steps}"
            );
            tab.click("train-origin-scratch").await?;
            tab.script(OPEN_SETTINGS, vec![]).await?;
            let named = tab.script(labels, vec![]).await?;
            ensure!(named == 1, "the latent size is named {named} times");
            if device == Device::Desktop {
                let columns = tab.script(columns, vec![]).await?;
                ensure!(columns[0] != columns[1], "the settings are in one column");
            }
            let height = tab.script("return innerHeight", vec![]).await?;
            for field in [
                "train-name",
                "train-hidden",
                "train-seed",
                "train-patience",
                "forget",
            ] {
                let to_the_end = "document.querySelector(`[data-testid='${arguments[0]}']`)
                    .scrollIntoView({ block: 'end', behavior: 'instant' });";
                tab.script(to_the_end, vec![json!(field)]).await?;
                let button = tab.bounds("train-start").await?;
                ensure!(
                    button.y >= 0.0 && Some(button.y + button.height) <= height.as_f64(),
                    "beside {field}, Train is out of view at {button:?}"
                );
                let control = tab.bounds(field).await?;
                ensure!(
                    control.y + control.height <= button.y,
                    "{field} at {control:?} is under the bar at {button:?}"
                );
            }
            Ok(())
        })
        .await;
    }
}

#[tokio::test]
async fn train_panel_offers_the_trained_model_and_renames_it_everywhere() {
    let options = Options {
        before_page: Some(CAPTURE_SAVED_FILES),
        ..Options::default()
    };
    check(options, async |tab, _| {
        open_with_images(tab, 60).await?;
        train_a_little(tab).await?;
        let trained = tab.value("model").await?;
        ensure!(text(tab, "result-name").await? == trained);

        // A name that is taken is refused, and nothing changes.
        tab.click("result-rename").await?;
        tab.set_value("result-rename-name", "mnist-2d").await?;
        tab.click("result-rename-save").await?;
        tab.until("the name is refused", async || {
            let problem = "return document.getElementById('result-rename-problem').innerText;";
            let problem = tab.script(problem, vec![]).await?;
            Ok(problem.as_str().is_some_and(|text| text.contains("already")).then_some(()))
        })
        .await?;
        ensure!(tab.value("model").await? == trained);

        let z = tab.z().await?;
        tab.set_value("result-rename-name", "Streifen_1").await?;
        tab.click("result-rename-save").await?;
        tab.until("the picker has the new name", async || {
            Ok((tab.value("model").await? == "Streifen_1").then_some(()))
        })
        .await?;
        ensure!(text(tab, "result-name").await? == "Streifen_1");
        let facts = text(tab, "train-facts").await?;
        ensure!(facts.contains("“Streifen_1”"), "{facts}");
        ensure!(tab.z().await? == z, "z stays");
        tab.until("the address has the new name", async || {
            Ok(tab.url().await?.contains("model=Streifen_1").then_some(()))
        })
        .await?;
        tab.click("result-download").await?;
        let files = tab
            .until("two files are saved", async || {
                let files = tab.saved_files().await?;
                Ok((files.len() == 2).then_some(files))
            })
            .await?;
        for (name, bytes) in &files {
            ensure!(name.starts_with("Streifen_1."), "{name}");
            if name.ends_with(".json") {
                let card: serde_json::Value = serde_json::from_slice(bytes)?;
                ensure!(card["name"] == "Streifen_1", "the card has {}", card["name"]);
            }
        }

        wait_saved(tab).await?;
        tab.reload().await?;
        wait_for_digit(tab).await?;
        let own = "return [...document.querySelectorAll('[data-testid=own-models] option')].map((e) => e.value);";
        tab.until("the storage has the new name only", async || {
            Ok((tab.script(own, vec![]).await? == json!(["Streifen_1"])).then_some(()))
        })
        .await?;
        ensure!(tab.value("model").await? == "Streifen_1");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn train_panel_leads_from_the_result_to_the_other_panels() {
    check(Options::default(), async |tab, _| {
        open_with_images(tab, 60).await?;
        train_a_little(tab).await?;
        let trained = tab.value("model").await?;
        for (button, panel) in [
            ("result-explore", "panel-explore"),
            ("result-evidence", "panel-evidence"),
        ] {
            tab.set_value("model", "mnist-16d").await?;
            tab.until("another model is in use", async || {
                Ok((tab.z().await?.len() == 16).then_some(()))
            })
            .await?;
            tab.click(button).await?;
            tab.until(format!("{panel} is open"), async || {
                let script = format!("return !!document.getElementById('{panel}');");
                Ok((tab.script(&script, vec![]).await? == true).then_some(()))
            })
            .await?;
            tab.until("the trained model is selected", async || {
                Ok((tab.value("model").await? == trained).then_some(()))
            })
            .await?;
            tab.click("tab-train").await?;
        }
        // By keyboard: the question has the focus on what changes nothing, and Escape takes it back.
        let focus = async |what: &str, expression: &str| {
            let script = format!("const focused = document.activeElement; return {expression};");
            tab.until_script(what, &script).await
        };
        tab.press("result-delete", Key::Enter, 1).await?;
        focus("“Cancel” has the focus", "focused.textContent === 'Cancel'").await?;
        tab.script(
            "document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }))",
            vec![],
        )
        .await?;
        focus(
            "the button has the focus again",
            "focused.dataset.testid === 'result-delete'",
        )
        .await?;
        tab.click("result-delete").await?;
        tab.press("result-delete-confirm", Key::Enter, 1).await?;
        focus("the panel has the focus", "focused.id === 'panel-train'").await?;
        tab.until("its card is gone", async || {
            let script = "return !document.querySelector('[data-testid=train-result]');";
            Ok((tab.script(script, vec![]).await? == true).then_some(()))
        })
        .await?;
        ensure!(tab.value("model").await? == "mnist-2d");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn train_panel_has_no_kl_of_a_run_of_an_earlier_visit() {
    check(Options::default(), async |tab, _| {
        open_with_images(tab, 60).await?;
        train_a_little(tab).await?;
        wait_saved(tab).await?;
        tab.reload().await?;
        wait_for_digit(tab).await?;
        let chart = "return !!document.querySelector('[data-testid=train-chart]');";
        tab.until_script("its chart is restored", chart).await?;
        // It would say that no dimension has collapsed.
        ensure!(!tab.visible("train-kl").await?, "a chart without values");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn train_panel_continues_a_stopped_run() {
    check(Options::default(), async |tab, _| {
        open_with_images(tab, 60).await?;
        tab.script(OPEN_SETTINGS, vec![]).await?;
        tab.set_value("train-seconds", "").await?;
        tab.set_value("train-steps", "100000").await?;
        train_a_little(tab).await?;
        let stopped_at = step(tab).await?;
        let name = text(tab, "result-name").await?;
        tab.click("result-continue").await?;
        wait_status(tab, "running").await?;
        wait_step(tab, stopped_at + 20).await?;
        tab.click("train-stop").await?;
        wait_status(tab, "done").await?;
        let again = text(tab, "result-name").await?;
        ensure!(again == name, "{again} instead of {name}");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn train_panel_trains_for_log_p_x_of_two_dimensions() {
    check(Options::default(), async |tab, _| {
        tab.open("?backend=flex&tab=train").await?;
        wait_for_digit(tab).await?;
        tab.upload_files("upload", &[("bars-idx3-ubyte", &bars(60))])
            .await?;
        wait_count(tab, 60).await?;
        tab.script(
            "document.querySelector('[data-testid=train-more]').open = true",
            vec![],
        )
        .await?;
        tab.click("train-origin-scratch").await?;
        tab.click("train-latent-8").await?;
        tab.set_value("train-objective", "exact").await?;
        // Quadrature over eight dimensions is impossible, and β has no place in log p(x).
        let rejected = "return document.body.textContent.includes('needs a latent size of 1 or 2')";
        tab.until_script("the objective is rejected", rejected)
            .await?;
        ensure!(!tab.visible("train-beta").await?, "β is shown");
        tab.click("train-latent-2").await?;
        tab.click("train-start").await?;
        wait_step(tab, 20).await?;
        tab.wait_text("train-objective-value", "has a number", |text| {
            text.contains("−log p(x)") && text.chars().any(|c| c.is_ascii_digit())
        })
        .await?;
        tab.click("train-stop").await?;
        wait_status(tab, "done").await
    })
    .await;
}
