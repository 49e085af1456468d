//! A change of model: every view of a model shows the new one.

use crate::{CALM, difference, wait_for_digit};
use anyhow::{Context, Result, ensure};
use burn::tensor::Device;
use serde_json::json;
use tests::{
    browser::{Options, Tab, check, dist, log_line},
    native_decode::{decode_with, model_in},
};
use vae::Vae;

const MODELS: [&str; 5] = [
    "mnist-2d",
    "mnist-16d",
    "mnist-conditional",
    "mnist-binary-2d",
    "mnist-binary-20d",
];

/// Waits until a part of a canvas shows what this model decodes from z, with label 0 if it has labels.
async fn shows(tab: &Tab, canvas: &str, at: [usize; 2], model: &Vae, z: &[f32]) -> Result<()> {
    let mut condition = vec![0.0; model.classes()];
    condition.iter_mut().take(1).for_each(|first| *first = 1.0);
    let expected = decode_with(model, z, &condition)?;
    tab.until(format!("{canvas} shows z {z:?} at {at:?}"), async || {
        let found = tab.canvas_pixels(canvas, at).await?;
        Ok(found.and_then(|found| (difference(&found, &expected, 2).1 == 0).then_some(())))
    })
    .await
}

/// The dimensions whose traversals are shown.
async fn shown_traversals(tab: &Tab) -> Result<Vec<usize>> {
    let script = "return [...document.querySelectorAll('.traversals .strip')]
        .filter((e) => !e.closest('details'))
        .map((e) => Number(e.dataset.testid.replace('traversal-', '')));";
    Ok(serde_json::from_value(tab.script(script, vec![]).await?)?)
}

/// Checks the stage, the traversals, the map, a pin and the preview of the latent arithmetic.
async fn all_views_show(tab: &Tab, name: &str, model: &Vae, column: usize) -> Result<()> {
    let size = model.latent_size();
    tab.until(format!("{name} is current"), async || {
        let current = tab.value("model").await? == name;
        Ok((current && tab.z().await?.len() == size).then_some(()))
    })
    .await?;
    let z = tab.z().await?;
    shows(tab, "[data-testid='decoded']", [0, 0], model, &z).await?;

    let rows = shown_traversals(tab).await?;
    ensure!(!rows.is_empty(), "{name} has traversals");
    for row in &rows {
        let canvas = format!("[data-testid='traversal-{row}'] canvas");
        let mut z = z.clone();
        *z.get_mut(*row).context("a dimension of the model")? = column as f32 * 0.6 - 3.0;
        shows(tab, &canvas, [column * 28, 0], model, &z).await?;
    }

    // The tile at the upper left, at −2.8125 and 2.8125. The axes are the first two traversals; those of a
    // two-dimensional model are not sorted.
    let axes = match size {
        2 => [0, 1],
        _ => [rows[0], rows[1]],
    };
    let mut corner = z.clone();
    (corner[axes[0]], corner[axes[1]]) = (-2.8125, 2.8125);
    shows(tab, "[data-testid='map-pictures']", [0, 0], model, &corner).await?;

    tab.until("a pin of this model", async || {
        // Pins of a model of another size were removed.
        if !tab.visible("pin-0").await? {
            tab.click("pin-add").await?;
        }
        Ok(tab.visible("pin-0").await?.then_some(()))
    })
    .await?;
    shows(tab, "[data-testid='pin-0'] canvas", [0, 0], model, &z).await?;
    Ok(())
}

#[tokio::test]
async fn model_switch_redraws_all_views_for_all_pairs_of_models() {
    check(Options::default(), async |tab, _| {
        let device = Device::flex();
        let models = MODELS.map(|name| model_in(&dist().join("weights"), name, &device));
        tab.open("?backend=flex&model=mnist-2d&tab=explore").await?;
        wait_for_digit(tab).await?;
        tab.click("reset-z").await?;
        let model_of = |index: usize| models[index].as_ref().ok().context("an included model");
        all_views_show(tab, MODELS[0], model_of(0)?, 0).await?;
        // Steps of one, two, three and four models around the circle make each ordered pair once.
        let mut pairs = 0;
        for step in 1..MODELS.len() {
            let mut at = 0;
            for _ in 0..MODELS.len() {
                at = (at + step) % MODELS.len();
                tab.set_value("model", MODELS[at]).await?;
                all_views_show(tab, MODELS[at], model_of(at)?, (pairs * 10) % 11).await?;
                pairs += 1;
            }
            log_line(format!("{pairs} switches"));
        }
        ensure!(pairs == MODELS.len() * (MODELS.len() - 1));
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn model_switch_during_a_drag_redraws_the_traversals() {
    check(Options::default(), async |tab, _| {
        let device = Device::flex();
        tab.open("?backend=flex&model=mnist-2d&tab=explore").await?;
        wait_for_digit(tab).await?;
        // z changes while batches are pending, and the model in the midst of it.
        for (from, to) in [("mnist-2d", "mnist-binary-20d"), ("mnist-conditional", "mnist-16d")] {
            tab.set_value("model", from).await?;
            tab.script(
                "const slider = () => document.querySelector(\"[data-testid='z-0']\");
                const set = (e, value, kind) => {
                    Object.getOwnPropertyDescriptor(Object.getPrototypeOf(e), 'value').set.call(e, value);
                    e.dispatchEvent(new Event(kind, { bubbles: true }));
                };
                let frame = 0;
                const move = () => {
                    set(slider(), String(Math.sin(frame / 5)), 'input');
                    if (frame === 10) {
                        set(document.querySelector(\"[data-testid='model']\"), arguments[0], 'change');
                    }
                    if (++frame < 60) requestAnimationFrame(move);
                };
                move();",
                vec![json!(to)],
            )
            .await?;
            let model = model_in(&dist().join("weights"), to, &device)?;
            tab.until(format!("{to} is current"), async || {
                Ok((tab.z().await?.len() == model.latent_size()).then_some(()))
            })
            .await?;
            tab.settled_pixels(CALM).await?;
            all_views_show(tab, to, &model, 10).await?;
        }
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn model_switch_encodes_the_points_again() {
    check(Options::default(), async |tab, _| {
        tab.open("?backend=flex&model=mnist-2d&tab=explore&z=0,0")
            .await?;
        wait_for_digit(tab).await?;
        tab.set_value("map-points-of", "mnist").await?;
        let mut seen = Vec::new();
        for model in ["mnist-2d", "mnist-binary-2d", "mnist-16d", "mnist-2d"] {
            tab.set_value("model", model).await?;
            // A digest of the painted points, once all are encoded; that of each model is its own.
            let digest = tab
                .until(format!("all points of {model} are encoded"), async || {
                    let current = tab.value("model").await? == model;
                    let done = tab
                        .text("map-status")
                        .await?
                        .is_some_and(|t| t.starts_with("10000 of"));
                    let painted = tab.script(
                        "const e = document.querySelector(\"[data-testid='map-points']\");
                        const rgba = e.getContext('2d').getImageData(0, 0, e.width, e.height).data;
                        let digest = 0;
                        for (let i = 0; i < rgba.length; i += 4) {
                            digest = (digest * 31 + rgba[i] + rgba[i + 1] + rgba[i + 3]) % 1000003;
                        }
                        return digest;",
                        vec![],
                    );
                    let painted = painted.await?;
                    let is_new = seen.last() != Some(&painted) || seen.is_empty();
                    Ok((current && done && is_new).then_some(painted))
                })
                .await?;
            log_line(format!("{model}: {digest}"));
            seen.push(digest);
        }
        ensure!(
            seen[0] == seen[3],
            "the first model’s points are back: {seen:?}"
        );
        ensure!(
            seen[0] != seen[1],
            "models of the same size differ: {seen:?}"
        );
        Ok(())
    })
    .await;
}
