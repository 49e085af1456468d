//! The latent map: decoded tiles, encoded images, and the viewport.

use crate::{CALM, ensure_same, wait_for_decoded, wait_for_digit};
use anyhow::{Context, Result, ensure};
use fantoccini::key::Key;
use serde_json::json;
use tests::{
    browser::{Device, Options, Tab, check, dist, log_line},
    native_decode::{native_decode, native_encode},
};

const TILES: &str = "[data-testid='map-pictures']";
/// Number of tiles from −3 to 3, and their side in units of z.
const CELLS: usize = 16;
const WIDTH: f32 = 6.0 / CELLS as f32;

/// The Ctrl key in the modifiers of an input event.
const CTRL: u8 = 2;

/// The viewport in the address: its centre and half its side.
async fn view(tab: &Tab) -> Result<Option<Vec<f32>>> {
    let script =
        "return (new URL(location).searchParams.get('view') ?? '').split(',').map(Number);";
    let numbers: Vec<f32> = serde_json::from_value(tab.script(script, vec![]).await?)?;
    Ok((numbers.len() == 3).then_some(numbers))
}

#[tokio::test]
async fn map_tiles_are_decoded_at_their_z() {
    for device in [Device::Desktop, Device::Phone] {
        let options = Options {
            device,
            ..Options::default()
        };
        check(options, async |tab, _| {
            tab.open("?backend=flex&model=mnist-2d&tab=explore&z=0,0")
                .await?;
            wait_for_digit(tab).await?;
            for at in [[0, 0], [15, 0], [5, 11]] {
                let z1 = (at[0] as f32 + 0.5) * WIDTH - 3.0;
                let z2 = 3.0 - (at[1] as f32 + 0.5) * WIDTH;
                let corner = at.map(|at| at * 28);
                wait_for_decoded(tab, TILES, corner, ("mnist-2d", &[z1, z2])).await?;
            }
            tab.click("map-pictures-on").await?;
            tab.until("the images are gone", async || {
                Ok((!tab.visible("map-pictures").await?).then_some(()))
            })
            .await
        })
        .await;
    }
}

#[tokio::test]
async fn map_zooms_by_button_key_and_wheel_and_is_in_url() {
    check(Options::default(), async |tab, _| {
        tab.open("?backend=flex&model=mnist-2d&z=0,0").await?;
        wait_for_digit(tab).await?;
        tab.click("map-zoom-in").await?;
        let zoomed = tab
            .until("the address has the view", async || view(tab).await)
            .await?;
        ensure!(zoomed == [0.0, 0.0, 2.0], "zoomed in by 1.5: {zoomed:?}");
        tab.reload().await?;
        wait_for_digit(tab).await?;
        tab.click("map-zoom-out").await?;
        tab.until("the view is reset", async || {
            Ok(view(tab).await?.is_none().then_some(()))
        })
        .await?;

        tab.press("latent-plane", Key::Home, 1).await?;
        let key = |kind: &str| json!({ "type": kind, "key": "+", "text": "+" });
        tab.cdp("Input.dispatchKeyEvent", key("keyDown")).await?;
        tab.cdp("Input.dispatchKeyEvent", key("keyUp")).await?;
        tab.until("a key has zoomed", async || view(tab).await)
            .await?;
        tab.click("map-home").await?;

        // The wheel keeps the point under the pointer in place: a quarter from the left and the top.
        let place = tab.bounds("latent-plane").await?;
        let wheel = json!({
            "type": "mouseWheel",
            "x": place.x + place.width / 4.0,
            "y": place.y + place.height / 4.0,
            "deltaX": 0,
            "deltaY": -200,
            "modifiers": CTRL,
        });
        tab.cdp("Input.dispatchMouseEvent", wheel).await?;
        let near = tab
            .until("the wheel has zoomed", async || {
                Ok(view(tab).await?.filter(|view| view[0] < -0.1))
            })
            .await?;
        log_line(format!("the wheel went to {near:?}"));
        let [x, y, half] = near[..] else {
            unreachable!()
        };
        ensure!(
            (x - half / 2.0 + 1.5).abs() < 0.03,
            "z₁ −1.5 stays: {near:?}"
        );
        ensure!(
            (y + half / 2.0 - 1.5).abs() < 0.03,
            "z₂ 1.5 stays: {near:?}"
        );
        Ok(())
    })
    .await;
}

/// Turns the wheel on the middle of the plane by `steps` of 40 pixels down, with these modifiers.
async fn turn_wheel(tab: &Tab, steps: usize, modifiers: u8) -> Result<()> {
    let place = tab.bounds("latent-plane").await?;
    for _ in 0..steps {
        let wheel = json!({
            "type": "mouseWheel",
            "x": place.x + place.width / 2.0,
            "y": place.y + place.height / 2.0,
            "deltaX": 0,
            "deltaY": 40,
            "modifiers": modifiers,
        });
        tab.cdp("Input.dispatchMouseEvent", wheel).await?;
    }
    Ok(())
}

#[tokio::test]
async fn map_wheel_scrolls_with_a_hint_and_zooms_with_ctrl() {
    check(Options::default(), async |tab, _| {
        tab.open("?backend=flex&model=mnist-16d&tab=explore&view=0,0,1")
            .await?;
        wait_for_digit(tab).await?;
        let top = async || -> Result<f64> {
            let y = tab.script("return scrollY;", vec![]).await?;
            y.as_f64().context("a number")
        };
        tab.scroll_to("latent-plane").await?;
        let before = top().await?;
        ensure!(before > 0.0, "the page is scrolled");

        // Without Ctrl the page scrolls, the view stays, and a hint tells how to zoom.
        let grid = async || {
            let grid = "return document.querySelector('.plane-area .grid').getAttribute('d');";
            tab.script(grid, vec![]).await
        };
        let whole = grid().await?;
        turn_wheel(tab, 2, 0).await?;
        tab.until("the page has scrolled", async || {
            Ok((top().await? > before).then_some(()))
        })
        .await?;
        tab.until_script(
            "the hint is shown",
            "return !!document.querySelector('.wheel-hint.shown');",
        )
        .await?;
        ensure!(grid().await? == whole, "the view stays");

        // With Ctrl it zooms and the page stays, although it is scrolled.
        tab.scroll_to("latent-plane").await?;
        let before = top().await?;
        ensure!(before > 0.0, "the page is scrolled");
        turn_wheel(tab, 2, CTRL).await?;
        tab.until("the wheel has zoomed out", async || {
            Ok(view(tab).await?.filter(|view| view[2] > 1.0))
        })
        .await?;
        ensure!(grid().await? != whole, "the grid is another one");
        ensure!(top().await? == before, "the page stays");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn map_pinch_zooms_and_pans_without_moving_z() {
    let options = Options {
        device: Device::Phone,
        ..Options::default()
    };
    check(options, async |tab, _| {
        tab.open("?backend=flex&model=mnist-2d&z=1,1").await?;
        wait_for_digit(tab).await?;
        tab.scroll_to("latent-plane").await?;
        let place = tab.bounds("latent-plane").await?;
        let fingers = |apart: f64| {
            let at = |side: f64, id: u32| {
                json!({
                    "x": place.x + place.width * (0.5 + side * apart),
                    "y": place.y + place.height * 0.5,
                    "id": id,
                })
            };
            json!([at(-1.0, 0), at(1.0, 1)])
        };
        let touch = async |kind: &str, points: serde_json::Value| {
            let touch = json!({ "type": kind, "touchPoints": points });
            tab.cdp("Input.dispatchTouchEvent", touch).await
        };
        // One finger after the other, as in real use; the first one sets z before the second touches.
        touch("touchStart", json!([fingers(0.1)[0]])).await?;
        touch("touchStart", fingers(0.1)).await?;
        let z = tab.z().await?;
        for step in 1..=10 {
            touch("touchMove", fingers(0.1 + 0.02 * f64::from(step))).await?;
        }
        touch("touchEnd", json!([])).await?;
        let near = tab
            .until("the pinch has zoomed", async || view(tab).await)
            .await?;
        log_line(format!("the pinch went to {near:?}"));
        ensure!(
            (0.8..1.3).contains(&near[2]),
            "zoomed in three times: {near:?}"
        );
        ensure!(tab.z().await? == z, "z stays where the first finger put it");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn map_encodes_ten_thousand_images_and_one_can_be_picked() {
    check(Options::default(), async |tab, server| {
        tab.open("?backend=flex&model=mnist-2d&tab=explore&z=0,0")
            .await?;
        wait_for_digit(tab).await?;
        let fetched = |name: &str| server.requests().iter().any(|r| r.path.contains(name));
        ensure!(!fetched("mnist-10k"), "the sample images are fetched on request only");
        tab.set_value("map-points-of", "mnist").await?;
        tab.wait_text("map-status", "all are encoded", |text| {
            text.starts_with("10000 of 10000")
        })
        .await?;
        let dots = tab
            .script(
                "const e = document.querySelector(\"[data-testid='map-points']\");
                const rgba = e.getContext('2d').getImageData(0, 0, e.width, e.height).data;
                const colours = new Set();
                let count = 0;
                for (let i = 0; i < rgba.length; i += 4) {
                    if (rgba[i + 3]) { count++; colours.add(rgba.slice(i, i + 3).join()); }
                }
                return [count, colours.size];",
                vec![],
            )
            .await?;
        log_line(format!("pixels of points, and their colours: {dots}"));
        ensure!(dots[1] == json!(10), "ten classes, ten colours: {dots}");

        // Picks the first point to the right of the plane's middle.
        let place = tab.bounds("latent-plane").await?;
        let mut found = None;
        for step in 0..60 {
            let x = place.x + place.width * (0.5 + 0.005 * f64::from(step));
            let y = place.y + place.height * 0.4;
            let mouse = |kind: &str| json!({ "type": kind, "x": x, "y": y, "button": "left", "clickCount": 1 });
            tab.cdp("Input.dispatchMouseEvent", json!({ "type": "mouseMoved", "x": x, "y": y }))
                .await?;
            if tab.visible("map-hover").await? {
                found = Some([mouse("mousePressed"), mouse("mouseReleased")]);
                break;
            }
        }
        let press = found.context("there is a point within a third of the plane")?;
        let image = tab
            .until("the digit is shown", async || {
                tab.canvas_pixels(".hover-card canvas", [0, 0]).await
            })
            .await?;
        for event in press {
            tab.cdp("Input.dispatchMouseEvent", event).await?;
        }
        tab.settled_pixels(CALM).await?;
        let weights = dist().join("weights");
        let [mu, _] = native_encode(&weights, "mnist-2d", &image)?;
        let z = tab.z().await?;
        let off = z.iter().zip(&mu).map(|(a, b)| (a - b).abs());
        ensure!(
            off.fold(0.0, f32::max) <= 0.006,
            "z {z:?} is the digit's μ {mu:?}"
        );
        ensure_same(
            "the stage and the digit's reconstruction",
            &tab.settled_pixels(CALM).await?,
            &native_decode(&weights, "mnist-2d", &mu)?,
        )
    })
    .await;
}

#[tokio::test]
async fn map_invalid_view_in_url_opens_the_default_and_is_reported() {
    check(Options::default(), async |tab, _| {
        tab.open("?backend=flex&model=mnist-2d&view=1,2&pins=7,7;1")
            .await?;
        wait_for_digit(tab).await?;
        let body = tab
            .script("return document.body.innerText;", vec![])
            .await?;
        let body = body.as_str().unwrap_or_default();
        ensure!(body.contains("The view in the address"), "{body}");
        ensure!(body.contains("The pins in the address"), "{body}");
        ensure!(!tab.visible("pin-0").await?, "no pin was added");
        Ok(())
    })
    .await;
}
