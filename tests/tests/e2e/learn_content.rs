//! What the chapters of Learn state about the included models, what they show before a prediction, and their layout for a
//! projector and on a phone.

use super::learn::{next_screen, open_place, parse, wait_for_live_values};
use crate::CALM;
use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use std::time::Duration;
use tests::browser::{Options, Tab, check, log_line};

/// The text of every element that shows this live value.
async fn live_texts(tab: &Tab, name: &str) -> Result<Vec<String>> {
    let script = "return [...document.querySelectorAll(`[data-live='${arguments[0]}']`)].map((e) => e.textContent);";
    // Quadrature refines its numbers.
    tab.settled(CALM, format!("{name} is computed"), async || {
        let texts = tab.script(script, vec![json!(name)]).await?;
        let texts: Vec<String> = serde_json::from_value(texts)?;
        let computed = !texts.is_empty() && texts.iter().all(|text| parse(text).is_some());
        Ok(computed.then_some(texts))
    })
    .await
}

/// The numbers of a text such as “−109.45 ± 0.01”.
fn with_error(text: &str) -> Option<(f64, f64)> {
    let (value, error) = text.split_once('±')?;
    Some((parse(value)?, parse(error)?))
}

#[tokio::test]
async fn learn_content_has_one_number_for_the_encoders_gap() {
    check(Options::default(), async |tab, _| {
        open_place(tab, "4.1").await?;
        let in_16 = live_texts(tab, "gap").await?;
        ensure!(in_16.len() == 1, "{in_16:?}");
        tab.click("learn-screen-3").await?;
        let bar = tab
            .wait_text("learn-gap-encoder", "is a number", |text| {
                parse(text).is_some()
            })
            .await?;
        ensure!(bar == format!("{} nats", in_16[0]), "{bar} and {in_16:?}");
        open_place(tab, "5.1").await?;
        let lines = live_texts(tab, "gap").await?;
        ensure!(
            lines.len() == 3 && lines.iter().all(|line| *line == in_16[0]),
            "{lines:?}"
        );
        // Another quadrature agrees, as the text says, to some thousandths.
        let mut precise = Vec::new();
        for name in ["gap_precise", "gap_integrated"] {
            let texts = live_texts(tab, name).await?;
            precise.push(texts.first().and_then(|text| parse(text)).context(name)?);
        }
        log_line(format!("gaps: {precise:?}"));
        ensure!((precise[0] - precise[1]).abs() < 0.01, "{precise:?}");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn learn_content_shows_likelihood_and_posterior_after_the_prediction() {
    check(Options::default(), async |tab, _| {
        open_place(tab, "2.3").await?;
        let can_press = |id: &str| {
            format!("const e = document.querySelector(`[data-testid='{id}']`); return !!e && !e.disabled;")
        };
        tab.until_script("the maps are computed", &can_press("learn-show-likelihood"))
            .await?;
        let drawn = "return ['learn-likelihood', 'learn-posterior'].map((id) => {
            const canvas = document.querySelector(`[data-testid='${id}']`).parentElement.querySelector('canvas');
            const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
            return data.some((value, i) => i % 4 === 3 && value > 0);
        });";
        ensure!(tab.script(drawn, vec![]).await? == json!([false, false]), "given away");
        let normalize = tab.script(&can_press("learn-normalize"), vec![]).await?;
        ensure!(normalize == json!(false), "the posterior can be shown before the likelihood");
        tab.click("learn-show-likelihood").await?;
        tab.until("the likelihood is drawn", async || {
            Ok((tab.script(drawn, vec![]).await? == json!([true, false])).then_some(()))
        })
        .await?;
        tab.click("learn-normalize").await?;
        tab.until("the posterior is drawn", async || {
            Ok((tab.script(drawn, vec![]).await? == json!([true, true])).then_some(()))
        })
        .await
    })
    .await;
}

/// Chapter 3 says that quadrature is exact to a few thousandths of a nat, and that in 20 dimensions 20,000 draws from the
/// prior give far too little, which the estimate's own error does not tell.
#[tokio::test]
async fn learn_content_states_true_numbers_about_the_evidence() {
    check(Options::default(), async |tab, _| {
        let all_drawn = |text: &str| text == "20,000";
        open_place(tab, "3.4").await?;
        tab.wait_text("prior-mc-count", "is 20,000", all_drawn)
            .await?;
        let exact = "const e = document.querySelector('.learn-figure .series.exact dd');
            return e && e.textContent.includes('±') && e.textContent;";
        let mut last = (0.0, 1.0);
        tab.until_within(Duration::from_secs(60), "log p(x) is exact", async || {
            let text = tab.script(exact, vec![]).await?;
            let text = text.as_str().unwrap_or_default();
            last = with_error(text).unwrap_or(last);
            Ok((last.1 < 0.005).then_some(()))
        })
        .await?;
        log_line(format!("2-D: {last:?}"));

        tab.open("?backend=flex&model=mnist-binary-20d&learn=3.4")
            .await?;
        next_screen(tab, None).await?;
        tab.wait_text("prior-mc-count", "is 20,000", all_drawn)
            .await?;
        let mut found = Vec::new();
        for id in ["log-px-prior-mc", "log-px-iwae"] {
            let text = tab
                .wait_text(id, "has an error", |text| text.contains('±'))
                .await?;
            found.push(with_error(&text).with_context(|| text.clone())?);
        }
        log_line(format!(
            "20-D, from the prior and with importance weights: {found:?}"
        ));
        let [(naive, error), (bound, bound_error)] = found[..] else {
            anyhow::bail!("{found:?}");
        };
        ensure!(naive < bound - 5.0, "20,000 draws are not far too few");
        ensure!(
            naive + 4.0 * error < bound - 4.0 * bound_error,
            "the error does say so"
        );
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn learn_content_has_the_height_of_a_projector() {
    check(Options::default(), async |tab, _| {
        let metrics = json!({ "width": 1024, "height": 768, "deviceScaleFactor": 1, "mobile": false });
        tab.cdp("Emulation.setDeviceMetricsOverride", metrics).await?;
        open_place(tab, "5.2").await?;
        tab.click("learn-present").await?;
        let places = "const rect = (s) => document.querySelector(s).getBoundingClientRect();
            const [stage, image, map, chapter] = ['.stage-box', '.canvas-box', '.plane-area', '.chapter'].map(rect);
            return { beside: stage.right <= chapter.left, top: chapter.top,
                bottoms: [image.bottom, map.bottom],
                wide: document.documentElement.scrollWidth - innerWidth };";
        tab.until("image and map are beside the chapter, and all are in view", async || {
            let found = tab.script(places, vec![]).await?;
            let bottoms: Vec<f64> = serde_json::from_value(found["bottoms"].clone())?;
            let fits = found["beside"] == json!(true)
                && found["top"].as_f64().is_some_and(|top| top < 60.0)
                && bottoms.iter().all(|bottom| *bottom <= 768.0)
                && found["wide"].as_f64().is_some_and(|wide| wide <= 0.0);
            Ok(fits.then_some(()))
        })
        .await?;
        // A model without a plane keeps its sliders.
        tab.open("?backend=flex&model=mnist-16d&learn=7.1").await?;
        next_screen(tab, None).await?;
        tab.click("learn-present").await?;
        tab.until("a slider is in view", async || {
            Ok(tab.visible("z-0").await?.then_some(()))
        })
        .await
    })
    .await;
}

#[tokio::test]
async fn learn_content_scrolls_nowhere_to_the_side_on_a_phone() {
    let options = Options {
        device: tests::browser::Device::Phone,
        ..Options::default()
    };
    check(options, async |tab, _| {
        for chapter in 1..=10 {
            tab.open(&format!("?backend=flex&learn={chapter}")).await?;
            next_screen(tab, None).await?;
            tab.click("learn-whole").await?;
            wait_for_live_values(tab).await?;
            // The row of digits is meant to scroll.
            let script =
                "return document.fonts.ready.then(() => [...document.querySelectorAll('.learn *')]
                .filter((e) => ['auto', 'scroll'].includes(getComputedStyle(e).overflowX)
                    && e.scrollWidth > e.clientWidth + 1 && !e.classList.contains('sample-digits'))
                .map((e) => `${e.tagName}.${e.className} ${e.textContent.slice(0, 60)}`));";
            let seen = tab.script(script, vec![]).await?;
            ensure!(seen == json!([]), "chapter {chapter}: {seen}");
        }
        Ok(())
    })
    .await;
}
