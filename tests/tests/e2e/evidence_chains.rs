//! Markov chains on the Evidence panel: their verdict, and where they are on the map.

use crate::wait_for_digit;
use anyhow::{Context as _, Result, ensure};
use tests::browser::{Options, Tab, check, log_line};

/// Opens the panel, and waits for quadrature or, in more dimensions, for the bounds.
async fn open(tab: &Tab, query: &str) -> Result<()> {
    tab.open(&format!("?backend=flex&tab=evidence&{query}"))
        .await?;
    wait_for_digit(tab).await?;
    tab.wait_text("summary-elbo", "shows the ELBO", |text| text.contains('±'))
        .await?;
    Ok(())
}

/// Puts z to 0, after it followed the encoder's mean, and starts a chain there.
async fn start_at_zero(tab: &Tab) -> Result<()> {
    tab.click("reset-z").await?;
    tab.until("z is 0", async || {
        Ok((tab.z().await? == [0.0, 0.0]).then_some(()))
    })
    .await?;
    tab.click("chain-begin").await
}

async fn number(tab: &Tab, test_id: &str) -> Result<f64> {
    let text = tab.text(test_id).await?.unwrap_or_default();
    let first = text.split_whitespace().next().unwrap_or_default();
    first
        .replace('−', "-")
        .parse()
        .with_context(|| format!("{test_id}: {text}"))
}

/// The default digit 3 has several modes: from z = 0, both kernels stay in a minor one, with many effective samples.
#[tokio::test]
async fn chain_in_a_wrong_mode_is_called_stuck() {
    check(Options::default(), async |tab, _| {
        open(tab, "model=mnist-2d").await?;
        start_at_zero(tab).await?;
        let verdict = tab
            .wait_text("chain-verdict", "names the other mode", |text| {
                text.contains("from the true mean: stuck in another mode")
            })
            .await?;
        let [found, exact] = [
            number(tab, "chain-mean-0").await?,
            number(tab, "exact-mean-0").await?,
        ];
        log_line(format!("{verdict} ({found}, exact {exact})"));
        ensure!((found - exact).abs() > 0.4, "{found} and {exact}");
        let distance: f64 = verdict
            .split_whitespace()
            .next()
            .and_then(|word| word.parse().ok())
            .context("a distance")?;
        let others = number(tab, "chain-mean-1").await? - number(tab, "exact-mean-1").await?;
        let expected = (found - exact).hypot(others);
        ensure!((distance - expected).abs() < 0.02, "{distance} {expected}");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn chains_from_the_prior_are_compared_by_r_hat() {
    check(Options::default(), async |tab, _| {
        open(tab, "model=mnist-16d").await?;
        tab.click("chain-begin").await?;
        tab.wait_text("chain-verdict", "does not reassure", |text| {
            text.contains("One chain cannot show") || text.contains("too few to judge")
        })
        .await?;
        tab.click("chain-begin-several").await?;
        tab.wait_text("chain-verdict", "compares the chains", |text| {
            text.starts_with("R̂ = ") || text.contains("too few to judge")
        })
        .await?;
        ensure!(number(tab, "chain-r-hat-0").await? > 0.9);
        let transitions = tab.text("chain-count").await?.unwrap_or_default();
        ensure!(transitions.contains("in each of 4 chains"), "{transitions}");
        Ok(())
    })
    .await;
}

/// The width and height of the drawn states in pixels, and whether they are in view.
const CHAIN: &str = "
    const map = document.querySelector(`[data-testid='latent-plane']`).getBoundingClientRect();
    const marks = [...document.querySelectorAll('.chain-dots, .chain-path circle')]
        .map((mark) => mark.getBoundingClientRect());
    if (marks.length < 2) return null;
    const left = Math.min(...marks.map((mark) => mark.left));
    const right = Math.max(...marks.map((mark) => mark.right));
    const top = Math.min(...marks.map((mark) => mark.top));
    const bottom = Math.max(...marks.map((mark) => mark.bottom));
    const within = left >= map.left - 1 && right <= map.right + 1 && top >= map.top - 1 && bottom <= map.bottom + 1;
    return [right - left, bottom - top, within];";

/// The longer side of the path, relative to the map.
const PATH_SHARE: &str = "
    const map = document.querySelector(`[data-testid='latent-plane']`).getBoundingClientRect();
    const { width, height } = document.querySelector('.chain-line').getBoundingClientRect();
    return Math.max(width, height) / map.width;";

#[tokio::test]
async fn chain_outside_the_view_extends_it_or_is_pointed_at() {
    check(Options::default(), async |tab, _| {
        // A view that does not contain z = 0, where the chain starts.
        open(tab, "model=mnist-2d&view=2,2,0.8").await?;
        start_at_zero(tab).await?;
        let seen = tab
            .until("the chain is in view", async || {
                let seen = tab.script(CHAIN, vec![]).await?;
                Ok(seen[2].as_bool().filter(|within| *within).map(|_| seen))
            })
            .await?;
        // Visible, however small the part of the map that it has visited.
        log_line(format!("width, height, in view: {seen}"));
        ensure!(seen[0].as_f64() > Some(6.0), "{seen}");
        tab.wait_text("chain-count", "has some transitions", |text| {
            text.replace(',', "")
                .parse::<u32>()
                .is_ok_and(|count| count > 500)
        })
        .await?;
        tab.click("chain-hold").await?;
        tab.click("chain-fit").await?;
        tab.until("the path fills the map", async || {
            let share = tab.script(PATH_SHARE, vec![]).await?;
            Ok(share.as_f64().filter(|share| (0.5..1.0).contains(share)))
        })
        .await?;
        ensure!(!tab.visible("chain-outside").await?);
        // Zooming to a z far away leaves an arrow towards the chain.
        tab.set_z(0, 2.5).await?;
        tab.type_text("latent-plane", "++++++").await?;
        tab.until("an arrow points to the chain", async || {
            Ok(tab.visible("chain-outside").await?.then_some(()))
        })
        .await?;
        Ok(())
    })
    .await;
}
