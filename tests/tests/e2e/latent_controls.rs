//! The controls of z: sliders, the plane and number fields, by keyboard, mouse and touch.

use crate::{CALM, ensure_same, wait_for_digit};
use anyhow::{Result, ensure};
use fantoccini::key::Key;
use std::time::Duration;
use tests::browser::{Device, Options, Tab, check, log_line};

const STEP: Duration = Duration::from_millis(30);

#[tokio::test]
async fn slider_changes_the_image() {
    check(Options::default(), async |tab, _| {
        tab.open("?backend=flex&model=mnist-2d").await?;
        let before = wait_for_digit(tab).await?;
        tab.set_z(0, 2.0).await?;
        let moved = tab.changed_pixels(&before).await?;
        let moved = {
            let settled = tab.settled_pixels(CALM).await?;
            log_line(format!(
                "first change differs from the last: {}",
                moved != settled
            ));
            settled
        };
        tab.set_z(0, -2.0).await?;
        tab.changed_pixels(&moved).await?;
        tab.settled_pixels(CALM).await?;
        tab.set_z(0, 2.0).await?;
        tab.until("the image for the earlier z is back", async || {
            Ok((tab.pixels().await?.as_ref() == Some(&moved)).then_some(()))
        })
        .await
    })
    .await;
}

#[tokio::test]
async fn slider_moves_by_arrow_keys() {
    check(Options::default(), async |tab, _| {
        tab.open("?backend=flex&model=mnist-2d").await?;
        let before = wait_for_digit(tab).await?;
        let from = tab.z().await?[0];
        tab.press("z-0", Key::Right, 5).await?;
        tab.changed_pixels(&before).await?;
        let to = tab.z().await?[0];
        log_line(format!("five presses of → took z-0 from {from} to {to}"));
        ensure!(to > from, "→ did not raise z-0: {from} to {to}");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn slider_moves_by_mouse() {
    check(Options::default(), async |tab, _| {
        tab.open("?backend=flex&model=mnist-2d").await?;
        let before = wait_for_digit(tab).await?;
        tab.set_z(0, 0.0).await?;
        let way: Vec<_> = (0..=20).map(|i| (0.5 + 0.02 * f64::from(i), 0.5)).collect();
        tab.drag_in("z-0", &way, STEP).await?;
        tab.changed_pixels(&before).await?;
        let z = tab.z().await?[0];
        log_line(format!("dragged z-0 from 0 to {z}"));
        ensure!((1.8..=3.0).contains(&z), "z-0 is {z} where the drag ended");
        Ok(())
    })
    .await;
}

/// Drags on the plane from its middle to the upper right, and checks that z and the image follow.
async fn drag_plane(tab: &Tab) -> Result<()> {
    tab.open("?backend=flex&model=mnist-2d").await?;
    let before = wait_for_digit(tab).await?;
    let way: Vec<_> = (0..=10)
        .map(|i| (0.5 + 0.025 * f64::from(i), 0.5 - 0.025 * f64::from(i)))
        .collect();
    tab.drag_in("latent-plane", &way, STEP).await?;
    tab.changed_pixels(&before).await?;
    let z = tab.z().await?;
    log_line(format!("dragged on the plane to z {z:?}"));
    ensure!(z.len() == 2, "a plane has two dimensions, not {}", z.len());
    ensure!(
        (0.8..=2.2).contains(&z[0]) && (0.8..=2.2).contains(&z[1]),
        "three quarters to the right and a quarter from the top is about (1.5, 1.5), not {z:?}"
    );
    Ok(())
}

#[tokio::test]
async fn plane_moves_z_by_mouse() {
    check(Options::default(), async |tab, _| drag_plane(tab).await).await;
}

#[tokio::test]
async fn plane_moves_z_by_touch_without_scrolling() {
    let options = Options {
        device: Device::Phone,
        ..Options::default()
    };
    check(options, async |tab, _| {
        drag_plane(tab).await?;
        let scrolled = tab.script("return [scrollX, scrollY]", vec![]).await?;
        log_line(format!("page scrolled to {scrolled}"));
        // A drag straight down would scroll the page if the plane did not prevent it.
        tab.scroll_to("latent-plane").await?;
        let before = tab.script("return scrollY", vec![]).await?;
        let way: Vec<_> = (0..=10).map(|i| (0.5, 0.3 + 0.05 * f64::from(i))).collect();
        tab.drag_in("latent-plane", &way, STEP).await?;
        let after = tab.script("return scrollY", vec![]).await?;
        ensure!(
            before == after,
            "a drag on the plane scrolled the page: {before} to {after}"
        );
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn plane_moves_z_by_arrow_keys() {
    check(Options::default(), async |tab, _| {
        tab.open("?backend=flex&model=mnist-2d").await?;
        let before = wait_for_digit(tab).await?;
        let from = tab.z().await?;
        tab.press("latent-plane", Key::Right, 4).await?;
        tab.press("latent-plane", Key::Up, 4).await?;
        tab.changed_pixels(&before).await?;
        let to = tab.z().await?;
        log_line(format!("→ and ↑, four times each: z {from:?} to {to:?}"));
        ensure!(
            to[0] > from[0] && to[1] > from[1],
            "→ raises z-0 and ↑ raises z-1: {from:?} to {to:?}"
        );
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn latent_buttons_sample_and_reset() {
    check(Options::default(), async |tab, _| {
        tab.open("?backend=flex&model=mnist-2d").await?;
        wait_for_digit(tab).await?;
        tab.click("reset-z").await?;
        tab.until("all sliders are at 0", async || {
            Ok(tab.z().await?.iter().all(|&z| z == 0.0).then_some(()))
        })
        .await?;
        let mean = tab.settled_pixels(CALM).await?;
        let mut seen = Vec::new();
        let mut last = mean.clone();
        for _ in 0..3 {
            tab.click("sample-prior").await?;
            last = tab.changed_pixels(&last).await?;
            let z = tab.z().await?;
            ensure!(!seen.contains(&z), "the same sample twice: {z:?}");
            seen.push(z);
        }
        log_line(format!("three samples of the prior: {seen:?}"));
        tab.click("reset-z").await?;
        tab.changed_pixels(&last).await?;
        let again = tab.settled_pixels(CALM).await?;
        ensure_same("z = 0 before and after", &mean, &again)
    })
    .await;
}

#[tokio::test]
async fn number_field_accepts_numbers_and_rejects_other_text() {
    check(Options::default(), async |tab, _| {
        tab.open("?backend=flex&model=mnist-2d").await?;
        wait_for_digit(tab).await?;
        // The number field is found as the first other input near z-0.
        let mark = "const z = document.querySelector(`[data-testid='z-0']`);
            for (let e = z.parentElement; e && e !== document.body; e = e.parentElement) {
                const n = e.querySelector(\"input:not([type='range'])\");
                if (n) { n.dataset.testid ||= 'number-of-z-0'; return n.dataset.testid; }
            }
            return null;";
        let field = tab.script(mark, vec![]).await?;
        let Some(field) = field.as_str() else {
            anyhow::bail!("z-0 has no field to type a number into");
        };
        let enter = async |text: &str| -> Result<f32> {
            // Clears the field, for the case that nothing is typed.
            tab.press(field, Key::Delete, 1).await?;
            tab.type_text(field, text).await?;
            tab.press(field, Key::Enter, 1).await?;
            tab.script("document.activeElement.blur()", vec![]).await?;
            tab.painted().await?;
            Ok(tab.z().await?[0])
        };
        let z = enter("1.25").await?;
        ensure!((z - 1.25).abs() < 0.011, "1.25 was typed, z-0 is {z}");
        for nonsense in ["", "abc", "1e999", "NaN", "--1"] {
            let kept = enter(nonsense).await?;
            ensure!(kept == z, "{nonsense:?} changed z-0 from {z} to {kept}");
            let shown = tab.value(field).await?;
            log_line(format!(
                "{nonsense:?}: z-0 stays {kept}, the field shows {shown:?}"
            ));
        }
        // A number out of range is clamped, and the page reports it.
        for (far, held, end) in [("40", "6.00", 3.0), ("−7,5", "−6.00", -3.0)] {
            let at = enter(far).await?;
            let shown = tab.value(field).await?;
            ensure!(at == end, "the slider is at its end for {far}, not at {at}");
            ensure!(shown == held, "{far} is shown as {shown}, not {held}");
            let says = tab.until_script(
                "it is said",
                "return document.querySelector('#z-0-problem').textContent",
            );
            let says = says.await?;
            log_line(format!("{far}: {says}"));
            ensure!(
                says.as_str().is_some_and(|says| says.contains(held)),
                "{says}"
            );
            // The address follows a moment later: browsers limit how often it may change.
            let wanted = held.replace('−', "-").replace(".00", "");
            let wanted = format!("z={wanted},");
            tab.until(format!("the address contains {wanted}"), async || {
                Ok(tab.url().await?.contains(&wanted).then_some(()))
            })
            .await?;
        }
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn decoding_shows_the_newest_z() {
    check(Options::default(), async |tab, _| {
        tab.open("?backend=flex&model=mnist-2d").await?;
        wait_for_digit(tab).await?;
        tab.set_z(0, 1.5).await?;
        let wanted = tab.settled_pixels(CALM).await?;
        let flood = "const e = document.querySelector(`[data-testid='z-0']`);
            const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set;
            for (let i = 0; i < 500; i++) {
                set.call(e, i === 499 ? 1.5 : Math.sin(i) * 3);
                e.dispatchEvent(new Event('input', { bubbles: true }));
            }";
        tab.script(flood, vec![]).await?;
        let shown = tab.settled_pixels(CALM).await?;
        ensure_same("after 500 moves in one go", &wanted, &shown)
    })
    .await;
}
