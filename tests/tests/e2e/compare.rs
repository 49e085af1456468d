//! Two models side by side, and the table of the user's own models.

use crate::{CALM, ensure_same, wait_for_digit};
use anyhow::{Context, Result, ensure};
use serde_json::json;
use tests::{
    browser::{CAPTURE_SAVED_FILES, Options, Tab, check, dist},
    native_decode::native_decode,
};

async fn open(tab: &Tab) -> Result<()> {
    tab.open("?backend=flex&model=mnist-2d&tab=explore&z=0.5,-1")
        .await?;
    wait_for_digit(tab).await?;
    tab.until("the section is there", async || {
        Ok(tab.visible("compare").await?.then_some(()))
    })
    .await?;
    let script = "document.querySelector('[data-testid=compare] > summary').click();";
    tab.script(script, vec![]).await?;
    Ok(())
}

/// The number in a cell, without its error; `None` while it is computed.
async fn figure(tab: &Tab, id: &str) -> Result<Option<f64>> {
    let text = tab.text(id).await?.unwrap_or_default();
    let number = text.split([' ', '±']).next().unwrap_or_default();
    Ok(number.replace('−', "-").replace(',', "").parse().ok())
}

#[tokio::test]
async fn models_are_compared_for_the_same_z_and_image() {
    check(Options::default(), async |tab, _| {
        open(tab).await?;
        tab.set_value("compare-with", "mnist-16d").await?;
        let expected = |z: &[f32]| {
            let mut all = vec![0.0; 16];
            all[..2].copy_from_slice(z);
            native_decode(&dist().join("weights"), "mnist-16d", &all)
        };
        for z in [[0.5, -1.0], [-1.2, 0.4]] {
            for (dimension, value) in z.into_iter().enumerate() {
                tab.set_z(dimension, value).await?;
            }
            let expected = expected(&z)?;
            tab.until(format!("the second model's image at {z:?}"), async || {
                let selector = "[data-testid=compare-z-second]";
                let pixels = tab.canvas_pixels(selector, [0, 0]).await?;
                Ok(pixels.filter(|pixels| crate::difference(pixels, &expected, 2).1 == 0))
            })
            .await?;
        }
        let stage = tab.settled_pixels(CALM).await?;
        let first = tab.canvas_pixels("[data-testid=compare-z-first]", [0, 0]).await?;
        ensure_same("the first model's image", &first.context("drawn")?, &stage)?;

        let mut sums = Vec::new();
        for side in ["first", "second"] {
            let mut figures = Vec::new();
            for id in ["neg-elbo", "reconstruction", "kl", "bound"] {
                let id = format!("compare-{id}-{side}");
                let found = tab.until(&id, async || figure(tab, &id).await).await?;
                figures.push(found);
            }
            let [neg_elbo, reconstruction, kl, bound] = figures[..] else {
                unreachable!("four ids")
            };
            ensure!((neg_elbo - reconstruction - kl).abs() < 0.2, "{figures:?}");
            ensure!(bound > -neg_elbo - 0.2, "a bound is at least the ELBO: {figures:?}");
            sums.push(neg_elbo);
        }
        ensure!(sums[1] < sums[0], "16 dimensions explain a digit better than 2: {sums:?}");
        for side in ["first", "second"] {
            let script = format!(
                "return document.querySelectorAll('[data-testid=compare-kl-bars-{side}] .kl-row').length"
            );
            let bars = tab.script(&script, vec![]).await?;
            ensure!(bars == json!(if side == "first" { 2 } else { 16 }), "{side}: {bars}");
        }
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn own_models_are_listed_sorted_and_saved_as_csv() {
    let options = Options {
        before_page: Some(CAPTURE_SAVED_FILES),
        ..Options::default()
    };
    check(options, async |tab, _| {
        open(tab).await?;
        ensure!(tab.visible("own-models-none").await?);
        for (name, weights, card) in [
            (
                "two",
                &include_bytes!("../../../weights/mnist-2d.safetensors")[..],
                &include_bytes!("../../../weights/mnist-2d.json")[..],
            ),
            (
                "sixteen",
                &include_bytes!("../../../weights/mnist-16d.safetensors")[..],
                &include_bytes!("../../../weights/mnist-16d.json")[..],
            ),
        ] {
            let files = [
                (&*format!("{name}.safetensors"), weights),
                (&*format!("{name}.json"), card),
            ];
            tab.upload_files("import-weights", &files).await?;
            tab.until("it is imported", async || {
                Ok((tab.value("model").await? == name).then_some(()))
            })
            .await?;
            tab.click("import-keep").await?;
        }
        tab.click("own-models-sort-latent_size").await?;
        let names =
            "return [...document.querySelectorAll('[data-testid=own-models-table] tbody th')]
            .map((cell) => cell.textContent);";
        tab.until("the smaller one is first", async || {
            let names = tab.script(names, vec![]).await?;
            Ok((names == json!(["two", "sixteen"])).then_some(()))
        })
        .await?;
        tab.click("own-models-csv").await?;
        let files = tab
            .until("the table is saved", async || {
                let files = tab.saved_files().await?;
                Ok((!files.is_empty()).then_some(files))
            })
            .await?;
        let (name, bytes) = files.first().context("a file")?;
        let text = String::from_utf8_lossy(bytes);
        let lines: Vec<_> = text.lines().collect();
        ensure!(name == "models.csv" && lines.len() == 3, "{name}: {text}");
        ensure!(lines[1].starts_with("two,2,"), "{text}");
        Ok(())
    })
    .await;
}
