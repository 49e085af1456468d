//! The Explore panel: an image is encoded.

use crate::{CALM, ensure_same, wait_for_digit};
use anyhow::{Context, Result, ensure};
use serde_json::json;
use std::time::Duration;
use tests::{
    browser::{Device, Options, Tab, check, dist, log_line},
    native_decode::{native_decode, native_encode},
};

/// A one, a little slanted.
const ONE: [(f64, f64); 4] = [(0.58, 0.18), (0.54, 0.4), (0.48, 0.6), (0.44, 0.82)];
const SEVEN: [(f64, f64); 4] = [(0.25, 0.22), (0.72, 0.22), (0.6, 0.5), (0.42, 0.82)];

async fn draw(tab: &Tab, points: &[(f64, f64)]) -> Result<()> {
    tab.drag_in("encode-pad", points, Duration::from_millis(40))
        .await
}

/// The encoder's input, once the image has settled.
async fn encoded(tab: &Tab) -> Result<Vec<u8>> {
    tab.settled_pixels(CALM).await?;
    let image = tab.grey_values("encoded-image").await?;
    image.context("there is an encoded image")
}

/// Whether two latent vectors are equal up to `within`.
fn near(found: &[f32], expected: &[f32], within: f32) -> bool {
    let near = |(a, b): (&f32, &f32)| (a - b).abs() <= within;
    found.len() == expected.len() && found.iter().zip(expected).all(near)
}

#[tokio::test]
async fn encoder_encodes_a_drawing_and_z_moves_to_mu() {
    for device in [Device::Desktop, Device::Phone] {
        let options = Options {
            device,
            ..Options::default()
        };
        check(options, async |tab, _| {
            tab.open("?backend=flex&model=mnist-2d&z=2,2&tab=explore")
                .await?;
            wait_for_digit(tab).await?;
            ensure!(!tab.visible("posterior").await?, "nothing is encoded yet");
            draw(tab, &ONE).await?;
            tab.until("q(z|x) lies on the plane", async || {
                Ok(tab.visible("posterior").await?.then_some(()))
            })
            .await?;
            let image = encoded(tab).await?;
            let weights = dist().join("weights");
            let [mu, sigma] = native_encode(&weights, "mnist-2d", &image)?;
            log_line(format!("μ {mu:?}, σ {sigma:?}"));
            let z = tab.z().await?;
            ensure!(near(&z, &mu, 0.006), "z is at {z:?}, μ natively {mu:?}");
            ensure_same(
                "the stage and the reconstruction",
                &tab.settled_pixels(CALM).await?,
                &native_decode(&weights, "mnist-2d", &z)?,
            )?;
            // The ellipses of two σ and one σ are drawn to the plane's scale.
            let radii = tab
                .script(
                    "return [...document.querySelectorAll(\"[data-testid='posterior'] ellipse\")]
                        .flatMap(e => [e.rx.baseVal.value, e.ry.baseVal.value]);",
                    vec![],
                )
                .await?;
            let radii: Vec<f32> = serde_json::from_value(radii)?;
            let expected = [2.0 * sigma[0], 2.0 * sigma[1], sigma[0], sigma[1]];
            ensure!(near(&radii, &expected, 1e-3), "{radii:?} and {expected:?}");

            let sampled = tab
                .until("z is a sample", async || {
                    // About one sample in a hundred is rounded to μ.
                    tab.click("resample").await?;
                    let now = tab.z().await?;
                    Ok((now != z).then_some(now))
                })
                .await?;
            for (i, sampled) in sampled.iter().enumerate() {
                let epsilon = (sampled - mu[i]) / sigma[i];
                ensure!(epsilon.abs() < 6.0, "ε is {epsilon}");
            }
            tab.click("to-mean").await?;
            tab.until("z is at μ", async || {
                Ok((tab.z().await? == z).then_some(()))
            })
            .await?;

            tab.click("encode-clear").await?;
            tab.until("an empty pad has no q(z|x)", async || {
                Ok((!tab.visible("posterior").await?).then_some(()))
            })
            .await?;
            Ok(())
        })
        .await;
    }
}

#[tokio::test]
async fn encoder_of_another_model_encodes_the_same_drawing() {
    check(Options::default(), async |tab, _| {
        tab.open("?backend=flex&model=mnist-2d&tab=explore").await?;
        wait_for_digit(tab).await?;
        draw(tab, &SEVEN).await?;
        tab.until("it is encoded", async || {
            Ok(tab.visible("encode-status").await?.then_some(()))
        })
        .await?;
        let image = encoded(tab).await?;
        tab.set_value("model", "mnist-16d").await?;
        let [mu, _] = native_encode(&dist().join("weights"), "mnist-16d", &image)?;
        tab.until("z is at the other model's μ", async || {
            Ok(near(&tab.z().await?, &mu, 0.006).then_some(()))
        })
        .await?;
        let rows = tab
            .script(
                "return document.querySelectorAll('.arithmetic tbody tr').length;",
                vec![],
            )
            .await?;
        ensure!(rows == json!(16), "one row for each dimension, not {rows}");
        Ok(())
    })
    .await;
}

/// A PNG file of a one, light ink on black.
fn image_file() -> Result<Vec<u8>> {
    let ink = |i: usize| (4..24).contains(&(i / 28)) && (13..16).contains(&(i % 28));
    let pixels: Vec<u8> = (0..28 * 28).map(|i| if ink(i) { 255 } else { 0 }).collect();
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 28, 28);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.write_header()?.write_image_data(&pixels)?;
    Ok(bytes)
}

/// Waits until q(z|x) of an image file is shown, and returns z, which is its mean.
async fn image_is_encoded(tab: &Tab) -> Result<Vec<f32>> {
    tab.until("it is encoded", async || {
        Ok(
            (tab.visible("encode-status").await? && tab.z().await?.iter().any(|z| *z != 0.0))
                .then_some(()),
        )
    })
    .await?;
    let image = encoded(tab).await?;
    let [mu, _] = native_encode(&dist().join("weights"), "mnist-2d", &image)?;
    let z = tab.z().await?;
    ensure!(near(&z, &mu, 0.006), "z is {z:?}, μ {mu:?}");
    Ok(z)
}

#[tokio::test]
async fn encoder_encodes_an_image_file_and_z_can_be_copied() {
    for device in [Device::Desktop, Device::Phone] {
        let options = Options {
            device,
            ..Options::default()
        };
        check(options, async |tab, _| {
            tab.open("?backend=flex&model=mnist-2d&tab=explore").await?;
            wait_for_digit(tab).await?;
            let image = image_file()?;
            let files: [(&str, &[u8]); 1] = [("one.png", &image)];
            tab.upload_files("encode-upload", &files).await?;
            let z = image_is_encoded(tab).await?;
            // Dropping and pasting work, too.
            for pasted in [false, true] {
                tab.click("encode-clear").await?;
                tab.click("reset-z").await?;
                if pasted {
                    tab.paste_files("encode-pad", &files).await?;
                } else {
                    tab.drop_files("encode-pad", &files).await?;
                }
                let again = image_is_encoded(tab).await?;
                ensure!(again == z, "z is {again:?}, and was {z:?}");
            }

            // A test may not read the system's clipboard, so this replaces the page's access to it.
            tab.script(
                "navigator.clipboard.writeText = async (text) => { globalThis.copied = text; };",
                vec![],
            )
            .await?;
            for (button, before, after) in [
                ("copy-z-json", "[", "]"),
                ("copy-z-numpy", "np.array([[", "]], dtype=np.float32)"),
            ] {
                tab.script("globalThis.copied = null;", vec![]).await?;
                tab.scroll_to(button).await?;
                tab.click(button).await?;
                let copied = tab
                    .until("z is copied", async || {
                        let copied = tab.script("return globalThis.copied;", vec![]).await?;
                        Ok(copied.as_str().map(str::to_owned))
                    })
                    .await?;
                log_line(format!("{button}: {copied}"));
                let numbers = copied
                    .strip_prefix(before)
                    .and_then(|rest| rest.strip_suffix(after))
                    .with_context(|| format!("{copied} is {before}…{after}"))?;
                let numbers: Vec<f32> = serde_json::from_str(&format!("[{numbers}]"))?;
                ensure!(near(&numbers, &z, 0.006), "{numbers:?} is not z = {z:?}");
            }
            Ok(())
        })
        .await;
    }
}
