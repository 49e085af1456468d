//! Pins, interpolation, latent arithmetic, and export.

use crate::{CALM, ensure_same, wait_for_digit};
use anyhow::{Context, Result, ensure};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use tests::{
    browser::{CAPTURE_SAVED_FILES, Device, Options, Tab, check, dist, log_line},
    native_decode::native_decode,
};

/// Sets z to these points and pins them.
async fn pin(tab: &Tab, places: &[[f32; 2]]) -> Result<()> {
    for place in places {
        for (dimension, value) in place.iter().enumerate() {
            tab.set_z(dimension, *value).await?;
        }
        tab.click("pin-add").await?;
    }
    Ok(())
}

#[tokio::test]
async fn interpolation_visits_the_pins_and_they_are_in_url() {
    for device in [Device::Desktop, Device::Phone] {
        let options = Options {
            device,
            ..Options::default()
        };
        check(options, async |tab, _| {
            tab.open("?backend=flex&model=mnist-2d&tab=explore&z=0,0")
                .await?;
            wait_for_digit(tab).await?;
            pin(tab, &[[-1.5, 0.5], [1.5, 0.5]]).await?;
            let image = tab
                .until("the pin has its image", async || {
                    tab.canvas_pixels("[data-testid='pin-0'] canvas", [0, 0])
                        .await
                })
                .await?;
            let weights = dist().join("weights");
            ensure_same(
                "the pin's image",
                &image,
                &native_decode(&weights, "mnist-2d", &[-1.5, 0.5])?,
            )?;

            tab.set_value("walk-way", "line").await?;
            tab.click("walk").await?;
            tab.until("the walk is half way", async || {
                let z = tab.z().await?;
                // On the line between the pins.
                Ok((z[0].abs() < 0.9 && (z[1] - 0.5).abs() < 0.006).then_some(()))
            })
            .await?;
            tab.click("walk").await?;
            tab.settled_pixels(CALM).await?;
            let rest = tab.z().await?;
            tab.settled_pixels(CALM).await?;
            ensure!(tab.z().await? == rest, "it has stopped");

            let link = tab
                .until("the address has the pins", async || {
                    let address = tab.url().await?;
                    let here = address.contains("pins=-1.5,0.5;1.5,0.5");
                    Ok(here.then_some(address))
                })
                .await?;
            tab.goto(&link).await?;
            wait_for_digit(tab).await?;
            tab.click("pin-1").await?;
            tab.until("z is at the pin", async || {
                Ok((tab.z().await? == [1.5, 0.5]).then_some(()))
            })
            .await?;
            tab.click("pin-remove-0").await?;
            tab.until("one pin is left", async || {
                Ok((!tab.visible("pin-1").await?).then_some(()))
            })
            .await
        })
        .await;
    }
}

#[tokio::test]
async fn latent_arithmetic_with_pins() {
    check(Options::default(), async |tab, _| {
        tab.open("?backend=flex&model=mnist-2d&tab=explore&pins=1,2;0.5,0.5;-1,0&z=0,0")
            .await?;
        wait_for_digit(tab).await?;
        tab.set_value("arithmetic-2", "2").await?;
        tab.click("arithmetic-go").await?;
        tab.until("z is A − B + C", async || {
            Ok((tab.z().await? == [-0.5, 1.5]).then_some(()))
        })
        .await
    })
    .await;
}

/// The mean latent vector of each class of MNIST's training set, from the model's card.
fn class_means(model: &str) -> Result<Vec<Vec<f32>>> {
    let card = std::fs::read_to_string(dist().join(format!("weights/{model}.json")))?;
    let card: serde_json::Value = serde_json::from_str(&card)?;
    Ok(serde_json::from_value(card["class_means"].clone())?)
}

/// The slant of a digit, in columns to the right for each row upwards: 0 for an upright stroke.
fn lean(pixels: &[u8]) -> f64 {
    let ink = || {
        let each = pixels.iter().enumerate();
        each.map(|(i, &grey)| ((i % 28) as f64, -((i / 28) as f64), f64::from(grey)))
    };
    let mean = |of: fn(f64, f64) -> f64| {
        let all: f64 = ink().map(|(_, _, grey)| grey).sum();
        ink().map(|(x, y, grey)| of(x, y) * grey).sum::<f64>() / all
    };
    let (x, y) = (mean(|x, _| x), mean(|_, y| y));
    (mean(|x, y| x * y) - x * y) / (mean(|_, y| y * y) - y * y)
}

#[tokio::test]
async fn shear_slants_the_digit() {
    for (model, digit) in [("mnist-2d", 1), ("mnist-16d", 7)] {
        check(Options::default(), async move |tab, _| {
            let means = class_means(model)?;
            let text: Vec<String> = means[digit].iter().map(|z| format!("{z:.2}")).collect();
            let z = text.join(",");
            tab.open(&format!("?backend=flex&model={model}&tab=explore&z={z}"))
                .await?;
            wait_for_digit(tab).await?;
            let before = tab.settled_pixels(CALM).await?;
            tab.scroll_to("slant").await?;
            tab.click("slant").await?;
            let after = tab.changed_pixels(&before).await?;
            let (before, after) = (lean(&before), lean(&after));
            log_line(format!(
                "{model}: the {digit} leaned by {before:.3}, and leans by {after:.3}"
            ));
            ensure!(
                after > before + 0.05,
                "it is not slanted farther to the right"
            );
            Ok(())
        })
        .await;
    }
}

#[tokio::test]
async fn latent_arithmetic_with_class_means_and_the_closest_class() {
    check(Options::default(), async |tab, _| {
        let means = class_means("mnist-2d")?;
        let text: Vec<String> = means[4].iter().map(|z| format!("{z:.2}")).collect();
        let four = text.join(",");
        tab.open(&format!(
            "?backend=flex&model=mnist-2d&tab=explore&z={four}"
        ))
        .await?;
        wait_for_digit(tab).await?;
        // The default is: current z − mean of the 4s + mean of the 7s.
        tab.click("arithmetic-go").await?;
        tab.until("z is the mean 7", async || {
            let z = tab.z().await?;
            let off = z.iter().zip(&means[7]).map(|(z, mean)| (z - mean).abs());
            Ok((off.fold(0.0, f32::max) < 0.012).then_some(()))
        })
        .await?;
        tab.wait_text("spoken", "describes the image", |text| {
            text.starts_with("Looks like a 7 (a guess). z = (")
        })
        .await?;
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn export_saves_an_interpolation_as_gif() {
    let options = Options {
        before_page: CAPTURE_SAVED_FILES.into(),
        ..Options::default()
    };
    check(options, async |tab, _| {
        tab.open("?backend=flex&model=mnist-2d&tab=explore&pins=1,2;0.5,0.5&z=0,0")
            .await?;
        wait_for_digit(tab).await?;
        tab.set_value("walk-leg", "0.5").await?;
        tab.click("walk-gif").await?;
        let (name, bytes) = tab
            .until("the GIF is saved", async || {
                Ok(tab.saved_files().await?.into_iter().next())
            })
            .await?;
        ensure!(name == "mnist-2d-walk.gif", "{name}");
        ensure!(bytes.starts_with(b"GIF89a"), "it is a GIF");
        let side = u16::from_le_bytes([bytes[6], bytes[7]]);
        ensure!(side == 8 * 28, "{side} pixels wide");
        // Forward and back take a second: 25 images, each after a graphic control extension.
        let frames = bytes.windows(3).filter(|part| part == b"\x21\xf9\x04");
        let count = frames.count();
        ensure!(count == 25, "{count} frames");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn random_walk_stays_near_the_typical_norm() {
    check(Options::default(), async |tab, _| {
        tab.open("?backend=flex&model=mnist-16d&tab=explore")
            .await?;
        wait_for_digit(tab).await?;
        // From z = 0 the first segment leads to the sphere of radius √16, near which the prior's samples lie.
        tab.click("reset-z").await?;
        tab.set_value("walk-leg", "0.5").await?;
        tab.click("walk-random").await?;
        let norm = |z: &[f32]| z.iter().map(|z| z * z).sum::<f32>().sqrt();
        tab.until("z is on the sphere of radius 4", async || {
            Ok(((norm(&tab.z().await?) - 4.0).abs() < 0.1).then_some(()))
        })
        .await
    })
    .await;
}

#[tokio::test]
async fn export_saves_images_in_any_size() {
    let options = Options {
        before_page: Some(
            "globalThis.saved = [];
            HTMLAnchorElement.prototype.click = function () { saved.push([this.download, this.href]); };",
        ),
        ..Options::default()
    };
    check(options, async |tab, _| {
        tab.open("?backend=flex&model=mnist-2d&tab=explore&z=0.5,1")
            .await?;
        let shown = wait_for_digit(tab).await?;
        tab.set_value("save-size", "20").await?;
        tab.click("save-image").await?;
        let saved = tab
            .until_script("it is saved", "return saved.length && saved[0];")
            .await?;
        let (name, url): (String, String) = serde_json::from_value(saved)?;
        ensure!(name == "mnist-2d-image.png", "{name}");
        let data = url
            .strip_prefix("data:image/png;base64,")
            .context("a PNG")?;
        let png = BASE64_STANDARD.decode(data)?;
        // A PNG begins with its width and height.
        let number =
            |at: usize| u32::from_be_bytes([png[at], png[at + 1], png[at + 2], png[at + 3]]);
        ensure!((number(16), number(20)) == (560, 560), "20 times 28");
        // The browser decodes it; each pixel of the image is a square of 20.
        let found = tab
            .script(
                "const image = new Image();
                image.src = saved[0][1];
                return image.decode().then(() => {
                    const c = document.createElement('canvas');
                    c.width = c.height = 28;
                    const context = c.getContext('2d');
                    context.imageSmoothingEnabled = false;
                    context.drawImage(image, 0, 0, 28, 28);
                    const rgba = context.getImageData(0, 0, 28, 28).data;
                    return [...rgba].filter((_, i) => i % 4 === 0);
                });",
                vec![],
            )
            .await?;
        let found: Vec<u8> = serde_json::from_value(found)?;
        ensure_same("the saved image", &found, &shown)?;
        tab.click("save-map").await?;
        tab.click("save-traversals").await?;
        tab.until_script("three are saved", "return saved.length === 3;")
            .await?;
        Ok(())
    })
    .await;
}
