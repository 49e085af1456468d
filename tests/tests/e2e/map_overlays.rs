//! Pins, walks and latent arithmetic on the latent map.

use crate::wait_for_digit;
use anyhow::{Context, Result, ensure};
use serde_json::json;
use tests::{
    browser::{Device, Options, Tab, check, dist},
    native_decode::native_decode,
};

/// The texts of the pins' markers with their positions in the plane's units: −3 to 3, y downwards.
async fn markers(tab: &Tab) -> Result<Vec<(String, f64, f64)>> {
    let script = "return [...document.querySelectorAll('.pin-marker')].map((e) => {
        const { e: x, f: y } = e.transform.baseVal.consolidate().matrix;
        return [e.textContent, x, y];
    });";
    Ok(serde_json::from_value(tab.script(script, vec![]).await?)?)
}

/// Points on a path of the plane, at these shares of its length.
async fn on_path(tab: &Tab, selector: &str, shares: &[f64]) -> Result<Vec<[f64; 2]>> {
    let script = "const path = document.querySelector(arguments[0]);
        const length = path.getTotalLength();
        return arguments[1].map((share) => path.getPointAtLength(share * length)).map(({ x, y }) => [x, y]);";
    let found = tab.script(script, vec![json!(selector), json!(shares)]);
    Ok(serde_json::from_value(found.await?)?)
}

fn close(found: [f64; 2], expected: [f64; 2]) -> bool {
    (0..2).all(|i| (found[i] - expected[i]).abs() < 0.03)
}

#[tokio::test]
async fn pins_and_the_path_are_on_the_map() {
    for device in [Device::Desktop, Device::Phone] {
        let options = Options {
            device,
            ..Options::default()
        };
        check(options, async |tab, _| {
            tab.open("?backend=flex&model=mnist-2d&tab=explore&pins=-2,0;0,1&z=2,-2").await?;
            wait_for_digit(tab).await?;
            let found = tab
                .until("the pins have markers", async || {
                    let found = markers(tab).await?;
                    Ok((found.len() == 2).then_some(found))
                })
                .await?;
            let expected = [("A".to_owned(), -2.0, 0.0), ("B".to_owned(), 0.0, -1.0)];
            ensure!(found == expected, "{found:?}");

            // The spherical path: half way it is turned by 45° and has norm 1.5. The linear one is straight.
            tab.click("walk-loop").await?;
            let sphere = on_path(tab, ".walk-path .chosen", &[0.0, 1.0]).await?;
            ensure!(close(sphere[0], [-2.0, 0.0]) && close(sphere[1], [0.0, -1.0]), "{sphere:?}");
            let diagonal = 1.5 * std::f64::consts::FRAC_1_SQRT_2;
            let near = tab
                .script(
                    "const path = document.querySelector('.walk-path .chosen');
                    const points = [...Array(101).keys()]
                        .map((k) => path.getPointAtLength(path.getTotalLength() * k / 100));
                    return Math.min(...points.map(({ x, y }) => Math.hypot(x + arguments[0], y + arguments[0])));",
                    vec![json!(diagonal)],
                )
                .await?;
            ensure!(near.as_f64().is_some_and(|near| near < 0.03), "{near}");
            let line = on_path(tab, ".walk-path .other", &[0.5]).await?;
            ensure!(close(line[0], [-1.0, -0.5]), "{line:?}");

            // The chosen kind is the solid one.
            tab.set_value("walk-way", "line").await?;
            tab.until("the solid path is straight", async || {
                let line = on_path(tab, ".walk-path .chosen", &[0.5]).await?;
                Ok(close(line[0], [-1.0, -0.5]).then_some(()))
            })
            .await?;

            tab.click("pin-remove-0").await?;
            tab.until("one marker is left, without a path", async || {
                let path = "return document.querySelector('.walk-path .chosen').getAttribute('d');";
                let path = tab.script(path, vec![]).await?;
                Ok((markers(tab).await?.len() == 1 && path == json!("")).then_some(()))
            })
            .await
        })
        .await;
    }
}

#[tokio::test]
async fn pins_of_a_slice_are_projected_onto_it() {
    check(Options::default(), async |tab, _| {
        tab.open("?backend=flex&model=mnist-16d&tab=explore&axes=7,4")
            .await?;
        tab.click("reset-z").await?;
        wait_for_digit(tab).await?;
        tab.set_z(6, 1.5).await?;
        tab.set_z(3, -1.0).await?;
        tab.click("pin-add").await?;
        tab.until("the pin has a marker at its projection", async || {
            Ok((markers(tab).await? == [("A".to_owned(), 1.5, 1.0)]).then_some(()))
        })
        .await?;
        let is_projected = "return !!document.querySelector('.pin-marker.projected');";
        ensure!(
            tab.script(is_projected, vec![]).await? == json!(false),
            "it is on the plane"
        );
        // Another dimension moves the plane away from it.
        tab.set_z(8, 2.0).await?;
        tab.until_script("it is only projected", is_projected)
            .await?;
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn latent_arithmetic_is_a_parallelogram_with_a_preview() {
    for device in [Device::Desktop, Device::Phone] {
        let options = Options {
            device,
            ..Options::default()
        };
        check(options, async |tab, _| {
            tab.open("?backend=flex&model=mnist-2d&tab=explore&pins=1,2;0.5,0.5;-1,0&z=0,0").await?;
            wait_for_digit(tab).await?;
            let shape = "[data-testid='arithmetic-shape']";
            ensure!(!tab.visible("arithmetic-shape").await?, "nothing is drawn before it is used");
            // The images of A, B, C and of the result, before z moves.
            let weights = dist().join("weights");
            let images = [
                (".latent-arithmetic .operand:nth-of-type(1) canvas", [1.0, 2.0]),
                ("[data-testid='arithmetic-preview'] canvas", [-0.5, 1.5]),
            ];
            for (canvas, z) in images {
                let expected = native_decode(&weights, "mnist-2d", &z)?;
                tab.until(format!("{canvas} shows {z:?}"), async || {
                    let found = tab.canvas_pixels(canvas, [0, 0]).await?;
                    let differs = |found: &Vec<u8>| found.iter().zip(&expected).any(|(a, b)| a.abs_diff(*b) > 2);
                    Ok(found.filter(|found| !differs(found)))
                })
                .await?;
            }
            ensure!(tab.z().await? == [0.0, 0.0], "z has not moved");

            tab.set_value("arithmetic-2", "2").await?;
            tab.until("the parallelogram is drawn", async || {
                Ok(tab.visible("arithmetic-shape").await?.then_some(()))
            })
            .await?;
            let corners = tab
                .script(
                    "const d = document.querySelector(`${arguments[0]} .sides`).getAttribute('d');
                    return d.slice(1, -1).split('L').map((corner) => corner.split(' ').map(Number));",
                    vec![json!(shape)],
                )
                .await?;
            let corners: Vec<[f64; 2]> = serde_json::from_value(corners)?;
            let expected = [[1.0, -2.0], [0.5, -0.5], [-1.0, 0.0], [-0.5, -1.5]];
            ensure!(corners == expected, "A, B, C and A − B + C: {corners:?}");

            tab.click("arithmetic-go").await?;
            tab.until("z is A − B + C", async || {
                Ok((tab.z().await? == [-0.5, 1.5]).then_some(()))
            })
            .await?;
            tab.click("arithmetic-on-map").await?;
            tab.until("it is no longer drawn", async || {
                Ok((!tab.visible("arithmetic-shape").await?).then_some(()))
            })
            .await
        })
        .await;
    }
}

#[tokio::test]
async fn random_walk_is_drawn_while_z_follows_it() {
    check(Options::default(), async |tab, _| {
        tab.open("?backend=flex&model=mnist-2d&tab=explore&z=1,0")
            .await?;
        wait_for_digit(tab).await?;
        let path = async || -> Result<String> {
            let script = "return document.querySelector('.walk-path .chosen').getAttribute('d');";
            let path = tab.script(script, vec![]).await?;
            Ok(path.as_str().context("path data")?.to_owned())
        };
        ensure!(path().await?.is_empty(), "no path without pins");
        tab.click("walk-random").await?;
        let drawn = tab
            .until("the path is drawn", async || {
                let path = path().await?;
                Ok((!path.is_empty()).then_some(path))
            })
            .await?;
        ensure!(drawn.starts_with("M1.000 0.000"), "it starts at z: {drawn}");
        tab.click("walk").await?;
        tab.until("it is removed with the walk", async || {
            Ok(path().await?.is_empty().then_some(()))
        })
        .await
    })
    .await;
}
