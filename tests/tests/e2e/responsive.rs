//! Every panel with every included model at widths from a small phone to a projector: nothing is wider than the page,
//! no control is outside it, and nothing that has the focus is hidden below what is sticky.

use crate::{
    e2e::{
        dataset::{bars, wait_count},
        training::{wait_status, wait_step},
    },
    wait_for_digit,
};
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::{fs, time::Duration};
use tests::browser::{Options, Tab, check, dist, log_line};

/// Width and height of each viewport.
const VIEWPORTS: [(u32, u32); 8] = [
    (320, 640),
    (360, 740),
    (720, 900),
    (768, 1024),
    (1024, 768),
    (1280, 800),
    (1920, 1080),
    (2560, 1440),
];

/// Returns what is wrong, in words. Focuses all controls from the last to the first, as Shift+Tab does. The page follows
/// scroll events, which a browser sends with the next frame; sending them at once makes this test fast.
const PROBLEMS: &str = r#"
    const problems = [];
    const name = (e) => e.dataset?.testid || e.id || `${e.tagName}.${e.className} "${e.textContent.slice(0, 30)}"`;
    const controls = [...document.querySelectorAll(
        'input, select, button, textarea, summary, a[href], [tabindex="0"]')]
        .filter((e) => e.checkVisibility({ visibilityProperty: true }))
        .filter((e) => !e.disabled && !e.closest('[inert], fieldset:disabled') && e.tabIndex >= 0)
        .filter((e) => e.type !== 'file' && !e.matches('.skip-link, .visually-hidden'));
    const scrollsItself = (e) => {
        for (let box = e.parentElement; box && box !== document.body; box = box.parentElement) {
            if (['auto', 'scroll'].includes(getComputedStyle(box).overflowX)) return true;
        }
        return false;
    };
    // At the top, and with the stage as a strip.
    for (const top of [0, 1000]) {
        scrollTo(0, top);
        dispatchEvent(new Event('scroll'));
        const width = document.documentElement.scrollWidth;
        if (width > innerWidth) {
            const wide = [...document.querySelectorAll('main *, header *')]
                .filter((e) => e.checkVisibility() && e.getBoundingClientRect().right > innerWidth + 1);
            problems.push(`${width} px wide at ${scrollY}: ${wide.slice(0, 4).map(name)}`);
        }
        const [title, tools] = ['.name', '.model-tools'].map((e) => document.querySelector(e).getBoundingClientRect());
        if (title.right > tools.left && title.left < tools.right && title.bottom > tools.top && title.top < tools.bottom) {
            problems.push(`the picker covers the name at ${scrollY}: ${tools.left} < ${title.right}`);
        }
        for (const control of controls) {
            const at = control.getBoundingClientRect();
            if ((at.left < -1 || at.right > innerWidth + 1) && !scrollsItself(control)) {
                problems.push(`${name(control)} is outside at ${scrollY}: ${at.left} to ${at.right}`);
            }
        }
    }
    const covers = [...document.querySelectorAll('.stage-box, .image-frame, .tabs, .tour-place, .notice')];
    for (const control of controls.reverse()) {
        control.focus();
        dispatchEvent(new Event('scroll'));
        if (document.activeElement !== control) continue;
        const at = control.getBoundingClientRect();
        const x = Math.min(Math.max(at.left + at.width / 2, 1), innerWidth - 1);
        // The centre, or the visible part of a control that is higher than the viewport.
        const y = (Math.max(at.top, 0) + Math.min(at.bottom, innerHeight)) / 2;
        if (at.bottom <= 0 || at.top >= innerHeight) {
            problems.push(`${name(control)} is out of view at ${at.top}`);
            continue;
        }
        const drawn = document.elementFromPoint(x, y);
        const cover = covers.find((cover) => cover.contains(drawn) && !cover.contains(control));
        const inStage = control.closest('.stage') && drawn?.closest('.canvas-box, .plane-square');
        const hidden = cover || (inStage && !inStage.contains(control));
        if (hidden) problems.push(`${name(control)} is below ${name(hidden)}`);
    }
    document.activeElement.blur();
    scrollTo(0, 0);
    dispatchEvent(new Event('scroll'));
    return problems;"#;

fn models() -> Result<Vec<String>> {
    let list = fs::read_to_string(dist().join("weights/index.json"))?;
    let list: Value = serde_json::from_str(&list)?;
    let names = list.as_array().context("the catalog is a list")?.iter();
    Ok(names
        .filter_map(|entry| entry["name"].as_str().map(str::to_owned))
        .collect())
}

/// Opens a panel and fills it with what appears only for an image.
async fn open_panel(tab: &Tab, panel: &str) -> Result<()> {
    tab.click(&format!("tab-{panel}")).await?;
    let script = format!("return !!document.querySelector('#panel-{panel}')");
    tab.until_script(&format!("{panel} is open"), &script)
        .await?;
    match panel {
        "explore" => {
            let stroke = [(0.3, 0.3), (0.6, 0.4), (0.5, 0.8)];
            tab.drag_in("encode-pad", &stroke, Duration::from_millis(20))
                .await?;
            let posterior = "return !!document.querySelector('.arithmetic td')";
            tab.until_script("q(z|x) is shown", posterior).await?;
        }
        "evidence" => {
            let choose = "const digit = document.querySelector('.sample-digit'); digit?.click(); return !!digit;";
            tab.until_script("digits to choose from", choose).await?;
            tab.wait_text("elbo", "is a number", |text| {
                text.chars().any(|c| c.is_ascii_digit())
            })
            .await?;
        }
        _ => {}
    }
    Ok(())
}

async fn resize(tab: &Tab, (width, height): (u32, u32)) -> Result<()> {
    let metrics =
        json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
    tab.cdp("Emulation.setDeviceMetricsOverride", metrics)
        .await?;
    tab.painted().await
}

#[tokio::test]
async fn layout_holds_at_every_width_with_every_model_and_panel() {
    check(Options::default(), async |tab, _| {
        let mut found = Vec::new();
        let mut tried = 0;
        for model in models()? {
            tab.open(&format!("?backend=flex&model={model}")).await?;
            // Of any shape, grey or colour.
            let drawn = "return performance.getEntriesByName('first-digit').length > 0;";
            tab.until_script("the first image is drawn", drawn).await?;
            for panel in ["none", "explore", "train", "evidence", "learn"] {
                resize(tab, (1280, 800)).await?;
                if panel != "none" {
                    open_panel(tab, panel).await?;
                }
                for viewport in VIEWPORTS {
                    resize(tab, viewport).await?;
                    let problems = tab.script(PROBLEMS, vec![]).await?;
                    tried += 1;
                    for problem in problems.as_array().context("a list of problems")? {
                        found.push(format!("{model}, {panel}, {viewport:?}: {problem}"));
                    }
                }
            }
        }
        log_line(format!("{tried} combinations"));
        ensure!(
            found.is_empty(),
            "{} problems: {:#?}",
            found.len(),
            &found[..found.len().min(40)]
        );
        Ok(())
    })
    .await;
}

/// Beside those of [`VIEWPORTS`]: the edges of the page's layouts.
const EDGES: [(u32, u32); 5] = [(359, 740), (719, 900), (900, 800), (1000, 800), (1199, 800)];

/// Trains a little, and stops.
async fn run_and_stop(tab: &Tab) -> Result<()> {
    tab.open("?backend=flex&model=mnist-2d&tab=train").await?;
    wait_for_digit(tab).await?;
    tab.upload_files("upload", &[("bars-idx3-ubyte", &bars(60))])
        .await?;
    wait_count(tab, 60).await?;
    tab.click("train-start").await?;
    wait_step(tab, 20).await?;
    tab.click("train-stop").await?;
    wait_status(tab, "done").await?;
    // A run that was stopped is not done.
    tab.wait_text("run-summary", "says that it was stopped", |text| {
        text.contains("stopped") && !text.contains("done")
    })
    .await?;
    Ok(())
}

/// Fails if a panel has problems at any width.
async fn ensure_layout_holds_with_a_run(tab: &Tab) -> Result<()> {
    let mut found = Vec::new();
    for panel in ["train", "explore", "evidence", "learn", "none"] {
        resize(tab, (1280, 800)).await?;
        match panel {
            "train" => {}
            // A press on the tab of the open panel closes it.
            "none" => tab.click("tab-learn").await?,
            _ => open_panel(tab, panel).await?,
        }
        for viewport in VIEWPORTS.into_iter().chain(EDGES) {
            resize(tab, viewport).await?;
            ensure!(tab.visible("run-summary").await? || panel == "train");
            let problems = tab.script(PROBLEMS, vec![]).await?;
            for problem in problems.as_array().context("a list of problems")? {
                found.push(format!("{panel}, {viewport:?}: {problem}"));
            }
        }
    }
    ensure!(
        found.is_empty(),
        "{} problems: {:#?}",
        found.len(),
        &found[..found.len().min(40)]
    );
    Ok(())
}

#[tokio::test]
async fn layout_holds_at_every_width_with_a_run() {
    check(Options::default(), async |tab, _| {
        run_and_stop(tab).await?;
        ensure_layout_holds_with_a_run(tab).await
    })
    .await;
}

/// A notice stays until it is dismissed.
#[tokio::test]
async fn long_notice_covers_no_focused_control() {
    check(Options::default(), async |tab, _| {
        run_and_stop(tab).await?;
        tab.click("share").await?;
        tab.until("a notice is shown", async || {
            Ok(tab.visible("notice").await?.then_some(()))
        })
        .await?;
        ensure_layout_holds_with_a_run(tab).await
    })
    .await;
}

/// What is drawn where the buttons of z are, if it is not them.
const COVERED_BUTTONS: &str = r#"
    return ['sample-prior', 'reset-z'].map((id) => document.querySelector(`[data-testid=${id}]`)).filter((button) => {
        const at = button.getBoundingClientRect();
        const y = (at.top + at.bottom) / 2;
        if (y < 0 || y > innerHeight) return false;
        return [at.left + 4, at.right - 4].some((x) => !button.contains(document.elementFromPoint(x, y)));
    }).map((button) => `${button.dataset.testid} at ${scrollY}`);"#;

#[tokio::test]
async fn shrinking_map_never_covers_the_buttons_of_z() {
    check(Options::default(), async |tab, _| {
        tab.open("?backend=flex&model=mnist-2d&tab=evidence")
            .await?;
        wait_for_digit(tab).await?;
        open_panel_content(tab).await?;
        for viewport in [
            (720, 900),
            (768, 1024),
            (960, 900),
            (1024, 768),
            (1280, 800),
        ] {
            resize(tab, viewport).await?;
            for top in (0..700).step_by(20) {
                let scroll = format!("scrollTo(0, {top}); dispatchEvent(new Event('scroll'));");
                tab.script(&scroll, vec![]).await?;
                let covered = tab.script(COVERED_BUTTONS, vec![]).await?;
                ensure!(covered == json!([]), "{viewport:?}: {covered}");
            }
        }
        Ok(())
    })
    .await;
}

/// Waits until Evidence is long enough to scroll.
async fn open_panel_content(tab: &Tab) -> Result<()> {
    let long = "return document.documentElement.scrollHeight > 3000;";
    tab.until_script("the panel is filled", long).await?;
    Ok(())
}
