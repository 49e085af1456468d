//! The map as a plane through many dimensions, with quantile axes or principal components, and the density of the
//! encoded images.

use crate::{CALM, wait_for_decoded, wait_for_digit};
use anyhow::{Context, Result, ensure};
use fantoccini::key::Key;
use serde_json::json;
use std::time::Duration;
use tests::browser::{Options, Tab, check, log_line};

/// Selects the canvas with the tiles.
const TILES: &str = "[data-testid='map-pictures']";
/// From −3 to 3.
const CELLS: usize = 16;

/// Where a tile is drawn on the canvas, and the coordinates of its centre, from −3 to 3.
fn cell(column: usize, row: usize) -> ([usize; 2], [f32; 2]) {
    let width = 6.0 / CELLS as f32;
    let x = (column as f32 + 0.5) * width - 3.0;
    let y = 3.0 - (row as f32 + 0.5) * width;
    ([column * 28, row * 28], [x, y])
}

#[tokio::test]
async fn map_slice_of_16d_contains_z() {
    check(Options::default(), async |tab, _| {
        tab.open("?backend=flex&model=mnist-16d&tab=explore&axes=7,4")
            .await?;
        tab.click("reset-z").await?;
        wait_for_digit(tab).await?;
        let plane_is_right = async |others: &[f32]| {
            for (column, row) in [(0, 0), (9, 12)] {
                let (at, [x, y]) = cell(column, row);
                let mut z = others.to_vec();
                (z[6], z[3]) = (x, y);
                wait_for_decoded(tab, TILES, at, ("mnist-16d", &z)).await?;
            }
            anyhow::Ok(())
        };
        plane_is_right(&tab.z().await?).await?;
        // Moving another dimension moves the plane.
        tab.set_z(8, 1.5).await?;
        let moved = tab.z().await?;
        ensure!(moved[8] == 1.5, "{moved:?}");
        plane_is_right(&moved).await?;

        // A press sets the plane's two dimensions and no other.
        tab.scroll_to("latent-plane").await?;
        tab.drag_in("latent-plane", &[(0.75, 0.25)], Duration::ZERO)
            .await?;
        tab.settled_pixels(CALM).await?;
        let z = tab.z().await?;
        ensure!(
            (z[6] - 1.5).abs() < 0.03 && (z[3] - 1.5).abs() < 0.03,
            "{z:?}"
        );
        let others = |z: &[f32]| -> Vec<f32> {
            let kept = z.iter().enumerate().filter(|(at, _)| ![3, 6].contains(at));
            kept.map(|(_, z)| *z).collect()
        };
        ensure!(others(&z) == others(&moved), "{z:?}");

        // Other axes can be chosen, and are part of the address.
        tab.set_value("map-across", "12").await?;
        tab.until("the address has the axes", async || {
            Ok(tab.url().await?.contains("axes=13,4").then_some(()))
        })
        .await
    })
    .await;
}

#[tokio::test]
async fn map_quantile_axes_show_equal_shares_of_the_prior() {
    check(Options::default(), async |tab, _| {
        tab.open("?backend=flex&model=mnist-2d&z=0,0&scale=quantile")
            .await?;
        wait_for_digit(tab).await?;
        // Φ⁻¹(1/32) and Φ⁻¹(21/32).
        const OUTERMOST: f32 = 1.862_731_9;
        const INNER: f32 = 0.402_250_1;
        for (column, row, z) in [
            (0, 0, [-OUTERMOST, OUTERMOST]),
            (15, 5, [OUTERMOST, INNER]),
            (10, 10, [INNER, -INNER]),
        ] {
            let (at, _) = cell(column, row);
            wait_for_decoded(tab, TILES, at, ("mnist-2d", &z)).await?;
        }
        // The upper quartile is at three quarters of the axis.
        tab.drag_in("latent-plane", &[(0.75, 0.25)], Duration::ZERO)
            .await?;
        tab.settled_pixels(CALM).await?;
        let z = tab.z().await?;
        ensure!(z.iter().all(|z| (z - 0.674_5).abs() < 0.02), "{z:?}");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn map_axes_can_be_principal_components() {
    check(Options::default(), async |tab, _| {
        tab.open("?backend=flex&model=mnist-16d&tab=explore&axes=pca")
            .await?;
        tab.click("reset-z").await?;
        wait_for_digit(tab).await?;
        // The page fetched the sample images for this.
        tab.wait_text("map-status", "all are encoded", |text| {
            text.starts_with("10000 of 10000")
        })
        .await?;
        let label = "return document.querySelector('.axis-label').textContent;";
        tab.until("the axes are principal components", async || {
            let label = tab.script(label, vec![]).await?;
            Ok((label.as_str().map(str::trim) == Some("PC 1")).then_some(()))
        })
        .await?;
        // By keyboard, because a click would pick one of the points.
        tab.press("latent-plane", Key::Home, 1).await?;
        tab.press("latent-plane", Key::Right, 12).await?;
        tab.settled_pixels(CALM).await?;
        let z = tab.z().await?;
        let length: f32 = z.iter().map(|z| z * z).sum::<f32>().sqrt();
        log_line(format!("z on the first principal axis: {z:?}"));
        ensure!(
            (length - 1.2).abs() < 0.02,
            "a direction of length 1: {length}"
        );
        let moved = z.iter().filter(|z| z.abs() > 0.05).count();
        ensure!(moved > 2, "it is not an axis of z: {z:?}");

        tab.click("map-density-on").await?;
        let share = tab
            .until("the density is drawn", async || share_drawn(tab).await)
            .await?;
        log_line(format!("share of the density that is drawn: {share:.2}"));
        Ok(())
    })
    .await;
}

/// The share of the density's pixels that are painted, once both a light and a hatched part occur.
async fn share_drawn(tab: &Tab) -> Result<Option<f64>> {
    let found = tab
        .script(
            "const e = document.querySelector(\"[data-testid='map-density']\");
            if (!e || e.width !== 256) return [0, 0];
            const rgba = e.getContext('2d').getImageData(0, 0, 256, 256).data;
            const kinds = new Set();
            let count = 0;
            for (let row = 0; row < 256; row++) {
                for (let column = 0; column < 248; column += 8) {
                    // One period of the hatching.
                    const alpha = [...Array(8).keys()].map((k) => rgba[(row * 256 + column + k) * 4 + 3]);
                    if (Math.max(...alpha) > 60) {
                        count++;
                        kinds.add(Math.min(...alpha) === 0);
                    }
                }
            }
            return [count / (256 * 31), kinds.size];",
            vec![],
        )
        .await?;
    let share = found[0].as_f64().context("a number")?;
    Ok((found[1] == json!(2)).then_some(share))
}
