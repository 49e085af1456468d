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
            // z is exactly at μ; the sliders show two decimals of it.
            ensure_same(
                "the stage and the reconstruction",
                &tab.settled_pixels(CALM).await?,
                &native_decode(&weights, "mnist-2d", &mu)?,
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

/// The cells of the table of z = μ + σ⊙ε, row by row: z, μ, σ, ε.
async fn equations(tab: &Tab) -> Result<Vec<Vec<String>>> {
    let script = "return [...document.querySelectorAll('.arithmetic tbody tr')]
        .map((row) => [...row.querySelectorAll('td')].slice(0, 4).map((cell) => cell.textContent));";
    Ok(serde_json::from_value(tab.script(script, vec![]).await?)?)
}

/// The length of the arrow from μ to z in the inset, horizontal and vertical, in units of its side.
async fn inset_arrow(tab: &Tab) -> Result<Option<[f64; 2]>> {
    let script = "const [from, to] = ['mean', 'here'].map((name) =>
            document.querySelector(`[data-testid='posterior-inset'] .${name}`));
        return from && to && [(to.cx.baseVal.value - from.cx.baseVal.value) / 6,
            (from.cy.baseVal.value - to.cy.baseVal.value) / 6];";
    Ok(serde_json::from_value(tab.script(script, vec![]).await?)?)
}

#[tokio::test]
async fn posterior_is_shown_at_the_scale_of_sigma() {
    for device in [Device::Desktop, Device::Phone] {
        let options = Options {
            device,
            ..Options::default()
        };
        check(options, async |tab, _| {
            tab.open("?backend=flex&model=mnist-2d&z=2,2&tab=explore").await?;
            wait_for_digit(tab).await?;
            draw(tab, &SEVEN).await?;
            tab.until("it is encoded", async || {
                Ok(tab.visible("encode-status").await?.then_some(()))
            })
            .await?;
            let image = encoded(tab).await?;
            let [mu, sigma] = native_encode(&dist().join("weights"), "mnist-2d", &image)?;
            let at_mean = equations(tab).await?;
            ensure!(at_mean.iter().all(|row| row[3] == "0.000"), "ε is 0 at μ: {at_mean:?}");

            // A sample that is not too close to μ.
            let (rows, arrow) = tab
                .until("z is a sample, and the arrow shows it", async || {
                    tab.click("resample").await?;
                    tab.painted().await?;
                    let (rows, arrow) = (equations(tab).await?, inset_arrow(tab).await?);
                    let is_far = arrow.is_some_and(|[x, y]| x.hypot(y) > 0.05);
                    Ok(arrow.filter(|_| is_far).map(|arrow| (rows, arrow)))
                })
                .await?;
            log_line(format!("{rows:?}, arrow {arrow:?}"));
            let number = |text: &str| text.replace('−', "-").parse::<f32>();
            let half = 3.2 * sigma.iter().copied().fold(0.0, f32::max);
            for (i, row) in rows.iter().enumerate() {
                let digits = row[2].trim_start_matches(['0', '.']).len();
                ensure!(digits >= 3, "σ has three significant digits: {}", row[2]);
                ensure!((number(&row[2])? / sigma[i] - 1.0).abs() < 0.01, "σ {}", row[2]);
                let [z, epsilon] = [number(&row[0])?, number(&row[3])?];
                let expected = mu[i] + sigma[i] * epsilon;
                ensure!((z - expected).abs() < 0.002, "{row:?}: z is {expected}");
                // The arrow is σε, to scale.
                let drawn = arrow[i] as f32 * 2.0 * half;
                let step = sigma[i] * epsilon;
                ensure!((drawn - step).abs() < 0.02 * half, "{drawn} and {step}");
            }

            tab.click("zoom-to-posterior").await?;
            // The ellipses fill most of the map, and the map is in view.
            let radii = tab
                .until("the map shows the posterior", async || {
                    let radii = tab
                        .script(
                            "const e = document.querySelector(\"[data-testid='posterior'] ellipse\");
                            return e && [e.cx.baseVal.value, e.cy.baseVal.value,
                                e.rx.baseVal.value, e.ry.baseVal.value];",
                            vec![],
                        )
                        .await?;
                    let radii: Option<Vec<f64>> = serde_json::from_value(radii)?;
                    Ok(radii.filter(|radii| radii[2].max(radii[3]) > 1.0))
                })
                .await?;
            ensure!(radii[0].abs() < 1e-3 && radii[1].abs() < 1e-3, "centred at μ: {radii:?}");
            let widest = radii[2].max(radii[3]);
            ensure!((widest - 6.0 / 3.2).abs() < 0.01, "two of 3.2 σ: {radii:?}");
            tab.until_script(
                "the map is in view",
                "const r = document.querySelector(\"[data-testid='latent-plane']\").getBoundingClientRect();
                return r.top >= 0 && r.bottom <= innerHeight;",
            )
            .await?;
            Ok(())
        })
        .await;
    }
}

#[tokio::test]
async fn class_of_an_image_is_known_or_marked_as_a_guess() {
    check(Options::default(), async |tab, _| {
        tab.open("?backend=flex&model=mnist-2d&z=0,0&tab=evidence")
            .await?;
        wait_for_digit(tab).await?;
        for digit in [5, 8] {
            tab.click(&format!("evidence-digit-{digit}")).await?;
            let text = tab
                .wait_text("guess", "names the label and the guess", |text| {
                    text.starts_with(&format!("Label: {digit} (known). Nearest class mean: "))
                })
                .await?;
            log_line(&text);
            let right = text.contains(&format!("mean: {digit} (a guess)."));
            ensure!(right != text.contains("wrong here"), "{text}");
        }
        // A drawing has no label.
        draw(tab, &SEVEN).await?;
        tab.wait_text("guess", "is a guess only", |text| {
            text.starts_with("Nearest class mean: ") && text.ends_with("(a guess).")
        })
        .await?;
        Ok(())
    })
    .await;
}
