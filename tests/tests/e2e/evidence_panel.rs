//! The Evidence panel as a whole: its summary and contents, the bars, the chart, and the parts of the gap.

use crate::wait_for_digit;
use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use tests::browser::{Device as Screen, Options, Tab, check, log_line};

async fn open(tab: &Tab, model: &str) -> Result<()> {
    tab.open(&format!("?backend=flex&model={model}&tab=evidence"))
        .await?;
    wait_for_digit(tab).await?;
    tab.wait_text(
        "prior-mc-count",
        "counts all samples from the prior",
        |text| text == "20,000",
    )
    .await?;
    Ok(())
}

/// The first number of an element's text, and the one after ±.
async fn with_error(tab: &Tab, test_id: &str) -> Result<(f64, f64)> {
    let text = tab.text(test_id).await?.unwrap_or_default();
    let (value, error) = text
        .split_once(" ± ")
        .with_context(|| format!("{test_id} has no error: {text}"))?;
    let parse = |text: &str| -> Result<f64> {
        let text = text.trim_start_matches('≥').trim().replace('−', "-");
        text.parse().with_context(|| format!("{test_id}: {text}"))
    };
    Ok((parse(value)?, parse(error)?))
}

#[tokio::test]
async fn gap_parts_add_up_and_estimates_have_errors() {
    check(Options::default(), async |tab, _| {
        open(tab, "mnist-2d").await?;
        for digit in [None, Some(4), Some(7)] {
            if let Some(digit) = digit {
                let before = tab.text("elbo").await?;
                tab.click(&format!("evidence-digit-{digit}")).await?;
                // The estimates of another digit begin with nothing.
                tab.until("the ELBO of another digit", async || {
                    let now = tab.text("elbo").await?.filter(|text| !text.is_empty());
                    Ok((now.is_some() && now != before).then_some(()))
                })
                .await?;
            }
            tab.wait_text("gap-shape", "is computed", |text| text.contains('±'))
                .await?;
            let gap = tab.text("gap-integrated").await?.unwrap_or_default();
            let gap: f64 = gap.parse()?;
            let mut parts = [(0.0, 0.0); 3];
            for (part, id) in parts
                .iter_mut()
                .zip(["gap-shift", "gap-scale", "gap-shape"])
            {
                *part = with_error(tab, id).await?;
            }
            let sum: f64 = parts.iter().map(|(value, _)| value).sum();
            let error = parts[0].1;
            log_line(format!("digit {digit:?}: {parts:?} of {gap}"));
            ensure!((sum - gap).abs() < 0.01 + error, "{sum} and {gap}");
            ensure!(error < 0.02, "the error is {error}");
            ensure!(parts.iter().all(|(value, _)| *value > -error), "{parts:?}");
            let (amortization, _) = with_error(tab, "gap-amortization").await?;
            ensure!((amortization - parts[0].0 - parts[1].0).abs() < 0.003);
        }
        let caption = tab.text("gap-caption").await?.unwrap_or_default();
        ensure!(
            caption.contains("Most of the gap is due to the"),
            "{caption}"
        );
        let dashed =
            "return document.querySelectorAll(`[data-testid='best-gaussian'] path`).length";
        ensure!(tab.script(dashed, vec![]).await? == json!(1));
        for id in ["log-px-iwae", "log-px-prior-mc", "elbo", "posterior-gap"] {
            let (_, error) = with_error(tab, id).await?;
            ensure!(error < 1.0, "{id}: ± {error}");
        }
        let note = tab.text("bound-note").await?.unwrap_or_default();
        ensure!(note.contains("may exceed the exact value"), "{note}");
        Ok(())
    })
    .await;
}

/// Texts of the bars that are cut, and the width of the magnified gap relative to its bar.
const BARS: &str = "
    const bars = document.querySelector(`[data-testid='bound-bars']`);
    const cut = [...bars.querySelectorAll('.bar-name, .bar-value')]
        .filter((text) => text.scrollWidth > text.clientWidth + 1 && getComputedStyle(text).display !== 'inline')
        .map((text) => text.textContent);
    const last = [...bars.querySelectorAll('.bound-bar')].at(-1);
    const gap = [...last.querySelectorAll('.gap')]
        .reduce((sum, part) => sum + part.getBoundingClientRect().width, 0);
    return [cut, gap / last.getBoundingClientRect().width, bars.textContent];";

#[tokio::test]
async fn bars_magnify_the_gap_and_cut_no_text_and_the_chart_begins_at_one_sample() {
    for device in [Screen::Desktop, Screen::Phone] {
        let options = Options {
            device,
            ..Options::default()
        };
        check(options, async |tab, _| {
            open(tab, "mnist-2d").await?;
            let seen = tab.script(BARS, vec![]).await?;
            log_line(format!("cut texts, share of the gap: {seen}"));
            ensure!(seen[0] == json!([]), "{seen}");
            ensure!(seen[1].as_f64() > Some(0.08), "{seen}");
            let text = seen[2].as_str().unwrap_or_default();
            for name in ["−ELBO", "−log p(x)", "KL(q ‖ p(z))", "gap"] {
                ensure!(text.contains(name), "{name}: {text}");
            }
            // The curve of the naive estimate is on the chart from n = 1 on.
            let line = "return document.querySelector(`[data-testid='naive-chart'] .line.naive`).getAttribute('d')";
            let line = tab.script(line, vec![]).await?;
            let line = line.as_str().unwrap_or_default().trim_start_matches('M');
            let points: Vec<(f64, f64)> = line
                .split('L')
                .filter_map(|point| {
                    let (x, y) = point.split_once(' ')?;
                    Some((x.parse().ok()?, y.parse().ok()?))
                })
                .collect();
            ensure!(points.len() > 20 && points[0].0 == 0.0, "{points:?}");
            ensure!(
                points.iter().all(|(_, y)| (0.0..=400.0).contains(y)),
                "{points:?}"
            );
            Ok(())
        })
        .await;
    }
}

/// Whether the summary's image and numbers are in view and not covered, and where a section's heading is.
const SUMMARY: &str = "
    const seen = (element) => {
        const { left, right, top, bottom } = element.getBoundingClientRect();
        const at = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
        return top >= 0 && bottom <= innerHeight && (at === element || element.contains(at));
    };
    const find = (id) => document.querySelector(`[data-testid='${id}']`);
    const heading = document.querySelector(`#${arguments[0]} h3`);
    return [seen(find('summary-image')), seen(find('summary-elbo')), seen(find('summary-evidence')), seen(heading)];";

#[tokio::test]
async fn summary_and_contents_stay_in_view_and_lead_to_each_section() {
    for device in [Screen::Desktop, Screen::Phone] {
        let options = Options {
            device,
            ..Options::default()
        };
        check(options, async |tab, _| {
            open(tab, "mnist-2d").await?;
            for section in [
                "evidence-naive",
                "evidence-jensen",
                "evidence-mcmc",
                "evidence-elbo",
            ] {
                let follow = format!(
                    "document.querySelector(`.evidence-contents a[href='#{section}']`).click()"
                );
                tab.script(&follow, vec![]).await?;
                tab.until(
                    format!("{section} and the summary are in view"),
                    async || {
                        let seen = tab.script(SUMMARY, vec![json!(section)]).await?;
                        Ok((seen == json!([true, true, true, true])).then_some(()))
                    },
                )
                .await?;
            }
            let current =
                "return document.querySelector(`.evidence-contents [aria-current]`).textContent";
            tab.until("the contents mark the section", async || {
                let current = tab.script(current, vec![]).await?;
                Ok((current == json!("ELBO")).then_some(()))
            })
            .await?;
            Ok(())
        })
        .await;
    }
}

#[tokio::test]
async fn compute_all_runs_everything_and_announces_each_result() {
    check(Options::default(), async |tab, _| {
        open(tab, "mnist-2d").await?;
        tab.click("evidence-compute-all").await?;
        let sentences = [
            "Evidence computed: the ELBO is",
            "Gradient estimated:",
            "Markov chain stopped after 2,500 transitions. ",
            "Images encoded: 2 of 2 dimensions are active.",
        ];
        let read =
            "return [...document.querySelectorAll(`[data-testid='evidence-announcements'] p`)]
            .map((sentence) => sentence.textContent).join('\\n')";
        let text = tab
            .until("all runs are announced", async || {
                let text = tab.script(read, vec![]).await?;
                let text = text.as_str().unwrap_or_default().to_owned();
                let all = sentences.iter().all(|sentence| text.contains(sentence));
                Ok(all.then_some(text))
            })
            .await?;
        log_line(&text);
        // One sentence for each run.
        ensure!(text.lines().count() == sentences.len(), "{text}");
        let polite = "const log = document.querySelector(`[data-testid='evidence-announcements']`);
            return [log.getAttribute('role'), log.getAttribute('aria-live')]";
        ensure!(tab.script(polite, vec![]).await? == json!(["log", "polite"]));
        ensure!(tab.visible("chain-verdict").await? && tab.visible("active-units").await?);
        ensure!(tab.visible("ratio-score").await?);
        tab.wait_text("evidence-compute-all", "can be pressed again", |text| {
            text == "Compute all"
        })
        .await?;
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn headings_of_the_panel_are_in_order() {
    check(Options::default(), async |tab, _| {
        open(tab, "mnist-2d").await?;
        let levels = tab
            .script(
                "return [...document.querySelectorAll('.panel :is(h1, h2, h3, h4)')].map((h) => h.tagName)",
                vec![],
            )
            .await?;
        let levels: Vec<String> = serde_json::from_value(levels)?;
        log_line(levels.join(" "));
        ensure!(levels.first().is_some_and(|first| first == "H2"), "{levels:?}");
        ensure!(
            levels.len() > 9 && levels[1..].iter().all(|level| level == "H3"),
            "{levels:?}"
        );
        Ok(())
    })
    .await;
}
