//! Latent traversals, and the order of the dimensions.

use crate::{CALM, ensure_same, wait_for_decoded, wait_for_digit};
use anyhow::{Context, Result, ensure};
use fantoccini::key::Key;
use serde_json::json;
use std::time::Duration;
use tests::{
    browser::{Device, Options, Tab, check, dist},
    native_decode::native_decode,
};

/// Waits until a column of a strip shows what the decoder gives natively, with the other dimensions as in `z`.
async fn column_is_right(tab: &Tab, dimension: usize, column: usize, z: &[f32]) -> Result<()> {
    let mut z = z.to_vec();
    *z.get_mut(dimension).context("there is such a dimension")? = column as f32 * 0.6 - 3.0;
    let canvas = format!("[data-testid='traversal-{dimension}'] canvas");
    wait_for_decoded(tab, &canvas, [column * 28, 0], ("mnist-16d", &z)).await
}

#[tokio::test]
async fn traversals_show_and_set_each_dimension() {
    for device in [Device::Desktop, Device::Phone] {
        let options = Options {
            device,
            ..Options::default()
        };
        check(options, async |tab, _| {
            tab.open("?backend=flex&model=mnist-16d&tab=explore")
                .await?;
            tab.click("reset-z").await?;
            wait_for_digit(tab).await?;
            let z = tab.z().await?;
            column_is_right(tab, 7, 0, &z).await?;
            column_is_right(tab, 12, 8, &z).await?;

            // A click at 1.8 sets the dimension; the decoded image is then the strip's.
            let at = f64::from((1.8_f32 + 3.3) / 6.6);
            tab.drag_in("traversal-12", &[(at, 0.5)], Duration::ZERO)
                .await?;
            tab.settled_pixels(CALM).await?;
            let now = tab.z().await?;
            ensure!((now[12] - 1.8).abs() < 0.06, "z is {now:?}");
            ensure_same(
                "the stage",
                &tab.settled_pixels(CALM).await?,
                &native_decode(&dist().join("weights"), "mnist-16d", &now)?,
            )?;
            // The other strips are decoded again.
            column_is_right(tab, 7, 3, &now).await?;

            tab.press("traversal-12", Key::Left, 2).await?;
            let then = tab.z().await?;
            ensure!((then[12] - (now[12] - 0.2)).abs() < 0.011, "{then:?}");
            Ok(())
        })
        .await;
    }
}

#[tokio::test]
async fn traversals_are_ordered_by_kl_and_collapsed_ones_are_hidden() {
    check(Options::default(), async |tab, _| {
        tab.open("?backend=flex&model=mnist-16d&tab=explore").await?;
        wait_for_digit(tab).await?;
        let card = std::fs::read_to_string(dist().join("weights/mnist-16d.json"))?;
        let card: serde_json::Value = serde_json::from_str(&card)?;
        let kl: Vec<f64> = serde_json::from_value(card["test"]["kl_per_dimension"].clone())?;
        let mut order: Vec<usize> = (0..kl.len()).filter(|&i| kl[i] >= 0.01).collect();
        order.sort_by(|&a, &b| kl[b].total_cmp(&kl[a]));
        let ids = async |prefix: &str, folded: bool| -> Result<Vec<String>> {
            let script = "return [...document.querySelectorAll(`[data-testid^='${arguments[0]}']`)]
                .filter((e) => /-\\d+$/.test(e.dataset.testid) && !!e.closest('details') === arguments[1])
                .map((e) => e.dataset.testid);";
            let found = tab.script(script, vec![json!(prefix), json!(folded)]).await?;
            Ok(serde_json::from_value(found)?)
        };
        for prefix in ["z-", "traversal-"] {
            let expected: Vec<_> = order.iter().map(|i| format!("{prefix}{i}")).collect();
            let found = ids(prefix, false).await?;
            ensure!(found == expected, "{found:?} in place of {expected:?}");
            let folded = ids(prefix, true).await?.len();
            ensure!(folded + order.len() == kl.len(), "{folded} are folded away");
        }
        Ok(())
    })
    .await;
}
