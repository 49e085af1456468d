//! Models of other images than digits: letters with named classes, and emoji of 32×32 pixels in colour.

use crate::wait_for_digit;
use anyhow::{Context, Result, ensure};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::json;
use tests::{
    browser::{CAPTURE_SAVED_FILES, Options, Server, Tab, check, dist, log_line},
    native_decode::native_decode,
};

const EMOJI: &str = "emoji-32d";
/// Sides of its images.
const SIDE: usize = 32;

/// Width and height of a canvas.
async fn size(tab: &Tab, canvas: &str) -> Result<[usize; 2]> {
    let script =
        "const e = document.querySelector(arguments[0]); return e ? [e.width, e.height] : [0, 0];";
    Ok(serde_json::from_value(
        tab.script(script, vec![json!(canvas)]).await?,
    )?)
}

async fn wait_for_size(tab: &Tab, canvas: &str, wanted: [usize; 2]) -> Result<()> {
    tab.until(format!("{canvas} has {wanted:?} pixels"), async || {
        Ok((size(tab, canvas).await? == wanted).then_some(()))
    })
    .await
}

/// Red, green and blue of a square part of a canvas, `[32 × 32 × 3]`.
async fn colours(tab: &Tab, canvas: &str, [left, top]: [usize; 2]) -> Result<Vec<u8>> {
    let script = "const [canvas, left, top, side] = arguments;
        const e = document.querySelector(canvas);
        if (!e) return [];
        const rgba = e.getContext('2d').getImageData(left, top, side, side).data;
        return [...rgba].filter((_, i) => i % 4 !== 3);";
    let arguments = vec![json!(canvas), json!(left), json!(top), json!(SIDE)];
    Ok(serde_json::from_value(
        tab.script(script, arguments).await?,
    )?)
}

/// Waits until a part of a canvas shows what the emoji model decodes natively from z.
async fn wait_for_emoji(tab: &Tab, canvas: &str, at: [usize; 2], z: &[f32]) -> Result<()> {
    let expected = native_decode(&dist().join("weights"), EMOJI, z)?;
    tab.until(format!("{canvas} shows the emoji at {at:?}"), async || {
        let found = colours(tab, canvas, at).await?;
        let differences = found.iter().zip(&expected).map(|(a, b)| a.abs_diff(*b));
        let same = found.len() == expected.len() && differences.max() <= Some(3);
        Ok(same.then_some(()))
    })
    .await
}

async fn texts(tab: &Tab, selector: &str) -> Result<Vec<String>> {
    let script = "return [...document.querySelectorAll(arguments[0])].map((e) => e.textContent);";
    Ok(serde_json::from_value(
        tab.script(script, vec![json!(selector)]).await?,
    )?)
}

/// Requests for letters or emoji: their models, data or previews.
fn of_other_sets(server: &Server) -> Vec<String> {
    let paths = server.requests().into_iter().map(|request| request.path);
    paths
        .filter(|path| path.contains("letters") || path.contains("emoji"))
        .collect()
}

#[tokio::test]
async fn other_models_are_fetched_only_when_they_are_chosen() {
    check(Options::default(), async |tab, server| {
        tab.open("?backend=flex").await?;
        wait_for_digit(tab).await?;
        ensure!(
            tab.value("model").await? == "mnist-2d",
            "the first visit opens on digits"
        );
        tab.click("tab-explore").await?;
        tab.until("the traversals are decoded", async || {
            let width = size(tab, "[data-testid='traversal-0'] canvas").await?[0];
            Ok((width == 11 * 28).then_some(()))
        })
        .await?;
        ensure!(
            of_other_sets(server).is_empty(),
            "{:?}",
            of_other_sets(server)
        );

        tab.click("model-menu").await?;
        let loaded = "return [...document.querySelectorAll('.model-group img')]
            .filter((e) => e.complete && e.naturalWidth > 0).length === 3;";
        tab.until_script("each group has a preview", loaded).await?;
        let previews = of_other_sets(server);
        ensure!(
            previews.iter().all(|path| path.contains("-preview.png")),
            "{previews:?}"
        );
        let text = texts(tab, "[data-testid='model-group-letters']")
            .await?
            .concat();
        ensure!(text.contains("Licence: SIL Open Font License"), "{text}");

        tab.click("menu-model-letters-2d").await?;
        tab.until("the letters are current", async || {
            Ok((tab.value("model").await? == "letters-2d").then_some(()))
        })
        .await?;
        tab.until("the model is fetched", async || {
            let fetched = of_other_sets(server);
            Ok(fetched
                .iter()
                .any(|path| path.contains("letters-2d.safetensors"))
                .then_some(()))
        })
        .await?;
        let fetched = of_other_sets(server);
        ensure!(
            !fetched.iter().any(|path| path.contains("ubyte")),
            "no data set: {fetched:?}"
        );
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn emoji_are_in_colour_in_all_views() {
    check(Options::default(), async |tab, _| {
        tab.open(&format!("?backend=flex&model={EMOJI}&tab=explore"))
            .await?;
        wait_for_size(tab, "[data-testid='decoded']", [SIDE; 2]).await?;
        tab.click("reset-z").await?;
        let z = vec![0.0; 32];
        wait_for_emoji(tab, "[data-testid='decoded']", [0, 0], &z).await?;
        let shown = colours(tab, "[data-testid='decoded']", [0, 0]).await?;
        let coloured = shown
            .chunks(3)
            .filter(|rgb| rgb[0] != rgb[1] || rgb[1] != rgb[2]);
        ensure!(coloured.count() > 100, "the stage is in colour");
        let label = tab
            .script(
                "return document.querySelector(\"[data-testid='decoded']\").ariaLabel;",
                vec![],
            )
            .await?;
        ensure!(
            label == json!("Image decoded from z: 32×32, colour"),
            "{label}"
        );

        // The first traversal: its dimension runs from −3.
        let rows = "return [...document.querySelectorAll('.traversals > .traversal .strip')]
            .map((e) => Number(e.dataset.testid.replace('traversal-', '')));";
        let rows: Vec<usize> = serde_json::from_value(tab.script(rows, vec![]).await?)?;
        ensure!(
            rows.len() == 12,
            "of many dimensions, the first are shown: {rows:?}"
        );
        let strip = format!("[data-testid='traversal-{}'] canvas", rows[0]);
        wait_for_size(tab, &strip, [11 * SIDE, SIDE]).await?;
        let mut first = z.clone();
        first[rows[0]] = -3.0;
        wait_for_emoji(tab, &strip, [0, 0], &first).await?;

        // The map: the tile at the upper left, at −2.8125 and 2.8125.
        let map = "[data-testid='map-pictures']";
        wait_for_size(tab, map, [16 * SIDE; 2]).await?;
        let mut corner = z.clone();
        (corner[rows[0]], corner[rows[1]]) = (-2.8125, 2.8125);
        wait_for_emoji(tab, map, [0, 0], &corner).await?;

        tab.click("pin-add").await?;
        wait_for_emoji(tab, "[data-testid='pin-0'] canvas", [0, 0], &z).await
    })
    .await;
}

#[tokio::test]
async fn emoji_are_saved_in_their_shape() {
    let options = Options {
        before_page: CAPTURE_SAVED_FILES.into(),
        ..Options::default()
    };
    check(options, async |tab, _| {
        let zero = ["0"; 32].join(",");
        let other = ["0.5"; 32].join(",");
        tab.open(&format!(
            "?backend=flex&model={EMOJI}&tab=explore&z={zero}&pins={zero};{other}"
        ))
        .await?;
        wait_for_size(tab, "[data-testid='decoded']", [SIDE; 2]).await?;
        tab.set_value("walk-leg", "0.5").await?;
        tab.click("walk-gif").await?;
        let (name, gif) = tab
            .until("the GIF is saved", async || {
                Ok(tab.saved_files().await?.into_iter().next())
            })
            .await?;
        ensure!(name == "emoji-32d-walk.gif" && gif.starts_with(b"GIF89a"), "{name}");
        let side = |at: usize| usize::from(u16::from_le_bytes([gif[at], gif[at + 1]]));
        ensure!([side(6), side(8)] == [7 * SIDE; 2], "{} × {}", side(6), side(8));

        // PNGs are saved by their addresses.
        let capture = "globalThis.urls = [];
            HTMLAnchorElement.prototype.click = function () { urls.push([this.download, this.href]); };";
        tab.script(capture, vec![]).await?;
        tab.set_value("save-size", "10").await?;
        tab.click("save-image").await?;
        let saved = tab
            .until_script("the PNG is saved", "return urls.length && urls[0];")
            .await?;
        let (name, url): (String, String) = serde_json::from_value(saved)?;
        let data = url.strip_prefix("data:image/png;base64,").context("a PNG")?;
        let png = BASE64_STANDARD.decode(data)?;
        let number = |at: usize| u32::from_be_bytes([png[at], png[at + 1], png[at + 2], png[at + 3]]);
        ensure!(name == "emoji-32d-image.png");
        ensure!((number(16), number(20)) == (320, 320), "10 times 32");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn letters_are_named_by_label_and_legend() {
    check(Options::default(), async |tab, _| {
        tab.open("?backend=flex&model=letters-2d&tab=explore&z=0,0")
            .await?;
        let a = wait_for_digit(tab).await?;
        ensure!(
            texts(tab, ".label-buttons button").await?.join("") == "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
        );
        tab.click("label-1").await?;
        tab.changed_pixels(&a).await?;
        tab.wait_text("label-words", "names the label", |text| text == "B")
            .await?;
        tab.set_value("label", "2.25").await?;
        tab.wait_text("label-words", "names both letters", |text| {
            text == "75% of C, 25% of D"
        })
        .await?;

        tab.set_value("map-points-of", "letters").await?;
        tab.wait_text("map-status", "all are encoded", |text| {
            text.starts_with("10036 of 10036")
        })
        .await?;
        let names = texts(tab, ".legend button").await?;
        ensure!(names.concat() == "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "{names:?}");
        tab.click("class-25").await?;
        tab.until("one name is left on the map", async || {
            Ok((texts(tab, ".class-labels text").await? == ["Z"]).then_some(()))
        })
        .await?;
        // Points of letters mean nothing to a model of digits.
        tab.set_value("model", "mnist-2d").await?;
        tab.until("the points are removed", async || {
            Ok((tab.value("map-points-of").await? == "none").then_some(()))
        })
        .await
    })
    .await;
}

#[tokio::test]
async fn evidence_of_letters_and_emoji_has_no_error() {
    check(Options::default(), async |tab, _| {
        for (model, noun) in [("letters-2d", "A letter x"), (EMOJI, "An image x")] {
            tab.open(&format!("?backend=flex&model={model}&tab=evidence"))
                .await?;
            let elbo = tab
                .wait_text("elbo", "is computed", |text| text.contains('±'))
                .await?;
            log_line(format!("{model}: ELBO {elbo}"));
            let heading = texts(tab, "#evidence-image h3").await?.concat();
            ensure!(heading == noun, "{heading}");
            if model == EMOJI {
                let bits = tab
                    .wait_text("bits-per-value", "is a number", |text| {
                        text.parse::<f64>().is_ok()
                    })
                    .await?;
                let bits: f64 = bits.parse()?;
                ensure!((0.1..9.0).contains(&bits), "{bits} bits per value");
                wait_for_size(tab, "[data-testid='prior-means']", [10 * SIDE, SIDE]).await?;
                wait_for_size(tab, "[data-testid='encoded-image']", [SIDE; 2]).await?;
            } else {
                let exact = tab
                    .wait_text("log-px-exact", "is integrated", |text| {
                        let number = text.split_whitespace().next().unwrap_or_default();
                        number.trim_start_matches('−').parse::<f64>().is_ok()
                    })
                    .await?;
                log_line(format!("log p(x): {exact}"));
            }
            ensure!(!tab.visible("error").await?);
            ensure!(texts(tab, ".alert-box").await?.is_empty());
        }
        Ok(())
    })
    .await;
}
